import { jetstream } from '@nats-io/jetstream';
import { createUser } from '@nats-io/nkeys';
import { connect, jwtAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import { uuidToSuffix, uuidv7 } from '@signalbox/proto';
import { agentSubjects } from '@signalbox/proto/subjects';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestBus, type TestBus } from '../../test/bus.ts';
import { createTestDatabase, type TestDatabase } from '../../test/database.ts';
import { createTestWorkspace } from '../../test/workspaces.ts';
import { type Bus, openBus } from './bus.ts';
import { type Db, openDb } from './db.ts';
import { openLog } from './log.ts';
import { type NatsAccounts, openNatsAccounts } from './nats-accounts.ts';
import { sealOf } from './seal.ts';

type Agent = {
  suffix: string;
  pool: string;
  poolId: string;
  agentId: string;
  workspaceId: string;
  publicKey: string;
  nc: NatsConnection;
  refusals: string[];
};

let server: TestBus;
let database: TestDatabase;
let db: Db;
let accounts: NatsAccounts;
let bus: Bus;
let a: Agent;
let neighbour: Agent;
let b: Agent;

beforeAll(async () => {
  [server, database] = await Promise.all([startTestBus(), createTestDatabase()]);
  db = openDb({ url: database.url, maxConnections: 2 });
  const deps = { url: server.url, trust: server.trust, log: openLog('silent', 'test') };
  accounts = await openNatsAccounts({ ...deps, seal: sealOf('s'.repeat(32)), db: db.system });
  bus = await openBus({ ...deps, accounts });
  bus.serve('claim', async (from) => from);
  const [workspaceA, workspaceB] = [await createTestWorkspace(db), await createTestWorkspace(db)];
  a = await enrol(workspaceA);
  neighbour = await enrol(workspaceA);
  b = await enrol(workspaceB);
});

afterAll(async () => {
  await Promise.all([a, neighbour, b].map((agent) => agent?.nc.close()));
  await bus?.close();
  await accounts?.close();
  await db?.close();
  await database?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});

async function enrol(workspaceId: string): Promise<Agent> {
  const [agentId, poolId, key] = [uuidv7(Date.now()), uuidv7(Date.now()), createUser()];
  const { jwt } = await accounts.issueAgentJwt({ workspaceId, agentId, poolId, publicKey: key.getPublicKey() });
  const suffix = uuidToSuffix(agentId);
  const nc = await connect({
    servers: server.url,
    authenticator: jwtAuthenticator(jwt, key.getSeed()),
    inboxPrefix: agentSubjects.inboxPrefix(suffix),
    ignoreAuthErrorAbort: true,
  });
  const refusals: string[] = [];
  void (async () => {
    for await (const status of nc.status()) if (status.type === 'error') refusals.push(String(status.error));
  })();
  await bus.ensurePoolConsumer(workspaceId, poolId);
  return { suffix, pool: uuidToSuffix(poolId), poolId, agentId, workspaceId, publicKey: key.getPublicKey(), nc, refusals };
}

async function refused(agent: Agent, attempt: () => void): Promise<string> {
  const before = agent.refusals.length;
  attempt();
  await agent.nc.flush();
  await expect.poll(() => agent.refusals.length).toBeGreaterThan(before);
  return agent.refusals.slice(before).join('; ');
}

describe('an agent', () => {
  test('is who the server says it is', async () => {
    const reply = await a.nc.request(agentSubjects.request(a.suffix, 'claim'), '{}', { timeout: 2_000 });
    expect(reply.json()).toEqual({ ok: { workspaceId: a.workspaceId, agentId: a.agentId, account: expect.stringMatching(/^A/) } });
  });

  test('pulls and acknowledges the offers of its pool', async () => {
    await bus.publishOffer({ workspaceId: a.workspaceId, poolId: a.poolId, messageId: 'one' });
    const consumer = await jetstream(a.nc, { apiPrefix: agentSubjects.jetstreamApiPrefix }).consumers.get('D0', a.pool);
    const offer = await consumer.next({ expires: 5_000 });
    expect(offer?.json()).toEqual({ v: 1, pool: a.pool });
    expect(await offer?.ackAck()).toBe(true);
  });

  test('hears its own commands', async () => {
    const heard = new Promise<string>((resolve) => {
      a.nc.subscribe(agentSubjects.commands(a.suffix), { callback: (_error, message) => resolve(message.subject) });
    });
    await a.nc.flush();
    await bus.command(a.workspaceId, a.agentId, 'drain', { v: 1 });
    expect(await heard).toBe(`cmd.${a.suffix}.drain`);
  });
});

describe('an agent may not', () => {
  const subscriptions: [string, () => string][] = [
    ['everything', () => '>'],
    ['all inboxes', () => '_INBOX.>'],
    ["its neighbour's inbox", () => `_INBOX.${neighbour.suffix}.>`],
    ["a stranger's inbox", () => `_INBOX.${b.suffix}.>`],
    ["its neighbour's commands", () => `cmd.${neighbour.suffix}.>`],
    ["a stranger's commands", () => `cmd.${b.suffix}.>`],
    ['all commands', () => 'cmd.>'],
    ['requests', () => 'rt.>'],
    ['offers', () => 'd.>'],
    ['live updates', () => 'int.>'],
    ['the system', () => '$SYS.>'],
  ];
  test.each(subscriptions)('subscribe to %s', async (_name, subject) => {
    expect(await refused(a, () => void a.nc.subscribe(subject(), { callback: () => {} }))).toMatch(/permissions violation/i);
  });

  const publications: [string, () => string][] = [
    ['a claim as its neighbour', () => agentSubjects.request(neighbour.suffix, 'claim')],
    ['a claim as a stranger', () => agentSubjects.request(b.suffix, 'claim')],
    ['into a platform subject', () => `rt.${'A'.repeat(56)}.${b.suffix}.claim`],
    ['a command to its neighbour', () => `cmd.${neighbour.suffix}.cancel`],
    ["into its neighbour's inbox", () => `_INBOX.${neighbour.suffix}.x`],
    ["into a stranger's inbox", () => `_INBOX.${b.suffix}.x`],
    ['an offer', () => `d.0.${'A'.repeat(56)}.${a.pool}`],
    ['a nudge', () => `int.nudge.${a.pool}`],
    ["a pull of a stranger's offers", () => `RUNS.API.CONSUMER.MSG.NEXT.D0.${b.pool}`],
    ["a look at a stranger's consumer", () => `RUNS.API.CONSUMER.INFO.D0.${b.pool}`],
    ["an acknowledgement of a stranger's offer", () => `$JS.ACK.D0.${b.pool}.1.1.1.1.1`],
    ['the deletion of a stream', () => '$JS.API.STREAM.DELETE.D0'],
    ['the purge of a stream', () => 'RUNS.API.STREAM.PURGE.D0'],
    ['a new consumer', () => `RUNS.API.CONSUMER.DURABLE.CREATE.D0.x`],
    ['a change of accounts', () => '$SYS.REQ.CLAIMS.UPDATE'],
  ];
  test.each(publications)('publish %s', async (_name, subject) => {
    expect(await refused(a, () => a.nc.publish(subject(), '{}'))).toMatch(/permissions violation/i);
  });
});

test('a revoked agent is out within seconds, and that is told; its neighbour stays', async () => {
  const gone: string[] = [];
  accounts.onAgentGone((agent) => void gone.push(agent));
  await accounts.revokeAgent(b.workspaceId, b.publicKey);
  await expect.poll(() => b.refusals.join(), { timeout: 5_000 }).toMatch(/revoked/i);
  await expect.poll(() => gone, { timeout: 5_000 }).toContain(b.suffix);
  expect(gone).not.toContain(a.suffix);
  await expect(a.nc.request(agentSubjects.request(a.suffix, 'claim'), '{}', { timeout: 2_000 })).resolves.toBeTruthy();
});

test('a server that lost its disk is given accounts, streams and consumers again', async () => {
  await server.kill();
  server.wipe();
  await server.restart();
  await expect
    .poll(
      () =>
        bus.prove().then(
          () => true,
          () => false,
        ),
      { timeout: 10_000 },
    )
    .toBe(true);
  await expect
    .poll(
      () =>
        a.nc.request(agentSubjects.request(a.suffix, 'claim'), '{}', { timeout: 500 }).then(
          () => true,
          () => false,
        ),
      { timeout: 15_000 },
    )
    .toBe(true);
  // What an agent's next hello does.
  await bus.ensurePoolConsumer(a.workspaceId, a.poolId);
  await bus.publishOffer({ workspaceId: a.workspaceId, poolId: a.poolId, messageId: 'two' });
  const consumer = await jetstream(a.nc, { apiPrefix: agentSubjects.jetstreamApiPrefix }).consumers.get('D0', a.pool);
  expect((await consumer.next({ expires: 5_000 }))?.json()).toEqual({ v: 1, pool: a.pool });
});

/**
 * Every NATS subject, as an agent: its own, its neighbour's in the same workspace, another workspace's, the platform's; and
 * as nobody. A subject that `proto/src/subjects.ts` gains is asked here without a line.
 */
import { createUser } from '@nats-io/nkeys';
import { connect, jwtAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import { uuidToSuffix, uuidv7 } from '@signalbox/proto';
import { AGENT_VERBS, agentSubjects, COMMAND_VERBS, platformSubjects } from '@signalbox/proto/subjects';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestBus, type TestBus } from '../test/bus.ts';
import { createTestDatabase, type TestDatabase } from '../test/database.ts';
import { openTally } from '../test/tally.ts';
import { createTestWorkspace } from '../test/workspaces.ts';
import { type Bus, openBus } from './platform/bus.ts';
import { type Db, openDb } from './platform/db.ts';
import { openLog } from './platform/log.ts';
import { type NatsAccounts, openNatsAccounts } from './platform/nats-accounts.ts';
import { sealOf } from './platform/seal.ts';

type Agent = { suffix: string; pool: string; account: string; nc: NatsConnection; refusals: string[] };

const tally = openTally('subjects');
let server: TestBus;
let database: TestDatabase;
let db: Db;
let accounts: NatsAccounts;
let bus: Bus;
let own: Agent;
let neighbour: Agent;
let stranger: Agent;
let workspaces: readonly string[];

beforeAll(async () => {
  [server, database] = await Promise.all([startTestBus(), createTestDatabase()]);
  db = openDb({ url: database.url, maxConnections: 2 });
  const deps = { url: server.url, trust: server.trust, log: openLog('silent', 'test') };
  accounts = await openNatsAccounts({ ...deps, seal: sealOf('s'.repeat(32)), db: db.system });
  bus = await openBus({ ...deps, accounts });
  workspaces = [await createTestWorkspace(db), await createTestWorkspace(db)];
  const [here, elsewhere] = workspaces as [string, string];
  [own, neighbour, stranger] = [await enroll(here), await enroll(here), await enroll(elsewhere)];
});
afterAll(async () => {
  await Promise.all([own, neighbour, stranger].map((agent) => agent?.nc.close()));
  await bus?.close();
  await accounts?.close();
  await db?.close();
  await database?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});

async function enroll(workspaceId: string): Promise<Agent> {
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
  return { suffix, pool: uuidToSuffix(poolId), account: await accounts.ensureAccount(workspaceId), nc, refusals };
}

/** Whether the server refuses the agent's attempt: told before what it answers to a later one that is always refused. */
async function isRefused(agent: Agent, attempt: () => void): Promise<boolean> {
  tally.ask();
  const before = agent.refusals.length;
  attempt();
  const fence = `int.fence.${agent.refusals.length}.${Math.random().toString(36).slice(2)}`;
  agent.nc.publish(fence);
  await agent.nc.flush();
  await expect.poll(() => agent.refusals.slice(before).some((text) => text.includes(fence))).toBe(true);
  return agent.refusals.slice(before).some((text) => !text.includes(fence));
}
const publishes = (subject: string) => isRefused(own, () => own.nc.publish(subject));
const listens = (subject: string) => isRefused(own, () => void own.nc.subscribe(subject, { callback: () => {} }));

describe('an agent', () => {
  test.each(AGENT_VERBS)('asks %s as itself, and as nobody else', async (verb) => {
    tally.rule(`request ${verb}`);
    expect(await publishes(agentSubjects.request(own.suffix, verb))).toBe(false);
    for (const other of [neighbour, stranger]) expect(await publishes(agentSubjects.request(other.suffix, verb))).toBe(true);
    for (const other of [own, neighbour, stranger])
      expect(await publishes(`rt.${other.account}.${other.suffix}.${verb}`), 'in the name of an account').toBe(true);
    expect(await listens(`rt.*.${verb}`)).toBe(true);
    expect(await listens(platformSubjects.requests(verb))).toBe(true);
  });

  test.each(COMMAND_VERBS)('gives nobody the command %s, and hears its own alone', async (verb) => {
    tally.rule(`command ${verb}`);
    for (const agent of [own, neighbour, stranger]) {
      expect(await publishes(`cmd.${agent.suffix}.${verb}`)).toBe(true);
      expect(await publishes(platformSubjects.command(agent.account, agent.suffix, verb))).toBe(true);
    }
    expect(await listens(`cmd.${own.suffix}.${verb}`)).toBe(false);
    for (const other of [neighbour, stranger]) expect(await listens(`cmd.${other.suffix}.${verb}`)).toBe(true);
  });

  test('reads and writes nothing of the platform: offers, nudges, live events, proofs, everything', async () => {
    const subjects = [
      ...[own, neighbour, stranger].flatMap((agent) => [
        platformSubjects.offer(0, agent.account, agent.pool),
        platformSubjects.nudge(agent.pool),
      ]),
      ...workspaces.map((id) => platformSubjects.live(uuidToSuffix(id))),
      platformSubjects.lives,
      platformSubjects.oneLive,
      platformSubjects.offers(0),
      platformSubjects.nudges,
      platformSubjects.proof(own.suffix),
      platformSubjects.commandToAll(own.account),
      '$SYS.>',
      '>',
    ];
    for (const subject of subjects) {
      tally.rule(`platform ${subject.split('.').slice(0, 2).join('.')}`);
      if (!/[*>]/.test(subject)) expect(await publishes(subject), subject).toBe(true);
      expect(await listens(subject), subject).toBe(true);
    }
  });

  test('hears answers to itself alone', async () => {
    tally.rule('inbox');
    expect(await listens(`${agentSubjects.inboxPrefix(own.suffix)}.x`)).toBe(false);
    for (const other of [neighbour, stranger]) expect(await listens(`${agentSubjects.inboxPrefix(other.suffix)}.>`)).toBe(true);
    expect(await listens('_INBOX.>')).toBe(true);
  });
});

test('nobody connects without a credential, nor with one that another operator signed', async () => {
  tally.rule('connect');
  tally.ask();
  await expect(connect({ servers: server.url, reconnect: false, maxReconnectAttempts: 0 })).rejects.toThrow();
});

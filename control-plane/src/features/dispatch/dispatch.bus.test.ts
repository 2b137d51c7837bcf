/** One run's way to its agent over real NATS and Postgres: hello, offer, claim, permit, cancel. */
import { randomUUID } from 'node:crypto';
import { jetstream } from '@nats-io/jetstream';
import { createUser } from '@nats-io/nkeys';
import { connect, errors, jwtAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import { toId, uuidToSuffix } from '@signalbox/proto';
import { claimReplySchema, helloReplySchema, permitReplySchema, type RunEpoch } from '@signalbox/proto/messages';
import { type AgentVerb, agentSubjects } from '@signalbox/proto/subjects';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestBus, type TestBus } from '../../../test/bus.ts';
import { createTestDatabase, type TestDatabase } from '../../../test/database.ts';
import { createDispatchCtx, createYard, type Yard } from '../../../test/dispatch.ts';
import { type Bus, openBus } from '../../platform/bus.ts';
import { type Db, openDb } from '../../platform/db.ts';
import { openLog } from '../../platform/log.ts';
import type { Loop } from '../../platform/loop.ts';
import { type NatsAccounts, openNatsAccounts } from '../../platform/nats-accounts.ts';
import { sealOf } from '../../platform/seal.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import { serveLeases } from '../leases/index.ts';
import { afterCommit, type DispatchCtx, effectsOfInsert, insertRuns, serveDispatch, startOfferLoops, transitionRun } from './index.ts';

let server: TestBus;
let database: TestDatabase;
let db: Db;
let accounts: NatsAccounts;
let bus: Bus;
let ctx: DispatchCtx;
let yard: Yard;
let agentId: string;
let nc: NatsConnection;
let loops: Loop[];
let isRenewalWanted = false;

beforeAll(async () => {
  [server, database] = await Promise.all([startTestBus(), createTestDatabase()]);
  db = openDb({ url: database.url, maxConnections: 4 });
  const deps = { url: server.url, trust: server.trust, log: openLog('silent', 'test') };
  accounts = await openNatsAccounts({ ...deps, seal: sealOf('s'.repeat(32)), db: db.system });
  bus = await openBus({ ...deps, accounts });
  ctx = { ...createDispatchCtx(db), bus };
  yard = await createYard(db);
  agentId = await yard.addAgent();
  const key = createUser();
  const { jwt } = await accounts.issueAgentJwt({
    workspaceId: yard.workspaceId,
    agentId,
    poolId: yard.poolId,
    publicKey: key.getPublicKey(),
  });
  nc = await connect({
    servers: server.url,
    authenticator: jwtAuthenticator(jwt, key.getSeed()),
    inboxPrefix: agentSubjects.inboxPrefix(uuidToSuffix(agentId)),
  });
  serveLeases(ctx);
  serveDispatch(ctx, async () => isRenewalWanted);
  loops = startOfferLoops(ctx);
});
afterAll(async () => {
  await Promise.all((loops ?? []).map((loop) => loop.stop()));
  await nc?.close();
  await bus?.close();
  await accounts?.close();
  await db?.close();
  await database?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});

async function ask(verb: AgentVerb, body: object): Promise<{ ok?: unknown; error?: { code: string; message: string } }> {
  const reply = await nc.request(agentSubjects.request(uuidToSuffix(agentId), verb), JSON.stringify({ v: 1, ...body }), { timeout: 5_000 });
  return reply.json();
}
/** As an agent does: said again until it is heard, since who serves a new account may not be known to it yet. */
async function sayHello(): Promise<ReturnType<typeof helloReplySchema.parse>> {
  for (;;) {
    const reply = await ask('hello', hello).catch((error: unknown) => {
      if (!(error instanceof errors.TimeoutError)) throw error;
    });
    if (reply) return helloReplySchema.parse(reply.ok);
  }
}
const hello = {
  protocol: { min: 1, max: 1 },
  agentVersion: '0.1.0',
  slots: 4,
  maxProcesses: 8,
  launchers: ['process'],
  spoolId: randomUUID(),
  holding: [],
  host: { hostname: 'h', os: 'linux', arch: 'x64', cpus: 2, memoryBytes: 1, nodeVersion: '24' },
  clock: new Date().toISOString(),
};

describe('one run', () => {
  test('is offered, claimed, permitted, and cancelled at its agent', async () => {
    const welcome = await sayHello();
    const { session, offers } = welcome;
    const commands = nc.subscribe(agentSubjects.commands(uuidToSuffix(agentId)), { max: 1 });

    // As an agent does: waits for a doorbell while the run is made.
    const js = jetstream(nc, { apiPrefix: agentSubjects.jetstreamApiPrefix });
    const consumer = js.consumers.getConsumerFromInfo({
      stream_name: offers.stream,
      name: offers.consumer,
      config: { ack_policy: 'explicit' },
    } as never);
    const doorbell = consumer.next({ expires: 10_000 });
    const deploymentId = await yard.addDeployment();
    const [made] = await db.inWorkspace(yard.workspaceId, (tx) =>
      insertRuns(sqlOfTx(tx), [
        {
          workspaceId: yard.workspaceId,
          deploymentId,
          name: 'one',
          parameters: { encoding: 'json', body: { year: 2012 } },
          createdBy: 'api',
        },
      ]),
    );
    // The replica holds its shards from its first turns on.
    await expect.poll(async () => (await db.systemSql.query(`SELECT 1 FROM shard_lease WHERE loop = 'offers'`)).rowCount).toBe(4);
    await afterCommit(ctx, effectsOfInsert(made ? [made] : []));
    const offer = await doorbell;
    expect(offer?.json()).toEqual({ v: 1, pool: uuidToSuffix(yard.poolId) });
    offer?.ack();

    const { runs } = claimReplySchema.parse((await ask('claim', { session, claimId: randomUUID(), free: 4, warm: [] })).ok);
    expect(runs).toMatchObject([
      {
        name: 'one',
        attempt: 1,
        digest: 'd1',
        flow: { name: 'weather' },
        parameters: { body: { year: 2012 } },
        granted: false,
        dueInMs: 0,
      },
    ]);
    const held: RunEpoch = { run: runs[0]?.run ?? toId('run', randomUUID()), epoch: runs[0]?.epoch ?? 0 };
    expect(permitReplySchema.parse((await ask('permit', { session, requestId: randomUUID(), ...held })).ok)).toMatchObject({
      answer: 'granted',
    });

    const { effects } = await db.inWorkspace(yard.workspaceId, (tx) =>
      transitionRun(sqlOfTx(tx), { runId: made?.id ?? '', intent: { kind: 'cancel', by: 'Ada' } }),
    );
    await afterCommit(ctx, effects);
    for await (const command of commands)
      expect([command.subject.split('.').at(-1), command.json()]).toEqual(['cancel', { v: 1, ...held }]);
  });

  test('an older session is told so, in the words of the contract', async () => {
    expect((await ask('claim', { session: 1, claimId: randomUUID(), free: 1, warm: [] })).error).toMatchObject({
      code: 'PRECONDITION_FAILED',
      message: expect.stringMatching(/^Session 1 of this agent is over: session \d+ is current\. Say hello again\.$/),
    });
  });

  test('a claim that stands without a reply subject is answered by a command', async () => {
    const { session } = await sayHello();
    const commands = nc.subscribe(agentSubjects.commands(uuidToSuffix(agentId)), { max: 1 });
    const claim = { v: 1, session, claimId: randomUUID(), free: 1, warm: [], pool: toId('workPool', yard.poolId), waitMs: 60_000 };
    const renewal = { clock: hello.clock, timeline: 1, status: { free: 1, warm: 0, spoolBytes: 0, draining: false, rssBytes: 1 } };
    isRenewalWanted = true;
    nc.publish(agentSubjects.request(uuidToSuffix(agentId), 'stand'), JSON.stringify({ ...claim, answerTo: 'x', renewal }));
    for await (const command of commands)
      expect([command.subject.split('.').at(-1), command.json()]).toEqual(['answer', { v: 1, answerTo: 'x', ok: { renew: true } }]);
  });

  test('a malformed claim names the field and what was expected', async () => {
    expect((await ask('claim', { session: 2, claimId: randomUUID(), free: 0, warm: [] })).error).toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('free'),
    });
  });
});

/** Requests of agents over real NATS: what was taken is answered, a stop included. */
import { createUser } from '@nats-io/nkeys';
import { connect, jwtAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import { uuidToSuffix } from '@signalbox/proto';
import { agentSubjects } from '@signalbox/proto/subjects';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTestBus, type TestBus } from '../../test/bus.ts';
import { createTestDatabase, type TestDatabase } from '../../test/database.ts';
import { createYard } from '../../test/dispatch.ts';
import { type Bus, openBus } from './bus.ts';
import { type Db, openDb } from './db.ts';
import { openLog } from './log.ts';
import { type NatsAccounts, openNatsAccounts } from './nats-accounts.ts';
import { sealOf } from './seal.ts';

let server: TestBus;
let database: TestDatabase;
let db: Db;
let accounts: NatsAccounts;
let bus: Bus;
let agent: NatsConnection;
let subject: string;

beforeEach(async () => {
  [server, database] = await Promise.all([startTestBus(), createTestDatabase()]);
  db = openDb({ url: database.url, maxConnections: 4 });
  const deps = { url: server.url, trust: server.trust, log: openLog('silent', 'test') };
  accounts = await openNatsAccounts({ ...deps, seal: sealOf('s'.repeat(32)), db: db.system });
  bus = await openBus({ ...deps, accounts });
  const { workspaceId, poolId, addAgent } = await createYard(db);
  const agentId = await addAgent();
  const key = createUser();
  const { jwt } = await accounts.issueAgentJwt({ workspaceId, agentId, poolId, publicKey: key.getPublicKey() });
  const inboxPrefix = agentSubjects.inboxPrefix(uuidToSuffix(agentId));
  agent = await connect({ servers: server.url, authenticator: jwtAuthenticator(jwt, key.getSeed()), inboxPrefix });
  subject = agentSubjects.request(uuidToSuffix(agentId), 'permit');
});
afterEach(async () => {
  await agent?.close();
  await accounts?.close();
  await db?.close();
  await database?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});

test('a request that came before the stop is answered, and none is taken after it', async () => {
  const taken = Promise.withResolvers<void>();
  const work = Promise.withResolvers<string>();
  bus.serve('permit', () => {
    taken.resolve();
    return work.promise;
  });
  // The server knows of the subscription once it answered on the same connection.
  await bus.prove();
  const reply = agent.request(subject, '{}', { timeout: 5_000 });
  await taken.promise;
  const closed = bus.close();
  await expect(agent.request(subject, '{}', { timeout: 500 })).rejects.toThrow();
  work.resolve('granted');
  expect((await reply).json()).toEqual({ ok: 'granted' });
  await closed;
});

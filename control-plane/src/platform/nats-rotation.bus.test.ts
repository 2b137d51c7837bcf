import { createUser } from '@nats-io/nkeys';
import { connect, jwtAuthenticator } from '@nats-io/transport-node';
import { uuidToSuffix, uuidv7 } from '@signalbox/proto';
import { agentSubjects } from '@signalbox/proto/subjects';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestBus, type TestBus } from '../../test/bus.ts';
import { createTestDatabase, type TestDatabase } from '../../test/database.ts';
import { createTestWorkspace } from '../../test/workspaces.ts';
import { type Db, openDb } from './db.ts';
import { type NatsAccounts, openNatsAccounts } from './nats-accounts.ts';
import { sealOf } from './seal.ts';

let server: TestBus;
let database: TestDatabase;
let db: Db;
let accounts: NatsAccounts;
let replica: NatsAccounts;

beforeAll(async () => {
  [server, database] = await Promise.all([startTestBus(), createTestDatabase()]);
  db = openDb({ url: database.url, maxConnections: 2 });
  const deps = { url: server.url, trust: server.trust, seal: sealOf('s'.repeat(32)), db: db.system };
  [accounts, replica] = await Promise.all([openNatsAccounts(deps), openNatsAccounts(deps)]);
});
afterAll(async () => {
  await Promise.all([accounts, replica].map((one) => one?.close()));
  await db?.close();
  await database?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});

async function newAgent() {
  const workspaceId = await createTestWorkspace(db);
  const [agentId, poolId, key] = [uuidv7(Date.now()), uuidv7(Date.now()), createUser()];
  const issue = async (by: NatsAccounts) => (await by.issueAgentJwt({ workspaceId, agentId, poolId, publicKey: key.getPublicKey() })).jwt;
  const dial = (jwt: string, url = server.url) =>
    connect({
      servers: url,
      authenticator: jwtAuthenticator(jwt, key.getSeed()),
      inboxPrefix: agentSubjects.inboxPrefix(uuidToSuffix(agentId)),
      reconnect: false,
    });
  return { workspaceId, issue, dial };
}
const issuerOf = (jwt: string) => (JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()) as { iss: string }).iss;

describe('rotation of a signing key', () => {
  it('interrupts nobody: what the old key signed stays good, and every replica signs with the new one', async () => {
    const agent = await newAgent();
    const old = await agent.issue(replica);
    const connection = await agent.dial(old);
    const { publicKey, retiredUntil } = await accounts.rotateSigningKey(agent.workspaceId, { atOnce: false });
    expect((retiredUntil?.getTime() ?? 0) - Date.now()).toBeGreaterThan(23 * 3_600_000);
    await connection.flush();
    expect(connection.isClosed()).toBe(false);
    await (await agent.dial(old)).close();
    for (const by of [accounts, replica]) {
      const renewed = await agent.issue(by);
      expect(issuerOf(renewed)).toBe(publicKey);
      await (await agent.dial(renewed)).close();
    }
    await connection.close();
  });

  it('is not done twice while credentials of the key before may be about', async () => {
    const agent = await newAgent();
    await accounts.rotateSigningKey(agent.workspaceId, { atOnce: false });
    await expect(accounts.rotateSigningKey(agent.workspaceId, { atOnce: false })).rejects.toThrow('the key was rotated lately');
  });

  it('takes the retired key out of the account once its time is over', async () => {
    const agent = await newAgent();
    const old = await agent.issue(accounts);
    await accounts.rotateSigningKey(agent.workspaceId, { atOnce: false });
    await db.system.natsAccount.update({ where: { workspaceId: agent.workspaceId }, data: { retiredUntil: new Date() } });
    await agent.issue(accounts);
    await expect(agent.dial(old)).rejects.toThrow(/authorization/i);
  });

  it('at once closes the sockets of the old key, and refuses it; other workspaces notice nothing', async () => {
    const [agent, other] = [await newAgent(), await newAgent()];
    const old = await agent.issue(accounts);
    const [connection, untouched] = [await agent.dial(old), await other.dial(await other.issue(accounts))];
    await accounts.rotateSigningKey(agent.workspaceId, { atOnce: true });
    // No error is told on the way: the server hangs up.
    await connection.closed();
    await expect(agent.dial(old)).rejects.toThrow(/authorization/i);
    await (await agent.dial(await agent.issue(accounts))).close();
    await untouched.flush();
    expect(untouched.isClosed()).toBe(false);
    await untouched.close();
  });
});

describe('a new operator', () => {
  it('with new SYS and PLATFORM needs a new start and no enrolment: what agents hold stays good', async () => {
    const agent = await newAgent();
    const held = await agent.issue(accounts);
    // Another server: new trust, an empty folder, the same database.
    await using next = await startTestBus();
    expect(next.trust.operatorJwt).not.toBe(server.trust.operatorJwt);
    await expect(agent.dial(held, next.url)).rejects.toThrow(/authorization/i);
    const under = await openNatsAccounts({ url: next.url, trust: next.trust, seal: sealOf('s'.repeat(32)), db: db.system });
    try {
      await under.pushAll();
      const connection = await agent.dial(held, next.url);
      await connection.flush();
      await connection.close();
    } finally {
      await under.close();
    }
  });
});

describe('the limits of a workspace', () => {
  it('bound subscriptions of an agent and the size of a message', async () => {
    const agent = await newAgent();
    const connection = await agent.dial(await agent.issue(accounts));
    const refused = new Promise<string>((resolve) => {
      void (async () => {
        for await (const status of connection.status()) if (status.type === 'error') resolve(String(status.error));
      })();
    });
    for (let i = 0; i < 70; i++) connection.subscribe('cmd.all', { callback: () => {} });
    await connection.flush().catch(() => {});
    expect(await refused).toMatch(/maximum subscriptions|permissions|subscription/i);
    await connection.close();
    const again = await agent.dial(await agent.issue(accounts));
    expect(again.info?.max_payload).toBeLessThanOrEqual(1_048_576);
    await again.close();
  });
});

it('the server tells its version and listener', () => {
  expect(accounts.server.version).toMatch(/^\d+\.\d+\.\d+/);
  expect(accounts.server.listenHost).toBe('127.0.0.1');
});

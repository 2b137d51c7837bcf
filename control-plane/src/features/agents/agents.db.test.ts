import { createUser as createKey } from '@nats-io/nkeys';
import { toId, toUuid } from '@signalbox/proto';
import type { EnrollReply } from '@signalbox/proto/messages';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestApi, refusal, type Tenant, type TestApi } from '../../../test/api.ts';
import { createYard } from '../../../test/dispatch.ts';
import { renewAgentToken } from './renew-token.ts';

let api: TestApi;
let tenant: Tenant;
let stranger: Tenant;

beforeAll(async () => {
  api = await openTestApi();
  [tenant, stranger] = await Promise.all([api.tenant(), api.tenant()]);
});
afterAll(() => api[Symbol.asyncDispose]());

const newCode = async (own = tenant) => (await own.owner.agents.createJoinCode({ pool: 'local' })).code;
const post = (path: string, body: unknown) =>
  api.app.request(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
const enroll = async (joinCode: string, publicKey = createKey().getPublicKey(), name = 'host') =>
  post('/api/agents/enroll', { joinCode, publicKey, name });
const enrolled = async (...from: Parameters<typeof enroll>) => (await (await enroll(...from)).json()) as EnrollReply;
const BAD_CODE = {
  code: 'UNAUTHENTICATED',
  message: 'The join code is not valid: it may be mistyped, used or expired. Make a new one on the page of the work pool.',
};

describe('a join code', () => {
  it('comes with the exact command, and is stored as a hash', async () => {
    const { code, command, id } = await tenant.owner.agents.createJoinCode({ pool: 'local', expiresInMinutes: 5 });
    expect(command).toBe(`npx --yes --package @signalbox/agent signalbox-agent start --url http://localhost:4200 --join-code ${code}`);
    const { rows } = await api.db.systemSql.query(
      'SELECT join_code::text AS row FROM join_code UNION ALL SELECT audit_entry::text FROM audit_entry',
    );
    expect(JSON.stringify(rows)).not.toContain(code);
    expect(await tenant.audit('agent.create-join-code')).toMatchObject([{ targetId: toUuid('joinCode', id), after: { pool: 'local' } }]);
  });

  it('is made only with the scope, for a pool of the workspace', async () => {
    expect((await refusal(tenant.as('runner').agents.createJoinCode({ pool: 'local' }))).code).toBe('FORBIDDEN');
    expect((await refusal(tenant.owner.agents.createJoinCode({ pool: 'mars' }))).message).toBe('No work pool "mars" in this workspace.');
  });

  it('enrolls one agent, with an audit row', async () => {
    const reply = await enrolled(await newCode(), undefined, 'builder');
    expect(reply).toMatchObject({
      name: 'builder',
      workspace: { slug: tenant.slug },
      pool: { name: 'local' },
      natsUrls: ['nats://127.0.0.1:4222'],
    });
    expect(await tenant.owner.agents.get({ agent: reply.agent })).toMatchObject({
      name: 'builder',
      status: 'offline',
      held: 0,
      lastSeenAt: null,
    });
    expect((await tenant.audit('agent.enroll')).at(-1)).toMatchObject({ after: { name: 'builder', pool: 'local' } });
  });

  it('enrolls more agents at once than there are connections', async () => {
    const codes = await Promise.all(Array.from({ length: 12 }, () => newCode()));
    const answers = await Promise.all(codes.map((code) => enroll(code)));
    expect(answers.map((answer) => answer.status)).toEqual(Array(12).fill(200));
  });

  it('is used once: of two at once one is told, and a stale one too', async () => {
    const code = await newCode();
    const answers = await Promise.all([enroll(code), enroll(code)]);
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 401]);
    const again = await enroll(code);
    expect(await again.json()).toMatchObject(BAD_CODE);
    const expired = await newCode();
    await api.db.systemSql.query('UPDATE join_code SET expires_at = now()');
    expect((await enroll(expired)).status).toBe(401);
    expect((await enroll('sbj_wrong')).status).toBe(401);
  });

  it('answers a repeat with the same key the same agent: the first answer may be lost', async () => {
    const [code, key] = [await newCode(), createKey().getPublicKey()];
    const first = await enrolled(code, key);
    expect((await enrolled(code, key)).agent).toBe(first.agent);
    const other = await enroll(await newCode(), key);
    expect([other.status, await other.json()]).toMatchObject([
      409,
      { message: 'This key is enrolled already. Start the agent without a join code, or with an empty data directory.' },
    ]);
  });

  it('gives a name that is taken a number', async () => {
    const names = [];
    for (let i = 0; i < 3; i++) names.push((await enrolled(await newCode(), undefined, 'twin')).name);
    expect(names).toEqual(['twin', 'twin-2', 'twin-3']);
  });

  it('of a public key that is none names the field', async () => {
    const bad = `U${'A'.repeat(55)}`;
    const response = await enroll(await newCode(), bad);
    expect([response.status, await response.json()]).toMatchObject([400, { issues: [{ field: 'publicKey', received: bad }] }]);
  });
});

describe('token', () => {
  const sign = (key: ReturnType<typeof createKey>, agent: string, nonce: string) =>
    Buffer.from(key.sign(new TextEncoder().encode(`signalbox-token:${agent}:${nonce}`))).toString('base64url');
  const now = () => String(Math.floor(Date.now() / 1000));

  it('is renewed for a signature of the enrolled key, and for nothing else', async () => {
    const key = createKey();
    const { agent } = await enrolled(await newCode(), key.getPublicKey());
    const nonce = now();
    const ask = async (fields: object) =>
      (await post('/api/agents/token', { v: 1, agent, nonce, signature: sign(key, agent, nonce), ...fields })).status;
    expect(await ask({})).toBe(200);
    expect(await ask({ signature: sign(createKey(), agent, nonce) })).toBe(401);
    expect(await ask({ signature: 'short' })).toBe(401);
    const stale = String(Number(nonce) - 301);
    expect(await ask({ nonce: stale, signature: sign(key, agent, stale) })).toBe(400);
    await tenant.owner.agents.revoke({ agent });
    expect(await ask({})).toBe(401);
  });
});

describe('a credential that is being made while its agent is revoked', () => {
  /** The API with a door in front of the signing: what is passed to it happens there. */
  const whileSigning = (happens: () => Promise<unknown>) => {
    const { credentials } = api.services;
    const issueAgentJwt: typeof credentials.issueAgentJwt = async (agent) => {
      await happens();
      return credentials.issueAgentJwt(agent);
    };
    return { ...api.services, credentials: { ...credentials, issueAgentJwt } };
  };

  it('is not given out', async () => {
    const key = createKey();
    const { agent } = await enrolled(await newCode(), key.getPublicKey());
    const nonce = String(Math.floor(Date.now() / 1000));
    const signature = Buffer.from(key.sign(new TextEncoder().encode(`signalbox-token:${agent}:${nonce}`))).toString('base64url');
    const services = whileSigning(() => tenant.owner.agents.revoke({ agent }));
    await expect(renewAgentToken(services, { v: 1, agent, nonce, signature })).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('and signed before the revocation is committed, is refused too: the server is told once more', async () => {
    const key = createKey().getPublicKey();
    const { agent } = await enrolled(await newCode(), key);
    await tenant.owner.agents.revoke({ agent });
    expect(api.sent.revoked.filter((revoked) => revoked === key)).toHaveLength(2);
  });
});

describe('an API key', () => {
  const byKey = (secret: string, body: object) =>
    api.app.request('/api/agents/enroll', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
      body: JSON.stringify({ publicKey: createKey().getPublicKey(), name: 'fleet', ...body }),
    });

  it('that may, enrolls agents of the pool it names, who are listed with who, by what and from where', async () => {
    const { secret } = await tenant.owner.apiKeys.create({ name: 'fleet key', role: 'operator' });
    const publicKey = createKey().getPublicKey();
    const first = (await (await byKey(secret, { pool: 'local', publicKey })).json()) as EnrollReply;
    expect((await byKey(secret, { pool: 'local', publicKey })).status).toBe(200);
    expect(await tenant.owner.agents.get({ agent: first.agent })).toMatchObject({
      enrolled: { via: 'api-key', by: 'fleet key', from: 'unknown' },
    });
    const { agent } = await enrolled(await newCode());
    expect(await tenant.owner.agents.get({ agent })).toMatchObject({ enrolled: { via: 'join-code', by: tenant.ownerEmail } });
  });

  it('without the scope, the pool or a pool of its own is refused', async () => {
    const { secret } = await tenant.owner.apiKeys.create({ name: 'reader', role: 'viewer' });
    const strangers = await stranger.owner.workPools.create({ name: 'theirs' });
    expect((await byKey(secret, { pool: 'local' })).status).toBe(403);
    const { secret: good } = await tenant.owner.apiKeys.create({ name: 'fleet', role: 'operator' });
    expect((await byKey(good, {})).status).toBe(400);
    expect((await byKey(good, { pool: strangers.id })).status).toBe(404);
    expect((await post('/api/agents/enroll', { pool: 'local', publicKey: createKey().getPublicKey(), name: 'x' })).status).toBe(401);
  });
});

describe('a replay', () => {
  it('of a used join code, and of the key of a revoked agent, is told to the security officer', async () => {
    const own = await api.tenant();
    const [code, key] = [await newCode(own), createKey()];
    const { agent } = await enrolled(code, key.getPublicKey());
    expect((await enroll(code)).status).toBe(401);
    await expect.poll(() => own.audit('agent.refuse-join-code')).toMatchObject([{ after: { reason: 'used or expired' } }]);
    await own.owner.agents.revoke({ agent });
    const nonce = String(Math.floor(Date.now() / 1000));
    const signature = Buffer.from(key.sign(new TextEncoder().encode(`signalbox-token:${agent}:${nonce}`))).toString('base64url');
    expect((await post('/api/agents/token', { v: 1, agent, nonce, signature })).status).toBe(401);
    await expect.poll(() => own.audit('agent.refuse-credential')).toMatchObject([{ after: { reason: 'revoked' } }]);
  });

  it('from outside the networks of the organization is no use: neither a fresh code nor a good key', async () => {
    const own = await api.tenant();
    const code = await newCode(own);
    await own.owner.networks.set({ networks: [{ cidr: '192.0.2.0/24' }] });
    expect((await enroll(code)).status).toBe(403);
  });
});

describe('an agent', () => {
  it('in quarantine is given nothing new until it is released, and is shown so', async () => {
    const { agent } = await enrolled(await newCode());
    const row = async () => api.db.system.agent.findUniqueOrThrow({ where: { id: toUuid('agent', agent) } });
    expect((await tenant.owner.agents.quarantine({ agent })).status).toBe('quarantined');
    expect((await row()).drain).toBe(true);
    expect((await refusal(tenant.as('developer').agents.release({ agent }))).code).toBe('FORBIDDEN');
    expect((await refusal(stranger.owner.agents.quarantine({ agent }))).code).toBe('NOT_FOUND');
    expect((await tenant.owner.agents.release({ agent })).status).toBe('offline');
    expect((await row()).drain).toBe(false);
    expect((await refusal(tenant.owner.agents.release({ agent }))).code).toBe('PRECONDITION_FAILED');
    expect(await tenant.audit('agent.quarantine')).toMatchObject([{ after: { status: 'quarantined' } }]);
  });

  it.each(['quarantine', 'revoke'] as const)('by %s loses what it claimed and was not granted, and keeps what it runs', async (verb) => {
    const own = await api.tenant();
    const yard = await createYard(api.db, own.workspaceId);
    const agentId = await yard.addAgent();
    await yard.addRuns(await yard.addDeployment(), 2);
    const [running, claimed] = (await yard.claim(agentId, 2)).runs;
    if (!running || !claimed) throw new Error('two runs should have been claimed');
    expect((await yard.permit(agentId, running)).answer).toBe('granted');
    await own.owner.agents[verb]({ agent: toId('agent', agentId) });
    expect(await yard.permit(agentId, claimed)).toMatchObject({ answer: 'refused' });
    expect(await yard.q('SELECT state_type, agent_id FROM run_dispatch WHERE run_id = $1', [claimed.runId])).toEqual([
      { state_type: 'SCHEDULED', agent_id: null },
    ]);
    expect(await yard.q('SELECT state_type FROM run_dispatch WHERE run_id = $1', [running.runId])).toEqual([{ state_type: 'RUNNING' }]);
    // Another takes it up, under a higher epoch.
    const taken = (await yard.claim(await yard.addAgent(), 1)).runs[0];
    expect(taken?.runId).toBe(claimed.runId);
    expect(Number(taken?.epoch)).toBeGreaterThan(Number(claimed.epoch));
  });

  it('is drained: it is told, and shown so while it is online', async () => {
    const { agent } = await enrolled(await newCode());
    const id = toUuid('agent', agent);
    await api.db.system.agent.update({ where: { id }, data: { leaseUntil: new Date(Date.now() + 3_600_000) } });
    expect((await tenant.owner.agents.get({ agent })).status).toBe('online');
    expect((await tenant.owner.agents.drain({ agent })).status).toBe('draining');
    expect(api.sent.commands).toContainEqual({ agentId: id, verb: 'drain', body: { v: 1 } });
    expect(await tenant.audit('agent.drain')).toMatchObject([{ before: { status: 'online' }, after: { status: 'draining' } }]);
  });

  it('is revoked for good: its credential goes first, and its key enrolls no more', async () => {
    const key = createKey().getPublicKey();
    const { agent } = await enrolled(await newCode(), key);
    expect((await tenant.owner.agents.revoke({ agent })).status).toBe('revoked');
    expect(api.sent.revoked).toContain(key);
    expect((await refusal(tenant.owner.agents.drain({ agent }))).code).toBe('PRECONDITION_FAILED');
    expect((await enroll(await newCode(), key)).status).toBe(403);
    expect(await tenant.audit('agent.revoke')).not.toHaveLength(0);
  });

  it('of a stranger is not found, and is managed only with the scope', async () => {
    const { agent } = await enrolled(await newCode());
    for (const verb of ['get', 'revoke', 'drain'] as const)
      expect((await refusal(stranger.owner.agents[verb]({ agent }))).code, verb).toBe('NOT_FOUND');
    for (const verb of ['revoke', 'drain'] as const)
      expect((await refusal(tenant.as('developer').agents[verb]({ agent }))).code, verb).toBe('FORBIDDEN');
    expect((await stranger.owner.agents.list({})).items).toEqual([]);
  });

  it('is listed by pool, newest first', async () => {
    const own = await api.tenant();
    const [first, second] = [await enrolled(await newCode(own)), await enrolled(await newCode(own))];
    expect((await own.owner.agents.list({ pool: 'local' })).items.map((agent) => agent.id)).toEqual([second.agent, first.agent]);
    expect((await own.owner.agents.list({ pool: 'local', limit: 1 })).nextCursor).toBe(second.agent);
    expect((await refusal(own.owner.agents.list({ pool: 'mars' }))).code).toBe('NOT_FOUND');
  });
});

/**
 * Everything that may be kept by somebody and sent again: a used join code, a revoked agent's signature, a run token of an earlier
 * epoch or of a run that ended, a session after its sign-out, a cookie on another site's page. Refused, and in the audit: one row a
 * minute, however often it is tried.
 */
import { createUser as createNkey } from '@nats-io/nkeys';
import { toId } from '@signalbox/proto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestApi, PASSWORD, type Tenant, type TestApi } from '../test/api.ts';
import { createDispatchCtx, createYard, type Yard } from '../test/dispatch.ts';
import { answerPermit } from './features/dispatch/handler.ts';
import { inTransaction } from './platform/transaction.ts';

const ORIGIN = 'http://localhost:4200';
let api: TestApi;
let tenant: Tenant;
let yard: Yard;

beforeAll(async () => {
  api = await openTestApi({ publicUrl: ORIGIN });
  tenant = await api.tenant();
  yard = await createYard(api.db, tenant.workspaceId);
});
afterAll(() => api[Symbol.asyncDispose]());

const refusals = (action: string) =>
  api.db.systemSql
    .query<{ actor_kind: string; actor_name: string; after: object }>(
      "SELECT actor_kind, actor_name, after FROM audit_entry WHERE organization_id = $1 AND action = $2 AND outcome = 'refused' ORDER BY id",
      [tenant.organizationId, action],
    )
    .then(({ rows }) => rows);
const post = async (path: string, body: unknown, headers: Record<string, string> = {}) =>
  api.app.request(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: ORIGIN, ...headers },
    body: JSON.stringify(body),
  });
/** Three times, each refused alike, and one row. */
async function refusedThrice(action: string, tryIt: () => Promise<Response> | Response, status = 401) {
  for (let i = 0; i < 3; i++) expect((await tryIt()).status).toBe(status);
  await expect.poll(() => refusals(action)).toHaveLength(1);
  return (await refusals(action))[0];
}

describe('an agent', () => {
  const enroll = (joinCode: string) =>
    post('/api/agents/enroll', { v: 1, joinCode, name: 'a', publicKey: createNkey().getPublicKey(), version: '1.0.0', host: {} });

  test('cannot use a join code that another used', async () => {
    const { code } = await tenant.owner.agents.createJoinCode({ pool: 'local' });
    expect((await enroll(code)).status).toBe(200);
    expect(await refusedThrice('agent.refuse-join-code', () => enroll(code))).toMatchObject({ after: { reason: 'used or expired' } });
  });

  test('that was revoked gets no new credential for its key', async () => {
    const key = createNkey();
    const { code } = await tenant.owner.agents.createJoinCode({ pool: 'local' });
    const enrolled = await post('/api/agents/enroll', {
      v: 1,
      joinCode: code,
      name: 'b',
      publicKey: key.getPublicKey(),
      version: '1.0.0',
      host: {},
    });
    const { agent } = (await enrolled.json()) as { agent: string };
    const renew = () => {
      const nonce = String(Math.floor(Date.now() / 1000));
      const signature = Buffer.from(key.sign(new TextEncoder().encode(`signalbox-token:${agent}:${nonce}`))).toString('base64url');
      return post('/api/agents/token', { v: 1, agent, nonce, signature });
    };
    expect((await renew()).status).toBe(200);
    await tenant.owner.agents.revoke({ agent });
    expect(await refusedThrice('agent.refuse-credential', renew)).toMatchObject({ actor_kind: 'agent', after: { reason: 'revoked' } });
  });
});

describe('a run token', () => {
  const ctx = () => createDispatchCtx(api.db);
  const call = (token: string, path = 'variables.list?input=%7B%7D') =>
    api.app.request(`/trpc/${path}`, { headers: { authorization: `Bearer ${token}` } });
  const send = (token: string, path: string, input: unknown) =>
    post(`/trpc/${path}`, input, { authorization: `Bearer ${token}` }).then(async (response) => ({
      status: response.status,
      body: (await response.json()) as { result: { data: { id: string } } },
    }));

  /** Of a run that an agent was granted. */
  async function granted(agentId?: string) {
    const agent = agentId ?? (await yard.addAgent());
    const deploymentId = await yard.addDeployment();
    const [runId = ''] = await yard.addRuns(deploymentId);
    const epochOf = async () => (await yard.claim(agent)).runs.find((run) => run.runId === runId)?.epoch ?? 0;
    const permit = (epoch: number) =>
      answerPermit(
        ctx(),
        { workspaceId: yard.workspaceId, agentId: agent },
        {
          v: 1,
          session: 1,
          requestId: crypto.randomUUID(),
          run: toId('run', runId),
          epoch,
        },
      );
    const epoch = await epochOf();
    const answer = await permit(epoch);
    if (answer.answer !== 'granted' || !answer.token) throw new Error(`not granted: ${answer.answer}`);
    return { agent, deploymentId, runId, epoch, token: answer.token, epochOf, permit };
  }

  test('may what a running flow may, and nothing else', async () => {
    const run = await granted();
    const other = await granted();
    expect((await call(run.token)).status).toBe(200);
    const made = await send(run.token, 'runs.create', { deployment: toId('deployment', other.deploymentId), parameters: {} });
    expect(made.status).toBe(200);
    expect((await send(run.token, 'events.emit', { events: [{ name: 'order.paid', payload: {}, resource: { id: 'o' } }] })).status).toBe(
      200,
    );
    // Runs of its own deployment, and of no other.
    const get = (id: string) => call(run.token, `runs.get?input=${encodeURIComponent(JSON.stringify({ run: toId('run', id) }))}`);
    expect((await get(run.runId)).status).toBe(200);
    expect((await get(other.runId)).status).toBe(404);
    for (const path of ['variables.set', 'runs.cancel', 'agents.list', 'members.list', 'apiKeys.create', 'audit.list'])
      expect([path, (await send(run.token, path, {})).status], path).not.toEqual([path, 200]);
    const me = (await (await call(run.token, 'me.get')).json()) as { result: { data: { actor: object; scopes: string[] } } };
    expect(me.result.data.actor).toMatchObject({ kind: 'run', id: toId('run', run.runId) });
    expect(me.result.data.scopes).toEqual(['runs:create', 'variables:read', 'events:emit']);
    // What it did is in the audit under its own name.
    const { rows } = await api.db.systemSql.query("SELECT actor_kind, via FROM audit_entry WHERE actor_id = $1 AND action = 'event.emit'", [
      run.runId,
    ]);
    expect(rows).toEqual([{ actor_kind: 'agent', via: `run-token of epoch ${run.epoch}` }]);
  });

  test('of an earlier epoch is refused, and that of the new one works', async () => {
    const run = await granted();
    await inTransaction(api.db.systemSql, (sql) => sql.query('UPDATE run_dispatch SET epoch = epoch + 1 WHERE run_id = $1', [run.runId]));
    expect(await refusedThrice('run-token.use', () => call(run.token))).toMatchObject({
      actor_kind: 'agent',
      after: { because: 'earlier-epoch', epoch: run.epoch },
    });
  });

  test('of a run that ended, of a quarantined agent, forged, or of another workspace is refused', async () => {
    const run = await granted();
    await tenant.owner.agents.quarantine({ agent: toId('agent', run.agent) });
    expect((await call(run.token)).status).toBe(401);
    await tenant.owner.agents.release({ agent: toId('agent', run.agent) });
    const ended = await granted();
    expect((await call(ended.token)).status).toBe(200);
    await inTransaction(api.db.systemSql, (sql) => sql.query('DELETE FROM run_dispatch WHERE run_id = $1', [ended.runId]));
    expect((await call(ended.token)).status).toBe(401);
    const [head = '', body = '', signature = ''] = ended.token.slice(4).split('.');
    const claims = { ...(JSON.parse(Buffer.from(body, 'base64url').toString()) as object), ws: crypto.randomUUID() };
    const forged = Buffer.from(JSON.stringify(claims)).toString('base64url');
    const none = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url');
    for (const token of [`sbr_${head}.${forged}.${signature}`, `sbr_${none}.${body}.`, 'sbr_', `sbr_${head}.${body}`])
      expect((await call(token)).status, token).toBe(401);
  });
});

describe('a person', () => {
  const signIn = async () =>
    (await post('/api/auth/sign-in/email', { email: tenant.ownerEmail, password: PASSWORD })).headers
      .getSetCookie()
      .map((cookie) => cookie.split(';')[0])
      .join('; ');

  test('who signed out is nobody, whoever kept the cookie', async () => {
    const cookie = await signIn();
    expect((await post('/api/auth/sign-out', {}, { cookie })).status).toBe(200);
    const row = await refusedThrice('account.refuse-session', () => api.app.request('/trpc/me.get', { headers: { cookie } }));
    expect(row).toMatchObject({ actor_kind: 'person', after: { reason: 'the session was ended' } });
  });

  test('whose cookie comes from a page of another site, or of none, writes nothing', async () => {
    const cookie = await signIn();
    for (const origin of ['https://evil.example', 'null', '']) {
      const headers = { 'content-type': 'application/json', cookie, ...(origin ? { origin } : {}) };
      const response = await api.app.request('/trpc/variables.set', { method: 'POST', headers, body: '{"name":"x","value":1}' });
      expect([origin, response.status]).toEqual([origin, 403]);
    }
    // Nor does it sign anybody out.
    expect((await post('/api/auth/sign-out', {}, { cookie, origin: 'https://evil.example' })).status).toBe(403);
    expect((await api.app.request('/trpc/me.get', { headers: { cookie } })).status).toBe(200);
    await expect.poll(() => refusals('account.refuse-request')).toHaveLength(1);
    expect((await tenant.owner.variables.list({})).items).toEqual([]);
  });
});

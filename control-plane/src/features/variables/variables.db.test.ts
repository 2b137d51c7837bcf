/** Variables through the API and as running flows read them. */
import { toId } from '@signalbox/proto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openTestApi, refusal, type Tenant, type TestApi } from '../../../test/api.ts';
import { createDispatchCtx, createYard } from '../../../test/dispatch.ts';
import { answerCall } from '../calls/serve-calls.ts';

let api: TestApi;
let tenant: Tenant;

beforeAll(async () => {
  api = await openTestApi();
});
beforeEach(async () => {
  tenant = await api.tenant();
});
afterAll(() => api?.[Symbol.asyncDispose]());

describe('steering variables', () => {
  test('one is made, shown, changed and deleted, each with an audit row that holds no value', async () => {
    const { variables } = tenant.owner;
    const made = await variables.set({ name: 'regions', value: ['eu', { main: true }], tags: ['ops'] });
    expect(made).toMatchObject({ name: 'regions', value: ['eu', { main: true }], description: '', tags: ['ops'] });
    expect(await variables.get({ name: 'regions' })).toEqual(made);
    expect(await variables.set({ name: 'regions', value: null, description: 'where' })).toMatchObject({ value: null, tags: ['ops'] });
    expect(await refusal(variables.set({ name: 'regions', value: 1, onlyNew: true }))).toMatchObject({ code: 'CONFLICT' });
    expect(await variables.delete({ name: 'regions' })).toEqual({ deleted: true });
    expect(await refusal(variables.get({ name: 'regions' }))).toMatchObject({ code: 'NOT_FOUND' });
    const rows = await tenant.audit('variable.set');
    expect(rows).toHaveLength(2);
    expect(JSON.stringify(rows)).not.toContain('"eu"');
  });

  test('a list goes page by page in the order of names, and by a prefix', async () => {
    const { variables } = tenant.owner;
    for (const name of ['b', 'a-2', 'a-1']) await variables.set({ name, value: name });
    const first = await variables.list({ limit: 2 });
    expect([first.items.map(({ name }) => name), first.nextCursor]).toEqual([['a-1', 'a-2'], 'a-2']);
    expect((await variables.list({ limit: 2, cursor: 'a-2' })).items.map(({ name }) => name)).toEqual(['b']);
    expect((await variables.list({ prefix: 'a-' })).items).toHaveLength(2);
  });

  test('a bad name and a value that is too large are refused by name', async () => {
    await expect(tenant.owner.variables.set({ name: 'No Spaces', value: 1 })).rejects.toThrow(/lower-case letters/);
    await expect(tenant.owner.variables.set({ name: 'big', value: 'x'.repeat(70_000) })).rejects.toThrow(/value.*at most 65536 bytes/s);
  });

  test("a stranger's variable is not found, and a missing scope is refused", async () => {
    const stranger = await api.tenant();
    await stranger.owner.variables.set({ name: 'theirs', value: 1 });
    expect(await refusal(tenant.owner.variables.get({ name: 'theirs' }))).toMatchObject({ code: 'NOT_FOUND' });
    expect(await refusal(tenant.owner.variables.delete({ name: 'theirs' }))).toMatchObject({ code: 'NOT_FOUND' });
    expect((await tenant.owner.variables.list({})).items).toEqual([]);
  });
});

describe('a running flow', () => {
  async function atWork() {
    const yard = await createYard(api.db);
    const agentId = await yard.addAgent();
    const [runId = ''] = await yard.addRuns(await yard.addDeployment(), 1);
    const { runs } = await yard.claim(agentId, 1);
    const ask = (op: object, agent = agentId) =>
      answerCall(
        createDispatchCtx(api.db),
        { workspaceId: yard.workspaceId, agentId: agent },
        { v: 1, session: 1, run: toId('run', runId), epoch: runs[0]?.epoch ?? 0, op },
      );
    return { yard, ask };
  }

  test('reads a variable of its own workspace; only the agent that holds it is answered', async () => {
    const { yard, ask } = await atWork();
    await tenant.owner.variables.set({ name: 'region', value: 'theirs' });
    const get = { name: 'variables.get', variable: 'region' };
    expect(await ask(get)).toEqual({ value: null });
    await api.db.systemSql.query(
      `INSERT INTO variable (workspace_id, name, value) VALUES ($1, 'region', '{"encoding":"json","body":"eu"}')`,
      [yard.workspaceId],
    );
    expect(await ask(get)).toEqual({ value: { encoding: 'json', body: 'eu' } });
    await expect(ask(get, await yard.addAgent())).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

/** Blocks through the API and as running flows load them. */
import { toId } from '@signalbox/proto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openTestApi, refusal, type Tenant, type TestApi } from '../../../test/api.ts';
import { createDispatchCtx, createYard } from '../../../test/dispatch.ts';
import { answerCall } from '../calls/serve-calls.ts';

const TYPE = {
  name: 'postgres',
  schema: {
    type: 'object',
    properties: { host: { type: 'string' }, port: { type: 'integer', default: 5432 }, password: { type: 'string', minLength: 8 } },
    required: ['host', 'password'],
    additionalProperties: false,
  },
  secretFields: ['password'],
};
const VALUE = { host: 'db.internal', port: 5433, password: { $secret: 'env:DB_PASSWORD' } };

let api: TestApi;
let tenant: Tenant;

beforeAll(async () => {
  api = await openTestApi();
});
beforeEach(async () => {
  tenant = await api.tenant();
  await tenant.owner.blocks.setType(TYPE);
});
afterAll(() => api?.[Symbol.asyncDispose]());

describe('steering blocks', () => {
  test('one is made by its type, shown, changed and deleted; the audit holds no value', async () => {
    const { blocks } = tenant.owner;
    const made = await blocks.set({ type: 'postgres', name: 'prod', value: VALUE, description: 'orders' });
    expect(made).toMatchObject({ type: 'postgres', name: 'prod', value: VALUE, description: 'orders' });
    expect(await blocks.get({ type: 'postgres', name: 'prod' })).toEqual(made);
    expect(await blocks.set({ type: 'postgres', name: 'prod', value: { ...VALUE, port: 1 } })).toMatchObject({ description: 'orders' });
    expect(await refusal(blocks.set({ type: 'postgres', name: 'prod', value: VALUE, onlyNew: true }))).toMatchObject({ code: 'CONFLICT' });
    expect((await blocks.types())[0]).toMatchObject({ name: 'postgres', secretFields: ['password'], blocks: 1 });
    expect(await refusal(blocks.deleteType({ name: 'postgres' }))).toMatchObject({ code: 'PRECONDITION_FAILED' });
    expect(await blocks.delete({ type: 'postgres', name: 'prod' })).toEqual({ deleted: true });
    expect(await blocks.deleteType({ name: 'postgres' })).toEqual({ deleted: true });
    const rows = [...(await tenant.audit('block.set')), ...(await tenant.audit('block.delete'))];
    expect(rows).toHaveLength(3);
    expect(JSON.stringify(rows)).not.toMatch(/db\.internal|DB_PASSWORD/);
  });

  test('a value that breaks the schema is refused by field, and a secret in the place of its reference without being said', async () => {
    const set = (value: Record<string, unknown>) => refusal(tenant.owner.blocks.set({ type: 'postgres', name: 'x', value }));
    expect((await set({ ...VALUE, port: 'many' })).message).toMatch(/value\.port.*expected.*integer/);
    expect((await set({ host: 'x' })).message).toContain('password');
    const leaked = await set({ ...VALUE, password: 'hunter2-hunter2' });
    expect(leaked.message).toContain('value.password');
    expect(leaked.message).toContain('"$secret": "env:DB_PASSWORD"');
    expect(JSON.stringify(leaked)).not.toContain('hunter2');
    expect((await set({ ...VALUE, password: { $secret: 'hunter2-hunter2' } })).message).toContain('never the secret itself');
    expect((await set({ ...VALUE, host: 'x'.repeat(70_000) })).message).toContain('at most 65536 bytes');
    expect(await refusal(tenant.owner.blocks.set({ type: 'none', name: 'x', value: {} }))).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('a type whose secret field its schema has not is refused', async () => {
    const { message } = await refusal(tenant.owner.blocks.setType({ ...TYPE, secretFields: ['token'] }));
    expect(message).toContain('a property of the schema (host, port, password)');
  });

  test('they are listed by type and name, page by page', async () => {
    const { blocks } = tenant.owner;
    await blocks.setType({ name: 'mail', schema: { type: 'object', properties: {} } });
    await blocks.set({ type: 'mail', name: 'team', value: {} });
    for (const name of ['b', 'a']) await blocks.set({ type: 'postgres', name, value: VALUE });
    const first = await blocks.list({ limit: 2 });
    expect(first.items.map(({ type, name }) => `${type}/${name}`)).toEqual(['mail/team', 'postgres/a']);
    const { items } = await blocks.list({ limit: 2, cursor: first.nextCursor ?? '' });
    expect(items.map(({ name }) => name)).toEqual(['b']);
    expect((await blocks.list({ type: 'mail' })).items).toHaveLength(1);
  });

  test("a stranger's block and type are not found", async () => {
    const stranger = await api.tenant();
    await stranger.owner.blocks.setType({ ...TYPE, name: 'theirs' });
    await stranger.owner.blocks.set({ type: 'theirs', name: 'prod', value: VALUE });
    const { blocks } = tenant.owner;
    for (const call of [
      () => blocks.get({ type: 'theirs', name: 'prod' }),
      () => blocks.delete({ type: 'theirs', name: 'prod' }),
      () => blocks.deleteType({ name: 'theirs' }),
    ])
      expect(await refusal(call())).toMatchObject({ code: 'NOT_FOUND' });
    expect((await blocks.list({})).items).toEqual([]);
  });
});

test('a running flow loads a block of its own workspace, with references; only the agent that holds it is answered', async () => {
  const yard = await createYard(api.db);
  const agentId = await yard.addAgent();
  const [runId = ''] = await yard.addRuns(await yard.addDeployment(), 1);
  const { runs } = await yard.claim(agentId, 1);
  const op = { name: 'blocks.get', type: 'postgres', block: 'prod' };
  const ask = (agent: string) =>
    answerCall(
      createDispatchCtx(api.db),
      { workspaceId: yard.workspaceId, agentId: agent },
      { v: 1, session: 1, run: toId('run', runId), epoch: runs[0]?.epoch ?? 0, op },
    );
  await tenant.owner.blocks.set({ type: 'postgres', name: 'prod', value: VALUE });
  expect(await ask(agentId)).toEqual({ value: null });
  for (const [table, columns, values] of [
    ['block_type', 'name, schema', `'postgres', '{}'`],
    ['block', 'type, name, value', `'postgres', 'prod', '{"encoding":"json","body":{"host":"here"}}'`],
  ])
    await api.db.systemSql.query(`INSERT INTO ${table} (workspace_id, ${columns}) VALUES ($1, ${values})`, [yard.workspaceId]);
  expect(await ask(agentId)).toEqual({ value: { encoding: 'json', body: { host: 'here' } } });
  await expect(ask(await yard.addAgent())).rejects.toMatchObject({ code: 'CONFLICT' });
});

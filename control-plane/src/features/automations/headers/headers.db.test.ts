/** Headers of `call-webhook`: sent as they were written, and found in no row, answer, export or audit. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toUuid, uuidv7 } from '@signalbox/proto';
import type { AutomationActionInput } from '@signalbox/proto/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestApi, refusal, type Tenant, type TestApi } from '../../../../test/api.ts';
import { deployOf } from '../../../../test/deploy-input.ts';
import { sequence } from '../../events/index.ts';
import { evaluateBatch, nothingCompiled } from '../evaluate/evaluate-batch.ts';
import { openOutbox } from '../execute/outbox.ts';
import { templatesOf } from '../templates/render.ts';
import { SEAL_FROM, sealStored } from './seal-stored.ts';

let api: TestApi;
let tenant: Tenant;
let url: string;
let stop: () => Promise<void>;
const got: IncomingHttpHeaders[] = [];

beforeAll(async () => {
  api = await openTestApi({ privateTargets: true });
  tenant = await api.tenant();
  // Says what it was sent, as some do.
  const server = createServer((request, response) => {
    got.push(request.headers);
    response.writeHead(403).end(`no such key: ${request.headers['x-key']}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  stop = () => new Promise<void>((resolve) => void server.close(() => resolve()));
});
afterAll(async () => {
  await stop();
  await api[Symbol.asyncDispose]();
});

let count = 0;
const canary = () => `canary-${++count}-${crypto.randomUUID()}`;
const position = async () => {
  while ((await sequence(api.db.systemSql)).count > 0);
};
async function fire(name: string): Promise<IncomingHttpHeaders | undefined> {
  await tenant.owner.events.emit({ events: [{ name, resource: { id: 'x' } }] });
  await position();
  while ((await evaluateBatch(api.db, nothingCompiled())).state === 'more');
  const outbox = openOutbox(api.services, templatesOf('http://localhost:4200'));
  while ((await outbox.turn()) > 0) await outbox.settled();
  await position();
  return got.at(-1);
}
/** Every row of every table that a text is in. */
async function tablesWith(text: string): Promise<string[]> {
  const { rows: tables } = await api.db.systemSql.query<{ name: string }>(
    "SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition",
  );
  const found: string[] = [];
  for (const { name } of tables.filter((table) => table.name !== '_prisma_migrations')) {
    const { rows } = await api.db.systemSql.query(`SELECT 1 FROM "${name}" t WHERE position($1 IN t::text) > 0 LIMIT 1`, [text]);
    if (rows.length > 0) found.push(name);
  }
  return found;
}
const call = (headers: Record<string, string>): AutomationActionInput => ({ type: 'call-webhook', url, headers });

describe('a header', () => {
  it('is sent filled in, and found in no row, answer, export or audit, while it is made, fails, changes and goes', async () => {
    const { owner } = tenant;
    const [first, second] = [canary(), canary()];
    const spec = {
      name: 'caller',
      trigger: { type: 'event' as const, expect: ['call.out'] },
      onTrigger: [call({ 'X-Key': `${first} {{ event.resource.id }}` })],
    };
    const made = await owner.automations.create(spec);
    expect(made.onTrigger).toMatchObject([{ headers: { 'X-Key': '(sealed)' } }]);
    expect((await fire('call.out'))?.['x-key']).toBe(`${first} x`);
    const firings = await owner.automations.firings({ automation: made.id });
    expect(firings.items[0]?.actions[0]).toMatchObject({
      status: 'failed',
      attempts: [{ message: expect.stringMatching(/answered 403: no such key: \(sealed\)$/) }],
    });

    // What was read is saved again: by a form, by a file, with another field.
    await owner.automations.update({ automation: made.id, onTrigger: made.onTrigger, description: 'of the form' });
    const { name, description, enabled, trigger, onTrigger, onResolve } = await owner.automations.get({ automation: made.id });
    expect((await owner.automations.upsert({ name, description, enabled, trigger, onTrigger, onResolve })).outcome).toBe('unchanged');
    expect((await owner.automations.upsert({ ...spec, description })).outcome).toBe('unchanged');
    expect((await fire('call.out'))?.['x-key']).toBe(`${first} x`);
    // Nor does it follow an address.
    const moved = onTrigger.map((action) => ({ ...action, url: 'https://evil.example/' }));
    expect((await refusal(owner.automations.update({ automation: made.id, onTrigger: moved }))).code).toBe('INVALID_INPUT');

    const changed = await owner.automations.update({ automation: made.id, onTrigger: [call({ 'X-Key': second })] });
    expect((await fire('call.out'))?.['x-key']).toBe(second);
    const audits = await tenant.audit('automation.update');
    expect(audits.at(-1)).toMatchObject({
      before: { onTrigger: [{ headers: { 'X-Key': '(sealed)' } }] },
      after: { onTrigger: [{ headers: { 'X-Key': '(sealed anew)' } }] },
    });
    const preview = await owner.automations.preview({ actions: [call({ 'X-Key': second })] });
    const answer = await api.app.request('/api/workspaces/export', { headers: await bearer() });
    const exported = await answer.text();
    const list = await owner.automations.list({});
    expect(exported).toContain('automation_action');
    for (const text of [exported, JSON.stringify([made, changed, preview, firings, list, audits])])
      expect(text).not.toMatch(new RegExp(`${first}|${second}|sealed:`));
    for (const text of [first, second]) expect(await tablesWith(text)).toEqual([]);
    expect(await tablesWith('X-Key')).toEqual(expect.arrayContaining(['automation', 'automation_action', 'audit_entry']));
  });

  it('asks for the same rights whether it is typed or stored', async () => {
    const made = await tenant.owner.automations.create({
      name: 'teller',
      enabled: false,
      trigger: { type: 'event', expect: ['never'] },
      onTrigger: [call({ 'X-Said': '{{ run.parameters.word }}' })],
    });
    const { rows } = await api.db.systemSql.query('SELECT scopes FROM automation WHERE id = $1::uuid', [toUuid('automation', made.id)]);
    await tenant.owner.automations.update({ automation: made.id, description: 'again', onTrigger: made.onTrigger });
    const { rows: after } = await api.db.systemSql.query('SELECT scopes FROM automation WHERE id = $1::uuid', [
      toUuid('automation', made.id),
    ]);
    expect([rows, after]).toEqual([[{ scopes: ['automations:write', 'runs:read'] }], [{ scopes: ['automations:write', 'runs:read'] }]]);
  });

  it('of code is sealed too, kept by the next deploy, and changed where code says another', async () => {
    const word = canary();
    const deploy = (value: string) => {
      const trigger = { name: 'of code', trigger: { type: 'event' as const, expect: ['code.out'] }, onTrigger: [call({ 'X-Key': value })] };
      return tenant.owner.deployments.deploy(deployOf({ triggers: [trigger] }));
    };
    await deploy(word);
    expect(await fire('code.out')).toMatchObject({ 'x-key': word });
    expect(JSON.stringify(await deploy(word))).not.toContain('onTrigger');
    await tenant.owner.automations.update({ automation: 'of code', onTrigger: [call({ 'X-Key': canary() })] });
    expect(await fire('code.out')).toMatchObject({ 'x-key': expect.not.stringContaining(word) });
    await tenant.owner.automations.reset({ automation: 'of code' });
    expect(await fire('code.out')).toMatchObject({ 'x-key': word });
    expect(await tablesWith(word)).toEqual([]);
  });

  it('that an earlier version stored in plain text is sent as it is, and sealed by and by', async () => {
    const word = canary();
    const made = await tenant.owner.automations.create({ name: 'of old', trigger: { type: 'event', expect: ['old.out'] }, onTrigger: [] });
    const plain = JSON.stringify([{ ...call({ 'X-Key': word }), method: 'POST' }]);
    const definition = `{"name":"of old","onTrigger":${plain},"onResolve":[]}`;
    await api.db.systemSql.query(
      `UPDATE automation SET on_trigger = $2::jsonb, code = $3::jsonb, overlay = $4::jsonb WHERE id = $1::uuid`,
      [
        toUuid('automation', made.id),
        plain,
        definition,
        `{"fields":{"onTrigger":${plain}},"by":"x","reason":null,"at":"2026-01-01T00:00:00Z"}`,
      ],
    );
    expect(await fire('old.out')).toMatchObject({ 'x-key': word });
    expect(await tablesWith(word)).toEqual(['automation', 'automation_action']);
    const read = await tenant.owner.automations.get({ automation: made.id });
    expect(read.onTrigger).toMatchObject([{ headers: { 'X-Key': '(sealed)' } }]);

    const { rows: before } = await api.db.systemSql.query('SELECT revision FROM automation WHERE id = $1::uuid', [
      toUuid('automation', made.id),
    ]);
    let cursor = SEAL_FROM;
    while (cursor !== 'done') cursor = await sealStored(api.db, api.services.settings.secret, cursor);
    expect(await tablesWith(word)).toEqual([]);
    const { rows: after } = await api.db.systemSql.query('SELECT revision, overlay FROM automation WHERE id = $1::uuid', [
      toUuid('automation', made.id),
    ]);
    expect(after[0].revision).not.toBe(before[0].revision);
    expect(Object.keys(after[0].overlay.fields)).toEqual(['onTrigger']);
    expect(await fire('old.out')).toMatchObject({ 'x-key': word });
    const failed = (await tenant.owner.automations.firings({ automation: made.id })).items.at(-1)?.actions[0];
    await tenant.owner.automations.retryAction({ action: failed?.id ?? '' });
    const sent = got.length;
    await fire('nothing');
    expect(got.slice(sent)).toMatchObject([{ 'x-key': word }]);
  });
});

async function bearer(): Promise<Record<string, string>> {
  const { secret } = await tenant.owner.apiKeys.create({ name: uuidv7(Date.now()), role: 'owner' });
  return { authorization: `Bearer ${secret}` };
}

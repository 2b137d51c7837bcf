/** What a workspace uses is counted over several replicas and bounded; runs' states are never refused for it. */
import { randomUUID } from 'node:crypto';
import { toId } from '@signalbox/proto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestApi, refusal, type Tenant, type TestApi } from '../../../test/api.ts';
import { createYard } from '../../../test/dispatch.ts';
import { openOperatorCommands } from '../../../test/operator-command.ts';
import { DEFAULT_TIMINGS } from '../../domain/run-snapshot.ts';
import { openReports } from '../reports/index.ts';
import { openMeter } from './index.ts';

let api: TestApi;

beforeAll(async () => {
  api = await openTestApi();
});
afterAll(() => api[Symbol.asyncDispose]());

/** A replica of its own, with these defaults. */
function replica(workspaceLimits: Record<string, number>) {
  const usage = openMeter({ db: api.db, defaults: workspaceLimits });
  return { ...api.services, usage, settings: { ...api.services.settings, workspaceLimits } };
}
const kindsOf = async (tenant: Tenant) => Object.fromEntries((await tenant.owner.usage.get()).kinds.map((kind) => [kind.kind, kind]));
const set = (tenant: Tenant, kind: string, span: string, most: number) =>
  api.db.systemSql.query("INSERT INTO usage_limit (workspace_id, kind, span, most, reason) VALUES ($1, $2, $3, $4, 'a test')", [
    tenant.workspaceId,
    kind,
    span,
    most,
  ]);

describe('calls of the API', () => {
  it('over the rate are refused with the bound, what is used, and when to come again', async () => {
    const services = replica({ 'apiCalls.minute': 3 });
    const tenant = await api.tenant(services);
    for (let i = 0; i < 3; i++) await tenant.owner.variables.list({});
    expect(await refusal(tenant.owner.variables.list({}))).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      message: expect.stringMatching(/^This workspace may use 3 API calls a minute, and has used 3\. Try again in \d+ s/),
    });
    expect(services.usage.headers(tenant.workspaceId)).toEqual({
      'ratelimit-policy': '"minute";q=3;w=60',
      ratelimit: expect.stringMatching(/^"minute";r=0;t=(59|60)$/),
    });
    // Another workspace has its own.
    await (await api.tenant(services)).owner.variables.list({});
  });

  it('are counted over all replicas: what one gave, the other does not give again', async () => {
    const [one, other] = [replica({ 'apiCalls.minute': 10 }), replica({ 'apiCalls.minute': 10 })];
    const tenant = await api.tenant(one);
    for (let i = 0; i < 10; i++) one.usage.count(tenant.workspaceId, 'apiCalls', 1);
    await one.usage.tell();
    // Before it asked, the other knows of nothing; then it does.
    expect(other.usage.check(tenant.workspaceId, 'apiCalls', 1)).toBeNull();
    await other.usage.tell();
    expect(other.usage.check(tenant.workspaceId, 'apiCalls', 1)).toMatchObject({ span: 'minute', most: 10 });
    // What both give at once is owed, not forgiven.
    for (let i = 0; i < 10; i++) other.usage.count(tenant.workspaceId, 'apiCalls', 1);
    await other.usage.tell();
    expect(other.usage.check(tenant.workspaceId, 'apiCalls', 1)?.retryAfterMs).toBeGreaterThan(60_000);
  });

  it('are 429 over HTTP, with Retry-After', async () => {
    const tenant = await api.tenant();
    await set(tenant, 'apiCalls', 'day', 1);
    const { secret } = await tenant.owner.apiKeys.create({ name: 'ci', role: 'viewer' });
    await api.services.usage.tell();
    const response = await api.app.request('/trpc/variables.list?input=%7B%7D', { headers: { authorization: `Bearer ${secret}` } });
    expect(response.status).toBe(429);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(response.headers.get('ratelimit-policy')).toBe('"day";q=1;w=86400');
    expect(await response.json()).toMatchObject({
      error: { data: { signalbox: { code: 'LIMIT_EXCEEDED', details: { field: 'apiCalls', span: 'day', limit: 1, used: 1 } } } },
    });
  });
});

describe('events and runs', () => {
  it('over the quota are refused, told by one event, and shown; 0 of the operator lifts the default', async () => {
    const services = replica({ 'events.day': 2 });
    const tenant = await api.tenant(services);
    const emit = () => tenant.owner.events.emit({ events: [{ name: 'order.paid', payload: {}, resource: { id: 'order/1' } }] });
    await emit();
    await emit();
    expect(await refusal(emit())).toMatchObject({ code: 'LIMIT_EXCEEDED' });
    await services.usage.tell();
    expect(await refusal(emit())).toMatchObject({ code: 'LIMIT_EXCEEDED' });
    await services.usage.tell();
    const { rows } = await api.db.systemSql.query("SELECT payload FROM event_inbox WHERE workspace_id = $1 AND name = 'limit.exceeded'", [
      tenant.workspaceId,
    ]);
    expect(rows).toMatchObject([{ payload: { field: 'events', refused: 1, perDay: 2 } }]);
    expect((await kindsOf(tenant))['events']).toMatchObject({
      refusedToday: 2,
      limits: [
        { span: 'minute', most: null },
        { span: 'day', most: 2, used: 2, source: 'default' },
      ],
    });
    expect((await tenant.owner.usage.history({ by: 'day' })).items).toContainEqual(
      expect.objectContaining({ kind: 'events', used: 2, refused: 2 }),
    );
    await set(tenant, 'events', 'day', 0);
    services.usage.count(tenant.workspaceId, 'events', 0);
    services.usage.check(tenant.workspaceId, 'events', 1);
    await services.usage.tell();
    await emit();
  });

  it('are counted when they are made', async () => {
    const services = replica({ 'runs.minute': 1 });
    const tenant = await api.tenant(services);
    const yard = await createYard(api.db, tenant.workspaceId);
    const deployment = toId('deployment', await yard.addDeployment());
    await tenant.owner.runs.create({ deployment });
    expect(await refusal(tenant.owner.runs.create({ deployment }))).toMatchObject({ code: 'LIMIT_EXCEEDED' });
  });
});

describe('logs of agents', () => {
  it('over the limit are refused and counted; states go on', async () => {
    const yard = await createYard(api.db);
    const agentId = await yard.addAgent();
    await yard.addRuns(await yard.addDeployment());
    const [claimed] = (await yard.claim(agentId)).runs;
    if (!claimed) throw new Error('nothing was claimed');
    await yard.permit(agentId, claimed);
    const usage = openMeter({ db: api.db, defaults: { 'logBytes.day': 10 } });
    const bus = { live() {}, nudge() {}, command: async () => {} };
    const reports = openReports({ db: api.db, bus, log: { warn() {}, error() {} }, settings: DEFAULT_TIMINGS, usage });
    const of = { run: toId('run', claimed.runId), epoch: Number(claimed.epoch), at: new Date().toISOString() };
    const line = (message: string) => ({ at: of.at, level: 'info', stream: 'stdout', taskOrdinal: null, message });
    const [from, spoolId] = [{ workspaceId: yard.workspaceId, agentId }, randomUUID()];
    const bulk = {
      v: 1,
      session: 1,
      spoolId,
      entries: [
        { ...of, n: 1, type: 'logs', lines: [line('12345678')] },
        { ...of, n: 2, type: 'logs', lines: [line('too much')] },
      ],
    };
    expect(await reports.bulk(from, bulk, 500)).toMatchObject({ watermark: 2, exceptions: [{ n: 2, code: 'LIMIT_EXCEEDED' }] });
    const state = { v: 1, session: 1, spoolId, entries: [{ ...of, n: 1, type: 'run.ended', state: 'COMPLETED' }] };
    expect(await reports.state(from, state, 500)).toMatchObject({ exceptions: [] });
    expect(await yard.q('SELECT 1 FROM log WHERE run_id = $1', [claimed.runId])).toHaveLength(1);
    // Counted alone: set aside it would cost what storing it does.
    expect(await yard.q('SELECT 1 FROM refused_report WHERE agent_id = $1', [agentId])).toEqual([]);
    await usage.tell();
    expect(
      await yard.q("SELECT used::int, refused::int FROM usage_hour WHERE workspace_id = $1 AND kind = 'logBytes'", [yard.workspaceId]),
    ).toEqual([{ used: 8, refused: 8 }]);
  });
});

describe('the command limit-workspace', () => {
  it('sets and takes back what one workspace may use, audited; wrong arguments exit with 2, one line and the usage', async () => {
    const tenant = await api.tenant();
    await using commands = await openOperatorCommands(api.databaseUrl);
    const run = (...args: string[]) => commands.run('limit-workspace.ts', ...args);
    const wrong = await Promise.all([
      run(),
      run('no-such-workspace'),
      run(tenant.slug, '--set', 'runs.year=1'),
      run(tenant.slug, '--set', 'runs.day=many'),
      run(tenant.slug, '--set', 'runs.day=1', '--reset', 'runs.day'),
      run(tenant.slug, '--limit', '1'),
    ]);
    const texts = ['expected one workspace', 'found 0', '"runs.year" is no limit', 'expected a whole number', 'not in both', "'--limit'"];
    for (const [i, text] of texts.entries()) {
      expect(wrong[i]).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining(text) });
      expect(wrong[i]?.stderr).toMatch(/^error: .*\nusage: node src\/limit-workspace\.ts/);
    }
    const limits = [{ kind: 'runs', span: 'day', most: 5_000, reason: 'a contract' }];
    const set = await run(`${tenant.slug}/${tenant.slug}`, '--set', 'runs.day=5000', '--reason', 'a contract');
    expect(set).toMatchObject({ exitCode: 0, stderr: '' });
    expect(JSON.parse(set.stdout)).toEqual({ workspace: tenant.slug, limits });
    expect((await kindsOf(tenant))['runs']?.limits).toContainEqual(expect.objectContaining({ span: 'day', most: 5_000 }));
    expect(JSON.parse((await run(tenant.slug, '--reset', 'runs.day')).stdout)).toMatchObject({ limits: [] });
    const audit = await tenant.audit('workspace.limit');
    expect(audit).toMatchObject([
      { actorName: 'operator of the installation', after: { set: { 'runs.day': 5_000 }, reason: 'a contract' } },
      { after: { reset: ['runs.day'] } },
    ]);
    // Eight processes.
  }, 60_000);
});

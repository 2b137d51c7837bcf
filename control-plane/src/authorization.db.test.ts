/**
 * Every procedure, as every role and with another workspace's ids in each field that takes a reference: refused, and
 * neither read nor changed. A procedure that this file does not name fails it.
 */
import { ID_PREFIX, type IdKind, toId, uuidv7 } from '@signalbox/proto';
import { WORKSPACE_ROLES, type WorkspaceRole } from '@signalbox/proto/api';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { openTestApi, refusal, type Tenant, type TestApi } from '../test/api.ts';
import { deployOf } from '../test/deploy-input.ts';
import { appRouter, createCaller } from './router.ts';

/** Least role of each; `anybody` has an account, `public` none. Written down apart from the code's own table. */
const LEAST: Readonly<Record<string, WorkspaceRole | 'anybody' | 'public'>> = {
  'me.get': 'anybody',
  'workspaces.list': 'anybody',
  'workspaces.create': 'anybody',
  'apiKeys.list': 'admin',
  'apiKeys.create': 'admin',
  'apiKeys.revoke': 'admin',
  'login.start': 'public',
  'login.poll': 'public',
  'login.approve': 'anybody',
  'flows.list': 'viewer',
  'deployments.deploy': 'developer',
  'deployments.plan': 'developer',
  'deployments.list': 'viewer',
  'deployments.get': 'viewer',
  'deployments.describe': 'viewer',
  'deployments.pause': 'operator',
  'deployments.resume': 'operator',
  'deployments.setOverlay': 'operator',
  'deployments.resetOverlay': 'operator',
  'deployments.versions': 'viewer',
  'deployments.rollback': 'developer',
  'deployments.delete': 'developer',
  'schedules.preview': 'viewer',
  'schedules.upcoming': 'viewer',
  'schedules.fires': 'viewer',
  'schedules.findings': 'viewer',
  'schedules.create': 'operator',
  'schedules.update': 'operator',
  'schedules.delete': 'operator',
  'schedules.skip': 'operator',
  'schedules.unskip': 'operator',
  'schedules.setActive': 'operator',
  'calendars.list': 'viewer',
  'calendars.get': 'viewer',
  'calendars.create': 'operator',
  'calendars.update': 'operator',
  'calendars.delete': 'operator',
  'backfills.list': 'viewer',
  'backfills.get': 'viewer',
  'backfills.create': 'operator',
  'backfills.pause': 'operator',
  'backfills.resume': 'operator',
  'backfills.cancel': 'operator',
  'workPools.list': 'viewer',
  'workPools.get': 'viewer',
  'workPools.create': 'developer',
  'workPools.update': 'developer',
  'workPools.pause': 'operator',
  'workPools.resume': 'operator',
  'workPools.delete': 'developer',
  'workPools.slots': 'viewer',
  'workPools.getTemplate': 'viewer',
  'workPools.setTemplate': 'developer',
  'workPools.upsertQueue': 'developer',
  'workPools.moveQueue': 'developer',
  'workPools.pauseQueue': 'operator',
  'workPools.resumeQueue': 'operator',
  'workPools.deleteQueue': 'developer',
  'agents.list': 'viewer',
  'agents.get': 'viewer',
  'agents.createJoinCode': 'developer',
  'agents.revoke': 'admin',
  'agents.drain': 'admin',
  'limits.list': 'viewer',
  'limits.get': 'viewer',
  'limits.holders': 'viewer',
  'limits.waiters': 'viewer',
  'limits.create': 'developer',
  'limits.ensure': 'developer',
  'limits.update': 'operator',
  'limits.freeSlots': 'operator',
  'limits.delete': 'developer',
  'bulk.preview': 'viewer',
  'bulk.cancel': 'operator',
  'bulk.retry': 'operator',
  'bulk.delete': 'developer',
  'bulk.setState': 'developer',
  'bulk.list': 'viewer',
  'bulk.get': 'viewer',
  'bulk.pause': 'operator',
  'bulk.resume': 'operator',
  'bulk.stop': 'operator',
  'runs.create': 'operator',
  'runs.createMany': 'operator',
  'runs.list': 'viewer',
  'runs.count': 'viewer',
  'runs.history': 'viewer',
  'runs.get': 'viewer',
  'runs.children': 'viewer',
  'runs.explain': 'viewer',
  'runs.retry': 'operator',
  'runs.cancel': 'operator',
  'runs.pause': 'operator',
  'runs.suspend': 'operator',
  'runs.resume': 'operator',
  'runs.setState': 'developer',
  'runs.delete': 'developer',
  'runs.taskRuns': 'viewer',
  'runs.logs': 'viewer',
  'runs.artifacts': 'viewer',
};

/** One thing of each kind in a workspace. */
type World = {
  readonly tenant: Tenant;
  readonly ids: Readonly<Partial<Record<IdKind, string>>>;
  readonly names: Readonly<Record<string, string>>;
};

const RANGE = { from: '2026-01-01T00:00:00Z', to: '2026-01-03T00:00:00Z' };
const CRON = { kind: 'cron', cron: '0 6 * * *' } as const;

/**
 * Inputs that are right, to be spoilt one field at a time. Where a reference alone makes one, none is needed. `undefined`
 * for a field that excludes another.
 */
const INPUT: Readonly<Record<string, (own: World) => object>> = {
  'deployments.deploy': () => deployOf({ name: 'new', schedules: [{ slug: 'new', spec: CRON }] }),
  'deployments.plan': () => deployOf({ name: 'new', schedules: [{ slug: 'new', spec: CRON }] }),
  'deployments.setOverlay': () => ({ set: [{ path: 'graceMs', value: 1_000 }], reason: 'x' }),
  'deployments.rollback': () => ({ version: 1 }),
  'schedules.preview': () => ({ spec: CRON }),
  'schedules.create': ({ ids }) => ({ deployment: ids.deployment, slug: 'new', spec: CRON }),
  'schedules.update': ({ ids }) => ({ schedule: ids.schedule }),
  'schedules.skip': () => ({ at: '2099-01-01T06:00:00Z' }),
  'schedules.unskip': () => ({ at: '2099-01-01T06:00:00Z' }),
  'schedules.setActive': () => ({ active: false }),
  'backfills.create': ({ ids, names }) => ({ deployment: ids.deployment, schedule: names['schedule'], ...RANGE }),
  'workPools.slots': ({ ids }) => ({ pool: ids.workPool }),
  'workPools.setTemplate': () => ({ template: null }),
  'workPools.upsertQueue': () => ({ name: 'new' }),
  'workPools.moveQueue': () => ({ name: 'default', to: 'up' }),
  'workPools.pauseQueue': () => ({ name: 'default' }),
  'workPools.resumeQueue': () => ({ name: 'default' }),
  'workPools.deleteQueue': () => ({ name: 'default' }),
  'limits.freeSlots': ({ ids }) => ({ limit: ids.limit, run: ids.run, request: uuidv7(Date.now()) }),
  'bulk.preview': () => ({ action: 'cancel', filter: {} }),
  'bulk.cancel': () => ({ filter: {} }),
  'bulk.retry': () => ({ filter: {} }),
  'bulk.delete': () => ({ filter: {} }),
  'bulk.setState': () => ({ filter: {}, type: 'FAILED', reason: 'x' }),
  'runs.createMany': () => ({ runs: [{}] }),
  'runs.history': () => RANGE,
  'runs.setState': () => ({ type: 'FAILED', reason: 'x' }),
};

/** Fields of plain text that name a thing, by their last name; ids are found by their schemas. */
const REFERENCES: Readonly<Record<string, readonly IdKind[]>> = {
  deployment: ['deployment'],
  deployments: ['deployment'],
  pool: ['workPool'],
  pools: ['workPool'],
  queue: ['workQueue'],
  queues: ['workQueue'],
  schedule: ['schedule'],
  schedules: ['schedule'],
  calendar: ['calendar'],
  flow: ['flow'],
  flows: ['flow'],
  agents: ['agent'],
  limit: ['limit'],
  of: ['limit'],
  cursor: ['run', 'backfill', 'workPool', 'agent', 'bulkJob', 'deployment', 'flow', 'limit'],
};
/** Texts of those names that make a thing of their own. */
const OWN_NAMES = new Set(['deployments.deploy flow', 'deployments.plan flow']);

type Field = { readonly path: readonly string[]; readonly kinds: readonly IdKind[]; readonly isSlug: boolean };
type Def = {
  type: string;
  shape?: Record<string, z.ZodType>;
  element?: z.ZodType;
  innerType?: z.ZodType;
  in?: z.ZodType;
  options?: readonly z.ZodType[];
};

const KINDS = Object.keys(ID_PREFIX) as IdKind[];
const someUuid = uuidv7(Date.now());

/** Fields of a schema that take a reference. */
function referencesOf(schema: z.ZodType, path: readonly string[] = []): Field[] {
  const def = schema._zod.def as unknown as Def;
  if (def.shape) return Object.entries(def.shape).flatMap(([key, inner]) => referencesOf(inner, [...path, key]));
  if (def.element) return referencesOf(def.element, [...path, '0']);
  if (def.innerType) return referencesOf(def.innerType, path);
  if (def.in) return referencesOf(def.in, path);
  if (def.options) return def.options.flatMap((option) => referencesOf(option, path));
  if (def.type === 'custom') {
    const kinds = KINDS.filter((kind) => schema.safeParse(toId(kind, someUuid)).success);
    return [{ path, kinds, isSlug: false }];
  }
  const name = path.findLast((part) => part !== '0') ?? '';
  if (def.type !== 'string' || !Object.hasOwn(REFERENCES, name)) return [];
  const isSlug = !schema.safeParse(toId('deployment', someUuid)).success;
  return isSlug && name === 'cursor' ? [] : [{ path, kinds: REFERENCES[name] ?? [], isSlug }];
}

const procedures = appRouter._def.procedures as unknown as Record<string, { _def: { inputs: { schema: z.ZodType }[] } }>;
const PATHS = Object.keys(procedures);
const schemaOf = (path: string) => procedures[path]?._def.inputs[0]?.schema as z.ZodType;

let api: TestApi;
let mine: World;
let theirs: World;
let untouched: string;

beforeAll(async () => {
  api = await openTestApi();
  mine = await populate('mine');
  theirs = await populate('theirs');
  untouched = await everythingOf(theirs);
});
// Of those that are not over, a workspace may have a few.
afterEach(() => api.db.systemSql.query(`UPDATE bulk_job SET status = 'cancelled' WHERE workspace_id = $1`, [mine.tenant.workspaceId]));
afterAll(() => api[Symbol.asyncDispose]());

async function populate(word: string): Promise<World> {
  const tenant = await api.tenant();
  const { owner, workspaceId } = tenant;
  await owner.workPools.create({ name: `${word}-pool` });
  await owner.workPools.upsertQueue({ pool: 'local', name: `${word}-queue` });
  const calendar = await owner.calendars.create({ name: `${word}-calendar`, rules: {} });
  const { deployment } = await owner.deployments.deploy(deployOf({ flow: `${word} flow`, name: `${word} deployment` }));
  const schedule = await owner.schedules.create({ deployment: deployment.id, slug: `${word}-schedule`, spec: CRON });
  const backfill = await owner.backfills.create({ deployment: deployment.id, schedule: schedule.slug, ...RANGE });
  const limit = await owner.limits.create({ name: `${word}-limit`, slots: 1 });
  const run = await owner.runs.create({ deployment: deployment.id, name: `${word} run`, parameters: { secret: `${word} parameter` } });
  const { key } = await owner.apiKeys.create({ name: `${word} key` });
  const job = await owner.bulk.cancel({ filter: { name: { contains: 'nothing has it' } } });
  const agent = uuidv7(Date.now());
  await api.db.system.agent.create({ data: { id: agent, workspaceId, poolId: tenant.poolId, name: `${word}-agent`, publicKey: agent } });
  const [queue] = (
    await api.db.systemSql.query('SELECT id FROM work_queue WHERE workspace_id = $1 AND name = $2', [workspaceId, `${word}-queue`])
  ).rows;
  const ids = {
    workspace: toId('workspace', workspaceId),
    workPool: toId('workPool', tenant.poolId),
    workQueue: toId('workQueue', (queue as { id: string }).id),
    agent: toId('agent', agent),
    flow: deployment.flow.id,
    deployment: deployment.id,
    schedule: schedule.id,
    calendar: calendar.id,
    backfill: backfill.id,
    limit: limit.id,
    run: run.id,
    apiKey: key.id,
    bulkJob: job.id,
    user: toId('user', (await api.db.system.user.findFirstOrThrow({ where: { email: tenant.ownerEmail } })).id),
  };
  const names = { schedule: `${word}-schedule`, calendar: `${word}-calendar`, workPool: `${word}-pool`, workQueue: `${word}-queue` };
  return { tenant, ids, names };
}

/** Everything that a workspace has, as text. */
async function everythingOf({ tenant }: World): Promise<string> {
  const tables = await api.db.systemSql.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'workspace_id'
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1`,
  );
  const parts = [];
  for (const { name } of tables.rows) {
    const sql = `SELECT coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '') AS all FROM "${name}" t WHERE workspace_id = $1`;
    parts.push(`${name}: ${((await api.db.systemSql.query(sql, [tenant.workspaceId])).rows[0] as { all: string }).all}`);
  }
  return parts.join('\n');
}

function call(path: string, caller: unknown, input: unknown): Promise<unknown> {
  const [area = '', name = ''] = path.split('.');
  return (caller as Record<string, Record<string, (input: unknown) => Promise<unknown>>>)[area]?.[name]?.(input) as Promise<unknown>;
}

/** A copy of `input` with `value` at the path; what is missing on the way is made. */
function withValue(input: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  if (key === '0') return [withValue(Array.isArray(input) ? input[0] : undefined, rest, value)];
  const own = (typeof input === 'object' && input !== null ? input : {}) as Record<string, unknown>;
  return { ...own, [key]: withValue(own[key], rest, value) };
}

/** The input with one's own ids where a reference is missing. */
function completed(path: string, input: unknown): unknown {
  const missing = (schemaOf(path).safeParse(input).error?.issues ?? []).map((issue) => issue.path.join('.'));
  const fields = referencesOf(schemaOf(path)).filter((field) => missing.includes(field.path.join('.')));
  return fields.reduce((made, { path: at, kinds }) => withValue(made, at, mine.ids[kinds[0] as IdKind]), input);
}

/** No procedure's input; scopes are looked at before it. */
const NO_INPUT = 42;

test('every procedure is named here, and nothing else', () => {
  expect(Object.keys(LEAST).sort()).toEqual([...PATHS].sort());
  expect(Object.keys(INPUT).filter((path) => !PATHS.includes(path))).toEqual([]);
});

describe('roles', () => {
  test.each(PATHS)('%s', async (path) => {
    const least = LEAST[path];
    const outside = { services: api.services, id: 'r', address: '192.0.2.1', origin: 'api' as const };
    const nobody = createCaller({ ...outside, workspaceRef: null, identify: async () => null });
    const codeOf = async (caller: unknown) => (await refusal(call(path, caller, NO_INPUT))).code;
    expect(await codeOf(nobody)).toBe(least === 'public' ? 'INVALID_INPUT' : 'UNAUTHENTICATED');
    for (const role of WORKSPACE_ROLES) {
      const may =
        least === 'anybody' || least === 'public' || WORKSPACE_ROLES.indexOf(role) >= WORKSPACE_ROLES.indexOf(least as WorkspaceRole);
      expect([role, await codeOf(mine.tenant.as(role))]).toEqual([role, may ? 'INVALID_INPUT' : 'FORBIDDEN']);
    }
  });
});

describe("a stranger's id", () => {
  const cases = PATHS.flatMap((path) =>
    referencesOf(schemaOf(path))
      .filter((field) => !OWN_NAMES.has(`${path} ${field.path.join('.')}`))
      .map((field) => [path, field.path.join('.'), field] as const),
  );

  test('is looked for in many fields', () => expect(cases.length).toBeGreaterThan(150));

  test.each(cases)('%s %s', async (path, _, field) => {
    for (const kind of field.kinds) {
      const id = (field.isSlug ? theirs.names[kind] : theirs.ids[kind]) as string;
      expect(id, `a ${kind} of the stranger`).toBeDefined();
      const input = completed(path, withValue(INPUT[path]?.(mine), field.path, id));
      // Else it is refused for another reason.
      expect(schemaOf(path).safeParse(input).error?.issues ?? []).toEqual([]);
      const answer = await call(path, mine.tenant.owner, input).then(
        (data) => ({ data }),
        async (error: unknown) => ({ refusal: await refusal(Promise.reject(error)) }),
      );
      // A deploy to a pool that is not there is to make it first.
      if ('refusal' in answer) expect(['NOT_FOUND', 'INVALID_INPUT', 'PRECONDITION_FAILED']).toContain(answer.refusal.code);
      const text = JSON.stringify(answer).replaceAll(id, '');
      // A list narrowed to what is not there, at most.
      for (const secret of ['theirs', ...Object.values(theirs.ids)]) expect(text).not.toContain(secret);
    }
    expect(await everythingOf(theirs)).toBe(untouched);
  });
});

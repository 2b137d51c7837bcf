/**
 * Every procedure that access to a single deployment, pool or block is enough for, as its owner, with ids and names of another such thing of the
 * same workspace: that one is not there for them.
 */
import { type IdKind, toUuid } from '@signalbox/proto';
import { OBJECT_KINDS } from '@signalbox/proto/api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Caller, openTestApi, refusal, type TestApi } from '../test/api.ts';
import { completed, INPUT, withValue } from '../test/authorization/inputs.ts';
import { OF_ONE } from '../test/authorization/least-roles.ts';
import { call, PATHS, procedures, referencesOf, schemaOf } from '../test/authorization/procedures.ts';
import { CRON, populate, RANGE, type World } from '../test/authorization/world.ts';
import { deployOf } from '../test/deploy-input.ts';
import { openTally } from '../test/tally.ts';
import { accessOf } from './domain/access.ts';
import type { ObjectKind } from './domain/permissions.ts';

const tally = openTally('single things of others');
let api: TestApi;
/** What others have in the workspace. */
let theirs: World;
/** What one owns, and nothing else. */
let own: World;
let untouched: string;

beforeAll(async () => {
  api = await openTestApi();
  theirs = await populate(api, 'theirs');
  own = await addOwn(theirs);
  untouched = await rowsOf(theirs);
}, 180_000);
afterAll(() => api[Symbol.asyncDispose]());

/** Of each kind that access may be about, with what belongs to it. */
async function addOwn({ tenant }: World): Promise<World> {
  const { owner } = tenant;
  const pool = await owner.workPools.create({ name: 'own-pool' });
  const { deployment } = await owner.deployments.deploy(deployOf({ flow: 'own flow', name: 'own deployment', pool: 'own-pool' }));
  const schedule = await owner.schedules.create({ deployment: deployment.id, slug: 'own-schedule', spec: CRON });
  const backfill = await owner.backfills.create({ deployment: deployment.id, schedule: schedule.slug, ...RANGE });
  const run = await owner.runs.create({ deployment: deployment.id, name: 'own run' });
  await owner.blocks.setType({ name: 'own-type', schema: { type: 'object', properties: {} } });
  const block = await owner.blocks.set({ type: 'own-type', name: 'own-block', value: {} });
  const ids = { deployment: deployment.id, schedule: schedule.id, backfill: backfill.id, run: run.id, workPool: pool.id, block: block.id };
  return { tenant, ids, names: {} };
}

const ID_KIND = { deployment: 'deployment', 'work-pool': 'workPool', block: 'block' } as const satisfies Record<ObjectKind, IdKind>;
function ownerOf(kind: ObjectKind): Caller {
  const { tenant, ids } = own;
  const object = { kind, id: toUuid(ID_KIND[kind], ids[ID_KIND[kind]] as string) };
  const place = { organizationId: tenant.organizationId, workspaceId: tenant.workspaceId };
  return tenant.withAccess(accessOf([{ ...place, source: 'grant', grantId: null, team: null, role: 'owner', scopes: null, object }]));
}

/** What belongs to another deployment, pool or block, as text. */
async function rowsOf({ ids }: World): Promise<string> {
  const tables: [string, string, IdKind][] = [
    ['deployment', 'id', 'deployment'],
    ['deployment_version', 'deployment_id', 'deployment'],
    ['deployment_overlay', 'deployment_id', 'deployment'],
    ['schedule', 'deployment_id', 'deployment'],
    ['schedule_skip', 'schedule_id', 'schedule'],
    ['backfill', 'deployment_id', 'deployment'],
    ['run', 'deployment_id', 'deployment'],
    ['run_dispatch', 'run_id', 'run'],
    ['work_pool', 'id', 'workPool'],
    ['work_queue', 'pool_id', 'workPool'],
    ['agent', 'pool_id', 'workPool'],
    ['join_code', 'pool_id', 'workPool'],
    ['block', 'id', 'block'],
  ];
  const parts = [];
  for (const [table, column, kind] of tables) {
    const { rows } = await api.db.systemSql.query<{ all: string }>(
      `SELECT coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '') AS all FROM ${table} t WHERE ${column} = $1::uuid`,
      [toUuid(kind, ids[kind] as string)],
    );
    parts.push(`${table}: ${rows[0]?.all}`);
  }
  return parts.join('\n');
}

/** Ids and names of what is not theirs to see. */
const KINDS_OF: Record<ObjectKind, readonly IdKind[]> = {
  deployment: ['deployment', 'schedule', 'backfill', 'run'],
  'work-pool': ['workPool', 'workQueue', 'agent'],
  block: ['block'],
};

describe.each(OBJECT_KINDS)('whoever owns one %s', (kind) => {
  const paths = PATHS.filter((path) => OF_ONE[kind].includes(path));
  const secrets = () => ['theirs', ...KINDS_OF[kind].map((each) => theirs.ids[each] as string)];

  test('sees it', async () => {
    const list = { deployment: 'deployments.list', 'work-pool': 'workPools.list', block: 'blocks.list' }[kind];
    expect(JSON.stringify(await call(list, ownerOf(kind), {}))).toContain(own.ids[ID_KIND[kind]]);
  });

  test.each(paths.filter((path) => procedures[path]?._def.type === 'query'))('%s shows nothing of another', async (path) => {
    tally.ask();
    const input = completed(path, INPUT[path]?.(own) ?? {}, own);
    const answer = await call(path, ownerOf(kind), input).catch((error: unknown) => refusal(Promise.reject(error)));
    for (const secret of secrets()) expect(JSON.stringify(answer)).not.toContain(secret);
  });

  const cases = paths.flatMap((path) =>
    referencesOf(schemaOf(path)).flatMap((field) => {
      const kinds = field.kinds.filter((each) => KINDS_OF[kind].includes(each));
      return kinds.length > 0 ? [[path, `${field.path.join('.')} ${kinds.join()}`, { field, kinds }] as const] : [];
    }),
  );

  test.each(cases)('%s %s of another is not found', async (path, _, { field, kinds }) => {
    for (const each of kinds) {
      const id = (field.isSlug ? theirs.names[each] : theirs.ids[each]) as string;
      const { beside } = field;
      const base = beside ? withValue(INPUT[path]?.(own), beside.path, beside.value) : INPUT[path]?.(own);
      const input = completed(path, withValue(base, field.path, id), own);
      expect(schemaOf(path).safeParse(input).error?.issues ?? []).toEqual([]);
      tally.ask();
      const answer = await call(path, ownerOf(kind), input).then(
        (data) => ({ data }),
        async (error: unknown) => ({ refusal: await refusal(Promise.reject(error)) }),
      );
      if ('refusal' in answer) expect(['NOT_FOUND', 'INVALID_INPUT', 'PRECONDITION_FAILED', 'FORBIDDEN']).toContain(answer.refusal.code);
      const text = JSON.stringify(answer).replaceAll(id, '');
      for (const secret of secrets()) expect(text).not.toContain(secret);
    }
    expect(await rowsOf(theirs)).toBe(untouched);
  });
});

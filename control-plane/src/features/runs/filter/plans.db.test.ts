/** What lists cost: rows looked at, leaves opened, never a whole table. Read from the plans of the statements themselves. */
import { uuidv7 } from '@signalbox/proto';
import { listRunsInput, type RunFilterInput, type RunSort } from '@signalbox/proto/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../test/database.ts';
import { createYard, type Yard } from '../../../../test/dispatch.ts';
import { type Db, openDb, type Tx } from '../../../platform/db.ts';
import type { Ctx } from '../../../platform/services.ts';
import { sqlOfTx } from '../../../platform/sql.ts';
import { countFitting } from '../count-runs.ts';
import { listRuns } from '../list-runs.ts';
import { scanBack, statement, withinMs } from './index.ts';

const DAYS = 12;
const A_DAY = 600;
const LIVE = 400;
const LIMIT = 20;

type Node = {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  Plans?: Node[];
};

let database: TestDatabase;
let db: Db;
let yard: Yard;
let quiet: Yard;
let deployments: string[];

beforeAll(async () => {
  database = await createTestDatabase();
  db = openDb({ url: database.url, maxConnections: 4 });
  [yard, quiet] = [await createYard(db), await createYard(db)];
  await yard.q("SELECT signalbox_ensure_days(ARRAY['d30'], ((now() AT TIME ZONE 'UTC')::date - $1::int), $1::int)", [DAYS]);
  deployments = [await yard.addDeployment(), await yard.addDeployment(), await yard.addDeployment()];
  // Ended runs over the days, of three deployments, one in a hundred failed.
  await yard.q(
    `INSERT INTO run (retention_class, id, workspace_id, flow_id, deployment_id, version_id, name, parameters, created_by, due_at, created_at,
       state_type, state_name, started_at, ended_at)
     SELECT 'd30', signalbox_uuidv7(at), $1, d.flow_id, d.id, d.version_id, 'run-' || n, '{}', 'api', at, at,
       CASE WHEN n % 100 = 0 THEN 'FAILED' ELSE 'COMPLETED' END, 'Completed', at, at + interval '1 s'
     FROM generate_series(1, $3::int * $4::int) n CROSS JOIN LATERAL (SELECT now() - n * interval '1 day' / $4::int AS at) x
     JOIN deployment d ON d.id = ($2::uuid[])[1 + n % 3]`,
    [yard.workspaceId, deployments, DAYS - 1, A_DAY],
  );
  await yard.addRuns(deployments[0] ?? '', LIVE);
  await quiet.addRuns(await quiet.addDeployment(), 5);
  await yard.q('ANALYZE run');
});
afterAll(async () => {
  await db?.close();
  await database?.[Symbol.asyncDispose]();
});

/** Lists as a request would, and answers the plans of what was asked of `run`, each carried out. */
async function plansOf(work: (ctx: Ctx) => Promise<unknown>, of = yard): Promise<Node[]> {
  const asked: { text: string; values: unknown[] }[] = [];
  return db.inWorkspace(of.workspaceId, async (tx) => {
    const spied = new Proxy(tx, {
      get: (target, key) =>
        key === '$queryRawUnsafe'
          ? (text: string, ...values: unknown[]) => {
              if (/FROM run/.test(text)) asked.push({ text, values });
              return tx.$queryRawUnsafe(text, ...values);
            }
          : Reflect.get(target, key),
    }) as Tx;
    await work({ tx: spied, workspace: { id: of.workspaceId } } as Ctx);
    const nodes: Node[] = [];
    for (const { text, values } of asked) {
      const [row] = await sqlOfTx(tx).query<{ 'QUERY PLAN': [{ Plan: Node }] }>(`EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, values);
      nodes.push(...flatten(row?.['QUERY PLAN'][0].Plan));
    }
    return nodes;
  });
}

const list = (filter: RunFilterInput, sort: RunSort = 'newest', of = yard) =>
  plansOf((ctx) => listRuns(ctx, listRunsInput.parse({ filter, sort, limit: LIMIT })), of);

function flatten(node: Node | undefined): Node[] {
  return node === undefined ? [] : [node, ...(node.Plans ?? []).flatMap(flatten)];
}

const ofRuns = (nodes: Node[]) => nodes.filter((node) => /^run(_|$)/.test(node['Relation Name'] ?? ''));
const read = (nodes: Node[]) =>
  ofRuns(nodes).reduce((sum, node) => sum + (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'], 0);
const leaves = (nodes: Node[]) =>
  new Set(
    ofRuns(nodes)
      .map((node) => node['Relation Name'])
      .filter((name) => name !== 'run_dispatch'),
  );

describe('a page', () => {
  const anyDeployment = 'weather/*';
  it.each<[string, RunFilterInput]>([
    ['of everything', {}],
    ['of an ended state', { states: ['COMPLETED'] }],
    ['of a rare one', { states: ['FAILED'] }],
    ['of live states', { states: ['SCHEDULED', 'RUNNING'] }],
    ['of live and ended states', { states: ['SCHEDULED', 'FAILED'] }],
    ['of a flow of several deployments', { flows: ['weather'] }],
    ['of deployments and a state', { deployments: [anyDeployment], states: ['COMPLETED'] }],
    ['created before a day', { created: { before: new Date(Date.now() - 5 * 86_400_000).toISOString() } }],
  ])('%s reads a few pages of an index and scans no table', async (_, filter) => {
    const nodes = await list(filter);
    expect(
      nodes.filter((node) => node['Node Type'] === 'Seq Scan' && node['Relation Name'] !== undefined && /^run/.test(node['Relation Name'])),
    ).toEqual([]);
    // Twice: the rows themselves, and their live halves; a few deployments a page each.
    expect(read(nodes)).toBeLessThan(12 * (LIMIT + 1));
  });

  it('of today opens the leaves of the last days, not those of all history', async () => {
    const opened = leaves(await list({}));
    // Two days back, wherever in a day we are, and one to spare for clocks; there are twenty.
    expect(opened.size).toBeLessThanOrEqual(4);
    expect(opened.size).toBeGreaterThan(0);
  });

  it("of a workspace with few live runs reads no other tenant's", async () => {
    expect(read(await list({ states: ['SCHEDULED'] }, 'newest', quiet))).toBeLessThan(20);
  });

  it('of old runs opens no newer leaf', async () => {
    const before = new Date(Date.now() - 9 * 86_400_000);
    const opened = [...leaves(await list({ created: { before: before.toISOString() } }, 'oldest'))];
    const day = before.toISOString().slice(0, 10).replaceAll('-', '');
    expect(opened.filter((leaf) => (leaf ?? '').slice(-8) > day)).toEqual([]);
  });
});

it('a count stops at its bound', async () => {
  let answer: unknown;
  const nodes = await plansOf(async (ctx) => (answer = await countFitting(ctx, {}, 50)));
  expect(answer).toEqual({ count: 50, isMore: true });
  expect(read(nodes)).toBeLessThan(60);
});

describe('a search that takes too long', () => {
  const inYard = <T>(work: (sql: ReturnType<typeof sqlOfTx>) => Promise<T>) => db.inWorkspace(yard.workspaceId, (tx) => work(sqlOfTx(tx)));
  // Answers a row a window, or takes longer than any budget.
  const windows = (slowFrom: number) => {
    let asked = 0;
    return () => statement(() => (++asked >= slowFrom ? `SELECT pg_sleep(10), ${asked} AS n` : `SELECT ${asked} AS n`));
  };
  const spec = { enough: 10, nowMs: Date.UTC(2026, 10, 23), budgetMs: 400 };

  it('ends with what it found and how far it looked, and the transaction lives on', async () => {
    await inYard(async (sql) => {
      const scanned = await scanBack(sql, {}, { ...spec, window: windows(3) });
      expect(scanned.rows).toEqual([{ n: 1 }, { n: 2 }]);
      // Two days, then six.
      expect(scanned.lookedTo).toBe(`${uuidv7(Date.UTC(2026, 10, 15)).slice(0, 13)}-0000-0000-000000000000`);
      expect(await sql.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    });
  });

  it('tries a smaller window before it gives up', async () => {
    await inYard(async (sql) => {
      let asked = 0;
      const once = () => statement(() => (++asked === 1 ? 'SELECT pg_sleep(10)' : 'SELECT 7 AS n'));
      const scanned = await scanBack(sql, {}, { ...spec, window: once });
      expect(scanned.rows).toEqual([{ n: 7 }]);
      expect(scanned.lookedTo).toBe(`${uuidv7(Date.UTC(2026, 10, 22, 23)).slice(0, 13)}-0000-0000-000000000000`);
      await expect(scanBack(sql, {}, { ...spec, window: windows(1) })).rejects.toThrow(
        'These filters read too much history. Narrow them: by time, flow or deployment.',
      );
    });
  });

  it('is told by null', async () => {
    expect(await inYard((sql) => withinMs(sql, 50, { text: 'SELECT pg_sleep(10)', values: [] }))).toBeNull();
  });
});

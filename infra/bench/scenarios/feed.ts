/** What people ask of the feed of events, at 50 million of them: through the API, as the console does. */
import pg from 'pg';
import type { System } from '../../test-support/system.ts';
import { DEPLOYMENTS, deploymentOf, RARE_DEPLOYMENT, RARE_NAME, thingOf, writeFeed } from '../feed-history.ts';
import { budgetRow, type Row, row } from '../row.ts';
import type { Scenario } from '../scenario.ts';
import { quantile } from '../statistics.ts';

const TARGET_MS = 50;
const PAGE = 100;

export const feed: Scenario = {
  about: 'pages, filters and counts of the feed at 50 million events',
  async run(bench): Promise<Row[]> {
    const count = bench.of(50_000_000, 1_500_000, 20_000);
    const samples = bench.of(200, 100, 2);
    await using system = await bench.system({ agents: 0 });
    const [workspace] = await system.sql<{ id: string }>(`SELECT id FROM workspace ORDER BY id LIMIT 1`);
    const from = performance.now();
    const last = await writeFeed(system.databaseUrl, workspace?.id ?? '', count);
    // Who asks pays for nothing that is still on its way to the disk: a month does not come in minutes.
    await flush(system.adminUrl);
    process.stderr.write(`  written in ${Math.round((performance.now() - from) / 1_000)} s: ${await sizes(system)}\n`);
    return await feedRows(system.client, { count, last, samples });
  },
};

/** Asks each question so many times, one after another, of a feed that is written. */
async function feedRows(client: System['client'], feed: { count: number; last: number; samples: number }): Promise<Row[]> {
  const { count, last, samples } = feed;
  const rows: Row[] = [];
  const all: number[] = [];
  for (const [name, ask] of questions(client, last)) {
    for (let n = 0; n < Math.min(5, samples); n++) await ask(n);
    const took: number[] = [];
    for (let n = 0; n < samples; n++) {
      const began = performance.now();
      await ask(n);
      took.push(performance.now() - began);
    }
    all.push(...took);
    const scenario = `feed of ${count.toLocaleString('en')} events: ${name}`;
    rows.push(
      row(scenario, 'p50', 'ms', quantile(took, 0.5), 'target', TARGET_MS),
      budgetRow(scenario, 'p99', 'ms', quantile(took, 0.99), TARGET_MS),
    );
    process.stderr.write(`  ${name}: p50 ${quantile(took, 0.5).toFixed(1)} ms, p99 ${quantile(took, 0.99).toFixed(1)} ms\n`);
  }
  const scenario = `feed of ${count.toLocaleString('en')} events: all of these, as often each`;
  process.stderr.write(`  all of these: p50 ${quantile(all, 0.5).toFixed(1)} ms, p99 ${quantile(all, 0.99).toFixed(1)} ms\n`);
  // Beside the kinds, each of which has the target: fast ones are many, and hide what is slow.
  rows.push(row(scenario, 'p99', 'ms', quantile(all, 0.99), 'target of each', TARGET_MS));
  return rows;
}

type Ask = (n: number) => Promise<unknown>;

/** Each as the console or the command line asks it. `n` varies what is asked for. @throws when an answer is empty that must not be */
function questions(client: System['client'], last: number): [string, Ask][] {
  const page = async (input: Parameters<typeof client.events.list.query>[0]) => {
    const { items } = await client.events.list.query({ limit: PAGE, ...input });
    if (items.length === 0) throw new Error(`no event for ${JSON.stringify(input)}`);
  };
  const ago = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
  const cursor = (n: number) => String(last - ((n * 7_919_017) % Math.floor(last * 0.9)));
  const counts = async (input: Parameters<typeof client.events.count.query>[0]) => {
    if ((await client.events.count.query(input)).counts.length === 0) throw new Error(`nothing counted for ${JSON.stringify(input)}`);
  };
  return [
    ['newest page', () => page({})],
    [
      'newest page with what the console asks beside it',
      () => Promise.all([page({}), counts({ by: 'time', seconds: 1_800, from: ago(24) }), counts({ by: 'name', from: ago(24) })]),
    ],
    ['a page anywhere', (n) => page({ cursor: cursor(n) })],
    ['a page of an hour anywhere', (n) => page({ from: ago(n + 2), to: ago(n + 1) })],
    ['a common name with *', () => page({ names: ['orders.*'] })],
    ['run.Failed', () => page({ names: ['run.Failed'] })],
    ['a rare name', () => page({ names: [RARE_NAME] })],
    ['a rare name with *', () => page({ names: ['backup.*', 'restore.*'] })],
    ['a rare state of runs', () => page({ names: ['run.Crashed'] })],
    ['one thing', (n) => page({ resource: thingOf(n * 37) })],
    ['about a deployment that runs often', (n) => page({ about: deploymentOf(n % 50) })],
    ['about a deployment that runs seldom', () => page({ about: deploymentOf(RARE_DEPLOYMENT) })],
    ['about a deployment, around an event', (n) => page({ about: deploymentOf(n % DEPLOYMENTS), cursor: cursor(n), limit: 15 })],
    ['text that is common, of an hour', () => page({ text: 'parquet', from: ago(1) })],
    // Each page says how far back it searched; the next goes on from there.
    [
      'text that is nowhere, a page of the search',
      (n) => client.events.list.query({ text: 'nowhere to be found', cursor: cursor(n), limit: PAGE }),
    ],
    ['histogram of an hour', () => counts({ by: 'time', seconds: 60, from: ago(1), to: ago(0) })],
    ['histogram of a day', () => counts({ by: 'time', seconds: 1_800, from: ago(24) })],
    ['histogram of 30 days', () => counts({ by: 'time', seconds: 43_200, from: ago(24 * 30) })],
    ['names of 30 days', () => counts({ by: 'name', from: ago(24 * 30) })],
    ['histogram of one name, 30 days', () => counts({ by: 'time', seconds: 43_200, from: ago(24 * 30), names: ['run.Failed'] })],
  ];
}

async function flush(adminUrl: string): Promise<void> {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    await admin.query('CHECKPOINT');
  } finally {
    await admin.end();
  }
}

/** What it takes on disk, indexes and all. */
async function sizes(system: System): Promise<string> {
  const [size] = await system.sql<{ rows: string; blocks: string; all: string }>(
    `SELECT pg_size_pretty(sum(pg_total_relation_size(inhrelid)) FILTER (WHERE inhparent = 'event'::regclass)) AS rows,
       pg_size_pretty(sum(pg_total_relation_size(inhrelid)) FILTER (WHERE inhparent = 'event_block'::regclass)) AS blocks,
       pg_size_pretty(pg_database_size(current_database())) AS all FROM pg_inherits WHERE inhparent IN ('event'::regclass, 'event_block'::regclass)`,
  );
  return `${size?.rows} of events a row each, ${size?.blocks} of blocks, ${size?.all} in all`;
}

/**
 * `npm run bench`: our figures beside peers and floors that run in the same run, on the same durable Postgres
 * (peers keep to a schema of their own).
 *
 *   --quick            smaller samples, for CI
 *   --json             an array of rows { scenario, metric, unit, ours, against, theirs, ratio }
 *   --only NAME        one scenario: trigger, throughput, due-at-once, start, task-overhead
 *   --repeat N         medians of N runs (default 1 with --quick, else 3)
 */
import { parseArgs } from 'node:util';
import { type System, startSystem } from '../test-support/system.ts';
import { type Row, table } from './row.ts';
import { dueAtOnce } from './scenarios/due-at-once.ts';
import { start } from './scenarios/start.ts';
import { taskOverhead } from './scenarios/task-overhead.ts';
import { throughput } from './scenarios/throughput.ts';
import { trigger } from './scenarios/trigger.ts';
import { median } from './statistics.ts';

type Scenario = (system: System, peerUrl: string, quick: boolean) => Promise<Row[]>;
const SCENARIOS: Record<string, Scenario> = { trigger, throughput, 'due-at-once': dueAtOnce, start, 'task-overhead': taskOverhead };

const { values } = parseArgs({
  options: { quick: { type: 'boolean' }, json: { type: 'boolean' }, only: { type: 'string' }, repeat: { type: 'string' } },
});
const quick = values.quick ?? false;
const repeat = Number(values.repeat ?? (quick ? 1 : 3));
const chosen = Object.entries(SCENARIOS).filter(([name]) => values.only === undefined || name === values.only);
if (chosen.length === 0 || !Number.isInteger(repeat) || repeat < 1) {
  process.stderr.write(`usage: npm run bench -- [--quick] [--json] [--only ${Object.keys(SCENARIOS).join('|')}] [--repeat N]\n`);
  process.exit(2);
}

const rounds: Row[][] = [];
{
  await using system = await startSystem({ tag: `bench-${process.pid}`, slots: 16 });
  for (let round = 1; round <= repeat; round++) {
    const rows: Row[] = [];
    for (const [name, scenario] of chosen) {
      process.stderr.write(`round ${round} of ${repeat}: ${name}\n`);
      rows.push(...(await scenario(system, system.databaseUrl, quick)));
    }
    rounds.push(rows);
  }
}
const rows = (rounds[0] ?? []).map((first, index) =>
  medianRow(
    first,
    rounds.map((round) => round[index] ?? first),
  ),
);
process.stdout.write(`${values.json ? JSON.stringify(rows, null, 2) : table(rows)}\n`);

function medianRow(first: Row, all: readonly Row[]): Row {
  const [ours, theirs] = [median(all.map((r) => r.ours)), median(all.map((r) => r.theirs))];
  return { ...first, ours, theirs, ratio: Number((ours / theirs).toPrecision(3)) };
}

/** `npm run bench`: see `--help` (options.ts) and docs/performance.md. */
import { HELP, readOptions } from './options.ts';
import { medianRows, type Row, table } from './row.ts';
import { openBench } from './scenario.ts';
import { SCENARIOS } from './scenarios/index.ts';

const options = readOptions(process.argv.slice(2), SCENARIOS);
if ('say' in options) {
  (options.code === 0 ? process.stdout : process.stderr).write(options.say || HELP);
  process.exit(options.code);
}

const { chosen, size, repeat, json } = options;
const bench = openBench(size);
/** Set once it is interrupted: what the scenario then throws is no finding, and all is stopped before the end. */
let stopping: Promise<void> | null = null;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    stopping ??= bench.close().finally(() => process.exit(130));
  });
}
const rows: Row[] = [];
const failed: string[] = [];
for (const [name, scenario] of chosen) {
  try {
    const rounds: Row[][] = [];
    for (let round = 1; round <= repeat; round++) {
      process.stderr.write(`${name}, round ${round} of ${repeat}\n`);
      rounds.push(await scenario.run(bench));
    }
    const found = medianRows(rounds);
    rows.push(...found);
    // What was measured is seen even if a later scenario is stopped.
    if (chosen.length > 1) process.stderr.write(`${table(found)}\n\n`);
  } catch (error) {
    if (stopping) await stopping;
    failed.push(name);
    process.stderr.write(`${name} FAILED: ${error instanceof Error ? (error.stack ?? error.message) : error}\n`);
  }
}
process.stdout.write(`${json ? JSON.stringify(rows, null, 2) : table(rows)}\n`);
if (failed.length > 0) process.stderr.write(`failed: ${failed.join(', ')}\n`);
// Peers may leave a timer or a socket open.
process.exit(failed.length > 0 ? 1 : 0);

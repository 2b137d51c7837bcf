/** What the engine adds to a task without a server, beside bare calls and libraries that bound or memoize them; what importing it costs. */
import { spawn } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { flow, task } from '@signalbox/sdk';
import pMap from 'p-map';
import { QUIET_REPORTER } from '../../../sdk/src/engine/quiet-reporter.ts';
import { executeLocally } from '../../../sdk/src/engine/run-locally.ts';
import { type AnyFlow, FLOW } from '../../../sdk/src/flow-definition.ts';
import { buildSdk } from '../../pack/pack.ts';
import { budgetRow, type Row, row } from '../row.ts';
import type { Scenario } from '../scenario.ts';
import { median } from '../statistics.ts';

const bare = async (n: number) => n + 1;
const inline = task({ name: 'inline', persistResult: false }, bare);
const kept = task({ name: 'kept' }, bare);
const SCENARIO = 'a task without a server';
const P_MAP = 'p-map 7.1.1';
const SDK = new URL('../../../sdk/src/index.ts', import.meta.url).href;

export const taskOverhead: Scenario = {
  about: 'microseconds the engine adds to a task, 10,000 mapped tasks in time and memory, import of the SDK; no server',
  async run(bench): Promise<Row[]> {
    const count = bench.of(20_000, 2_000, 50);
    const many = Array.from({ length: count }, (_, i) => i);
    const inARow = async (call: (n: number) => Promise<number>) => {
      let n = 0;
      for (let i = 0; i < count; i++) n = await call(n);
    };
    const perTask = async (name: string, body: () => Promise<unknown>, retries = 0) =>
      (await timed(flow({ name, retries }, body))) * (1_000 / count);

    await perTask('warm-up', () => inARow(inline));
    const floorRow = (await elapsed(() => inARow(bare))) * (1_000 / count);
    const floorAll = (await elapsed(() => Promise.all(many.map(bare)))) * (1_000 / count);
    const bounded = (await elapsed(() => pMap(many, bare, { concurrency: 100 }))) * (1_000 / count);
    const inlineUs = await perTask('inline', () => inARow(inline));
    const submittedUs = await perTask('submitted', () => Promise.all(many.map((n) => inline.submit(n))));
    const mappedUs = await perTask('mapped', () => inline.map(many).results());

    const most = bench.of(10_000, 10_000, 100);
    const [mapped, peer] = [
      await grown(most, (list) => inline.map(list).results()),
      await grown(most, (list) => pMap(list, bare, { concurrency: 100 })),
    ];
    const [importMs, nodeMs] = await imports(SDK, bench.of(20, 5, 1));
    const [publishedMs] = await imports(bench.of(1, 1, 0) ? pathToFileURL(await buildSdk()).href : SDK, bench.of(20, 5, 1));
    const flowOf = `1 flow, ${most.toLocaleString('en')} mapped tasks`;
    return [
      row(SCENARIO, 'inline, in a row', 'µs', inlineUs, 'bare async calls', floorRow),
      budgetRow(SCENARIO, 'inline, in a row', 'µs', inlineUs, 20),
      row(SCENARIO, 'submitted, awaited together', 'µs', submittedUs, 'bare async calls', floorAll),
      row(SCENARIO, 'submitted, awaited together', 'µs', submittedUs, P_MAP, bounded),
      row(SCENARIO, 'mapped', 'µs', mappedUs, P_MAP, bounded),
      row(SCENARIO, 'inline, results kept in memory', 'µs', await perTask('kept', () => inARow(kept), 1), 'bare async calls', floorRow),
      row(flowOf, 'took', 'ms', mapped.ms, P_MAP, peer.ms),
      row(flowOf, 'heap held at its end', 'KiB', mapped.kib, P_MAP, peer.kib),
      row('import of the SDK', 'whole process', 'ms', nodeMs + publishedMs, `bare node ${process.versions.node}`, nodeMs),
      row('import of the SDK', 'import alone', 'ms', publishedMs, 'its sources, file by file', importMs),
      budgetRow('import of the SDK', 'import alone', 'ms', publishedMs, 30),
    ];
  },
};

/** Time of one flow over a list, and what it holds of the heap at its end, garbage collected. */
async function grown(count: number, body: (list: number[]) => Promise<unknown>): Promise<{ ms: number; kib: number }> {
  const list = Array.from({ length: count }, (_, i) => i);
  let kib = 0;
  const before = heapKib();
  let ms = 0;
  await timed(
    flow({ name: 'grown' }, async () => {
      let results: unknown;
      ms = await elapsed(async () => {
        results = await body(list);
      });
      kib = heapKib() - before;
      return Array.isArray(results) ? results.length : 0;
    }),
  );
  return { ms, kib: Math.max(1, kib) };
}

function heapKib(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed / 1_024;
}

/** Milliseconds from Node's first line to an imported SDK, and of a Node that imports nothing; medians, compile cache warm. */
async function imports(sdk: string, samples: number): Promise<[importMs: number, nodeMs: number]> {
  const program = (what: string) => `const t = performance.now(); ${what}; process.stdout.write(String(performance.now() - t))`;
  const load = program(`await import(${JSON.stringify(sdk)})`);
  await inChild(load); // fills the compile cache
  const [inside, whole]: [number[], number[]] = [[], []];
  for (let i = 0; i < samples; i++) inside.push((await inChild(load)).said);
  for (let i = 0; i < samples; i++) whole.push((await inChild(program('0'))).ms);
  return [median(inside), median(whole)];
}

/** As agents start children: with a compile cache, without extra certificates. */
async function inChild(code: string): Promise<{ said: number; ms: number }> {
  const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
  const from = performance.now();
  const cache = new URL('../../../.signalbox/bench-compile-cache', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { env: { ...env, NODE_COMPILE_CACHE: cache } });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
  const code0 = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code0 !== 0) throw new Error(`the SDK could not be imported: node ended with ${code0}`);
  return { said: Number(said), ms: performance.now() - from };
}

/** Milliseconds of one run of a flow that reports to nobody; its failure is a failure here. */
async function timed(what: AnyFlow): Promise<number> {
  return elapsed(async () => {
    const outcome = await executeLocally(what[FLOW], {}, { reporter: QUIET_REPORTER });
    if (outcome.state !== 'COMPLETED') throw outcome.error;
  });
}

async function elapsed(call: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await call();
  return performance.now() - from;
}

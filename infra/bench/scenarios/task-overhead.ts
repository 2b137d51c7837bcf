/** What the engine adds to a task without a server: microseconds for each, beside the same async functions called bare. */
import { flow, task } from '@signalbox/sdk';
import { QUIET_REPORTER } from '../../../sdk/src/engine/quiet-reporter.ts';
import { executeLocally } from '../../../sdk/src/engine/run-locally.ts';
import { type AnyFlow, FLOW } from '../../../sdk/src/flow-definition.ts';
import { type Row, row } from '../row.ts';

const bare = async (n: number) => n + 1;
const inline = task({ name: 'inline', persistResult: false }, bare);
const kept = task({ name: 'kept' }, bare);
const SCENARIO = 'a task without a server';

export async function taskOverhead(_system: unknown, _peerUrl: string, quick: boolean): Promise<Row[]> {
  const count = quick ? 2_000 : 20_000;
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
  return [
    row(SCENARIO, 'inline, in a row', 'µs', await perTask('inline', () => inARow(inline)), 'bare async calls', floorRow),
    row(
      SCENARIO,
      'submitted, awaited together',
      'µs',
      await perTask('submitted', () => Promise.all(many.map((n) => inline.submit(n)))),
      'bare async calls',
      floorAll,
    ),
    row(SCENARIO, 'mapped', 'µs', await perTask('mapped', () => inline.map(many).results()), 'bare async calls', floorAll),
    row(SCENARIO, 'inline, results kept in memory', 'µs', await perTask('kept', () => inARow(kept), 1), 'bare async calls', floorRow),
  ];
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

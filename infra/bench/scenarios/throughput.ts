/** Scenario 3: no-op runs a second from end to end, each created, claimed, started, completed and kept as history; what one costs. */

import { costsOf } from '../costs.ts';
import { createMany, deployBench, untilIdle } from '../deploy-noop.ts';
import { noop } from '../flows/noop.ts';
import * as dbos from '../peers/dbos.ts';
import { FLOOR, floorOf } from '../peers/floor.ts';
import * as graphile from '../peers/graphile-worker.ts';
import * as boss from '../peers/pg-boss.ts';
import * as restate from '../peers/restate.ts';
import { budgetRow, type Row, row } from '../row.ts';
import type { Scenario } from '../scenario.ts';

const SCENARIO = 'no-op runs end to end, with history';
/** Before it counts: children, plans and caches as they are in a flood. */
const WARM_UP = 500;

export const throughput: Scenario = {
  about: 'no-op runs a second with full history, their processor time and WAL, and both as runs grow tenfold',
  async run(bench): Promise<Row[]> {
    const count = bench.of(5_000, 500, 20);
    await using system = await bench.system();
    const deployment = await deployBench(system, noop, { name: 'throughput', isolation: 'reuse' });
    const flood = async (runs: number) => {
      const from = performance.now();
      const costs = await costsOf(system, async () => {
        await createMany(system, deployment, runs);
        await untilIdle(system);
      });
      return {
        perSecond: (runs / (performance.now() - from)) * 1_000,
        cpuUs: costs.totalUs / runs,
        wal: costs.walBytes / runs,
        parts: costs.cpuUs,
      };
    };
    await flood(Math.min(WARM_UP, count));
    const few = await flood(count);
    const many = await flood(count * 10);
    await system.stop('agent');

    let floor = { perSecond: Number.NaN, cpuUs: Number.NaN };
    const floorRuns = bench.of(20_000, 5_000, 20);
    const ground = await costsOf(system, async () => {
      floor = await floorOf(system.databaseUrl, floorRuns);
    });
    // Its warm-up is counted in; the control plane, which idles beside it, is not.
    const floorUs = floor.cpuUs + (ground.cpuUs['postgres'] ?? Number.NaN) / (floorRuns + Math.min(WARM_UP, floorRuns));
    const jobs = bench.of(20_000, 5_000, 20);
    const calls = bench.of(3_000, 500, 20);
    const peers: readonly (readonly [string, number])[] = [
      [`${graphile.GRAPHILE}, no history`, await graphile.throughput(system.databaseUrl, jobs)],
      [`${boss.PG_BOSS}, batches of 100`, await boss.throughput(system.databaseUrl, jobs)],
      [`${dbos.DBOS_NAME}, one step`, await dbos.throughput(system.databaseUrl, calls)],
      [`${restate.RESTATE}, one step`, await restate.throughput(calls)],
    ];
    const grown = `${SCENARIO}: ${(count * 10).toLocaleString('en')} beside ${count.toLocaleString('en')}`;
    return [
      ...peers.map(([name, theirs]) => row(SCENARIO, 'rate', 'runs/s', few.perSecond, name, theirs)),
      row(SCENARIO, 'rate', 'runs/s', few.perSecond, FLOOR, floor.perSecond),
      budgetRow(SCENARIO, 'rate', 'runs/s', few.perSecond, 3_000),
      row(SCENARIO, 'CPU a run', 'µs', few.cpuUs, FLOOR, floorUs),
      budgetRow(SCENARIO, 'CPU a run', 'µs', few.cpuUs, 500),
      ...Object.entries(few.parts).map(([part, us]) => row(SCENARIO, `CPU a run of ${part}`, 'µs', us / count, 'all of ours', few.cpuUs)),
      row(SCENARIO, 'WAL a run', 'bytes', few.wal, FLOOR, ground.walBytes / (floorRuns + Math.min(WARM_UP, floorRuns))),
      budgetRow(SCENARIO, 'WAL a run', 'bytes', few.wal, 2_048),
      row(grown, 'rate', 'runs/s', many.perSecond, 'ours, a tenth', few.perSecond),
      row(grown, 'CPU a run', 'µs', many.cpuUs, 'ours, a tenth', few.cpuUs),
      row(grown, 'WAL a run', 'bytes', many.wal, 'ours, a tenth', few.wal),
    ];
  },
};

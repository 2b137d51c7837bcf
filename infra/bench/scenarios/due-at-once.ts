/** Scenario 6: many runs that fall due at one instant: how late the first, the middle and the last are handed over. */

import { createMany, deployBench, untilIdle } from '../deploy-noop.ts';
import { noop } from '../flows/noop.ts';
import { GRAPHILE, dueAtOnce as graphileDueAtOnce } from '../peers/graphile-worker.ts';
import { budgetRow, type Row, row } from '../row.ts';
import type { Scenario } from '../scenario.ts';
import { quantile } from '../statistics.ts';

export const dueAtOnce: Scenario = {
  about: '10,000 runs due at one instant: when the first, the middle and the last start',
  async run(bench): Promise<Row[]> {
    const count = bench.of(10_000, 500, 10);
    const aheadMs = bench.of(20_000, 5_000, 2_500);
    await using system = await bench.system();
    const deployment = await deployBench(system, noop, { name: 'due-at-once', isolation: 'reuse' });
    await createMany(system, deployment, 50); // warms the children
    await untilIdle(system);
    const due = Date.now() + aheadMs;
    const dueAt = new Date(due).toISOString();
    await createMany(system, deployment, count, dueAt);
    if (Date.now() > due) throw new Error(`creating ${count} runs took longer than ${aheadMs} ms`);
    await untilIdle(system);
    const late = (
      await system.sql<{ late: number }>(
        `SELECT (result->>'body')::float8 - extract(epoch FROM due_at) * 1000 AS late FROM run WHERE due_at = $1 AND state_type = 'COMPLETED'`,
        [dueAt],
      )
    ).map((line) => line.late);
    if (late.length !== count) throw new Error(`${count} runs were due, ${late.length} ran`);
    if (Math.min(...late) < -1) throw new Error(`a run began ${-Math.min(...late)} ms before it was due`);
    await system.stop('agent');
    const peer = await graphileDueAtOnce(system.databaseUrl, count, bench.of(10_000, 3_000, 1_000));
    const scenario = `${count.toLocaleString('en')} runs due at one instant`;
    const first = Math.max(0.1, Math.min(...late));
    return [
      row(scenario, 'first starts after', 'ms', first, GRAPHILE, Math.max(0.1, peer.firstMs)),
      row(scenario, 'median starts after', 'ms', quantile(late, 0.5), GRAPHILE, peer.medianMs),
      row(scenario, 'last starts after', 'ms', Math.max(...late), GRAPHILE, peer.lastMs),
      budgetRow(scenario, 'first starts after', 'ms', first, 10),
      budgetRow(scenario, 'last starts after', 'ms', Math.max(...late), 4_000),
    ];
  },
};

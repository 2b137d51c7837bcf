/** Scenario 6: many runs that fall due at one instant: how late the first, the middle and the last are handed over. */

import type { System } from '../../test-support/system.ts';
import { createMany, deployBench, untilIdle } from '../deploy-noop.ts';
import { noop } from '../flows/noop.ts';
import { GRAPHILE, dueAtOnce as peerDueAtOnce } from '../peers/graphile-worker.ts';
import { type Row, row } from '../row.ts';
import { quantile } from '../statistics.ts';

export async function dueAtOnce(system: System, peerUrl: string, quick: boolean): Promise<Row[]> {
  const count = quick ? 500 : 10_000;
  const aheadMs = quick ? 5_000 : 20_000;
  const deployment = await deployBench(system, noop, { name: 'due-at-once', isolation: 'reuse' });
  const due = Date.now() + aheadMs;
  const dueAt = new Date(due).toISOString();
  await createMany(system, deployment, count, dueAt);
  if (Date.now() > due) throw new Error(`creating ${count} runs took longer than ${aheadMs} ms: raise aheadMs`);
  await untilIdle(system);
  const late = (
    await system.sql<{ late: number }>(
      `SELECT (result->>'body')::float8 - extract(epoch FROM due_at) * 1000 AS late FROM run
       WHERE deployment_id = (SELECT id FROM deployment WHERE name = 'due-at-once') AND due_at = $1`,
      [dueAt],
    )
  ).map((line) => line.late);
  if (late.length !== count) throw new Error(`${count} runs were due, ${late.length} ran`);
  if (Math.min(...late) < -1) throw new Error(`a run began ${-Math.min(...late)} ms before it was due`);
  const peer = await peerDueAtOnce(peerUrl, count, quick ? 3_000 : 10_000);
  const name = `${count.toLocaleString('en')} runs due at one instant`;
  return [
    row(name, 'first starts after', 'ms', Math.max(0.1, Math.min(...late)), GRAPHILE, Math.max(0.1, peer.firstMs)),
    row(name, 'median starts after', 'ms', quantile(late, 0.5), GRAPHILE, peer.medianMs),
    row(name, 'last starts after', 'ms', Math.max(...late), GRAPHILE, peer.lastMs),
  ];
}

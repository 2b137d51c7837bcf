/** Scenario 3: no-op runs a second from end to end, each created, claimed, started, completed and kept as history. */

import type { System } from '../../test-support/system.ts';
import { createMany, deployBench, untilIdle } from '../deploy-noop.ts';
import { noop } from '../flows/noop.ts';
import { GRAPHILE, throughput as peerThroughput } from '../peers/graphile-worker.ts';
import { type Row, row } from '../row.ts';

export async function throughput(system: System, peerUrl: string, quick: boolean): Promise<Row[]> {
  const count = quick ? 500 : 5_000;
  const deployment = await deployBench(system, noop, { name: 'throughput', isolation: 'reuse' });
  const walBefore = await wal(system);
  const from = performance.now();
  await createMany(system, deployment, count);
  await untilIdle(system);
  const perSecond = (count / (performance.now() - from)) * 1000;
  const walBytes = (await wal(system)) - walBefore;
  const peer = await peerThroughput(peerUrl, quick ? 5_000 : 20_000);
  return [
    row('no-op runs end to end, with history', 'rate', 'runs/s', perSecond, `${GRAPHILE}, no history`, peer),
    row('no-op runs end to end, with history', 'WAL a run', 'bytes', walBytes / count, 'budget', 2_048),
  ];
}

async function wal(system: System): Promise<number> {
  const [line] = await system.sql<{ bytes: string }>("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') AS bytes");
  return Number(line?.bytes);
}

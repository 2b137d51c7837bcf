/** Scenario 1: from the moment a client asks for a run to the first line of user code. */

import type { System } from '../../test-support/system.ts';
import { createAtRate, deployBench, startsAfter, unixMs, untilIdle } from '../deploy-noop.ts';
import { noop } from '../flows/noop.ts';
import * as hops from '../peers/bare-hops.ts';
import { BARE_NODE, coldStarts } from '../peers/bare-node.ts';
import * as dbos from '../peers/dbos.ts';
import * as graphile from '../peers/graphile-worker.ts';
import * as boss from '../peers/pg-boss.ts';
import * as restate from '../peers/restate.ts';
import { budgetRow, quantileRows, type Row } from '../row.ts';
import type { Scenario } from '../scenario.ts';
import { quantile } from '../statistics.ts';

const WARM = 'trigger to user code, warm child';
const COLD = 'trigger to user code, cold child';

export const trigger: Scenario = {
  about: 'from asking for a run to the first line of user code: warm, cold, and at a steady rate',
  async run(bench): Promise<Row[]> {
    const [warmSamples, coldSamples] = [bench.of(1_000, 100, 3), bench.of(50, 15, 1)];
    const [perSecond, seconds] = [bench.of(100, 50, 5), bench.of(60, 5, 1)];
    await using system = await bench.system();

    const deployment = await deployBench(system, noop, { name: 'warm', isolation: 'reuse' });
    for (let i = 0; i < 10; i++) await once(system, deployment); // warms the child and the plans
    const warm = await many(warmSamples, () => once(system, deployment));
    const asked = await createAtRate(system, deployment, perSecond, seconds);
    await untilIdle(system);
    const steady = await startsAfter(system, asked);

    const cold: number[] = [];
    for (let i = 0; i < coldSamples; i++) {
      // Other variables, other process: no child can be warm for it.
      cold.push(
        await once(system, await deployBench(system, noop, { name: `cold-${i}`, variables: { env: { BENCH_SAMPLE: String(i) } } })),
      );
    }
    await system.stop('agent');

    const peers: readonly (readonly [string, number[]])[] = [
      [graphile.GRAPHILE, await graphile.triggerLatencies(system.databaseUrl, warmSamples)],
      [boss.PG_BOSS, await boss.triggerLatencies(system.databaseUrl, warmSamples)],
      [`${dbos.DBOS_NAME}, in process`, await dbos.triggerLatencies(system.databaseUrl, warmSamples)],
      [restate.RESTATE, await restate.triggerLatencies(warmSamples)],
    ];
    const bare = await hops.triggerLatencies(system.databaseUrl, warmSamples);
    const floor = await coldStarts(coldSamples);
    return [
      ...peers.flatMap(([name, latencies]) => quantileRows(WARM, 'ms', warm, name, latencies)),
      ...quantileRows(WARM, 'ms', warm, hops.BARE_HOPS, bare),
      budgetRow(WARM, 'p50', 'ms', quantile(warm, 0.5), 5),
      budgetRow(WARM, 'p99', 'ms', quantile(warm, 0.99), 20),
      budgetRow(`${WARM}, ${perSecond}/s for ${seconds} s`, 'p50', 'ms', quantile(steady, 0.5), 5),
      budgetRow(`${WARM}, ${perSecond}/s for ${seconds} s`, 'p99', 'ms', quantile(steady, 0.99), 20),
      ...quantileRows(COLD, 'ms', cold, BARE_NODE, floor),
      budgetRow(COLD, 'p50', 'ms', quantile(cold, 0.5), 100),
    ];
  },
};

async function once(system: System, deployment: string): Promise<number> {
  const from = unixMs();
  const { id } = await system.client.runs.create.mutate({ deployment });
  await untilIdle(system);
  const { result, state } = await system.client.runs.get.query({ run: id });
  if (state.type !== 'COMPLETED') throw new Error(`a run of ${deployment} ended ${state.type}: ${state.message}`);
  return Number(result?.body) - from;
}

async function many(count: number, sample: () => Promise<number>): Promise<number[]> {
  const all: number[] = [];
  for (let i = 0; i < count; i++) all.push(await sample());
  return all;
}

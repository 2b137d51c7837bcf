/** Scenario 1: from the moment a client asks for a run to the first line of user code. */

import type { System } from '../../test-support/system.ts';
import { deployBench, untilIdle } from '../deploy-noop.ts';
import { noop } from '../flows/noop.ts';
import { BARE_NODE, coldStarts } from '../peers/bare-node.ts';
import { GRAPHILE, triggerLatencies } from '../peers/graphile-worker.ts';
import { type Row, row } from '../row.ts';
import { quantile } from '../statistics.ts';

export async function trigger(system: System, peerUrl: string, quick: boolean): Promise<Row[]> {
  const warmSamples = quick ? 100 : 1_000;
  const coldSamples = quick ? 20 : 100;

  const warmDeployment = await deployBench(system, noop, { name: 'warm', isolation: 'reuse' });
  for (let i = 0; i < 10; i++) await once(system, warmDeployment); // warms the child and the plans
  const warm = await many(warmSamples, () => once(system, warmDeployment));

  const cold: number[] = [];
  for (let i = 0; i < coldSamples; i++) {
    // Other variables, other process: no child can be warm for it.
    const deployment = await deployBench(system, noop, { name: `cold-${i}`, variables: { env: { BENCH_SAMPLE: String(i) } } });
    cold.push(await once(system, deployment));
  }

  const peer = await triggerLatencies(peerUrl, warmSamples);
  const floor = await coldStarts(coldSamples);
  return [
    row('trigger to user code, warm child', 'p50', 'ms', quantile(warm, 0.5), GRAPHILE, quantile(peer, 0.5)),
    row('trigger to user code, warm child', 'p99', 'ms', quantile(warm, 0.99), GRAPHILE, quantile(peer, 0.99)),
    row('trigger to user code, cold child', 'p50', 'ms', quantile(cold, 0.5), BARE_NODE, quantile(floor, 0.5)),
    row('trigger to user code, cold child', 'p99', 'ms', quantile(cold, 0.99), BARE_NODE, quantile(floor, 0.99)),
  ];
}

async function once(system: System, deployment: string): Promise<number> {
  const from = performance.timeOrigin + performance.now();
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

/** Deploys a bench flow under a name of its own. */
import { CREATE_RUNS_MAX } from '@signalbox/proto/api';
import { type AnyFlow, type DeploymentOptions, deploy, type Flow } from '@signalbox/sdk';
import type { System } from '../test-support/system.ts';

const FILE = new URL('./flows/noop.ts', import.meta.url);

/** `flow/name` of the deployment. */
export async function deployBench(
  system: System,
  flow: Flow<never, unknown> | AnyFlow,
  options: Omit<DeploymentOptions<never>, 'pool'>,
): Promise<string> {
  const definition = (flow as Flow<never, unknown>).deployment({ pool: 'local', from: { url: FILE.href }, ...options });
  await deploy([definition], { client: system.client });
  return `${flow.name}/${options.name}`;
}

/** Makes `count` runs, a thousand a request. */
export async function createMany(system: System, deployment: string, count: number, dueAt?: string): Promise<void> {
  const runs = Array.from({ length: count }, () => ({ dueAt }));
  for (let from = 0; from < count; from += CREATE_RUNS_MAX) {
    await system.client.runs.createMany.mutate({ deployment, runs: runs.slice(from, from + CREATE_RUNS_MAX) });
  }
}

/** Waits until no run is live. */
export async function untilIdle(system: System): Promise<void> {
  for (;;) {
    const [row] = await system.sql<{ live: boolean }>('SELECT EXISTS (SELECT 1 FROM run_dispatch) AS live');
    if (!row?.live) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

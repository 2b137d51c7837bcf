/** Deploys a bench flow under a name of its own. */
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

/** Waits until no run is live. */
export async function untilIdle(system: System): Promise<void> {
  for (;;) {
    const [row] = await system.sql<{ live: boolean }>('SELECT EXISTS (SELECT 1 FROM run_dispatch) AS live');
    if (!row?.live) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

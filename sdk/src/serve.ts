/** Deploying flows and running an agent for them, in one call. */
import type { DeployTarget } from './deploy.ts';
import type { DeploymentDefinition } from './deployment.ts';
import { isLoading } from './loading.ts';

export interface ServeOptions extends Omit<DeployTarget, 'client'> {
  /** Name of the agent. Default: the host's name. */
  readonly name?: string;
  /** Where the agent keeps its key and journal. Default: `.signalbox/serve` under the working directory. */
  readonly dataDir?: string;
  /** Runs at the same time. Default: the agent's. */
  readonly slots?: number;
  /** Abort it to stop. Default: Ctrl-C and TERM. */
  readonly signal?: AbortSignal;
}

/**
 * Registers deployments of one pool, then runs the installed agent package for that pool until Ctrl-C; ends when the
 * agent has drained. Does nothing while the file is only read, by an agent that loads a flow of it.
 * @example await serve([weather.deployment({ name: 'daily', pool: 'local', from: import.meta })]);
 * @throws Error when `@signalbox/agent` is not installed, the deployments name several pools, or the agent fails.
 */
export async function serve(deployments: readonly DeploymentDefinition[], options: ServeOptions = {}): Promise<void> {
  if (isLoading()) return;
  // Flow files import this package at every cold start; what serves is loaded only here.
  const { serveWithAgent } = await import('./serve-agent.ts');
  await serveWithAgent(deployments, options);
}

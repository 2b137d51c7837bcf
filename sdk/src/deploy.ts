/** Registering deployments with a control plane. */
import type { DeployInput, deployReplySchema } from '@signalbox/proto/api';
import type { z } from 'zod';
import type { DeploymentDefinition } from './deployment.ts';
import { isLoading } from './loading.ts';

/** The part of a client that deploying calls; `createClient()` of `@signalbox/sdk/client` gives it. */
export interface DeployClient {
  readonly deployments: { readonly deploy: { mutate(input: DeployInput): Promise<DeployedDeployment> } };
}

/** What the control plane answered: the deployment, whether it is new, and what differs from before. */
export type DeployedDeployment = z.infer<typeof deployReplySchema>;

/** Which control plane, and as whom. */
export interface DeployTarget {
  /** Default: `SIGNALBOX_URL`, else `http://127.0.0.1:4200`. */
  readonly url?: string;
  /** Default: `SIGNALBOX_API_KEY`. */
  readonly apiKey?: string;
  /** Slug or id. Default: `SIGNALBOX_WORKSPACE`, else that of the key. */
  readonly workspace?: string;
  /** Instead of all the above. */
  readonly client?: DeployClient;
}

/**
 * Registers or updates deployments one after the other. Does nothing, and answers nothing, while the file is only read:
 * by an agent that loads a flow of it, or by `signalbox deploy`.
 * @throws SignalboxError when one is refused.
 */
export async function deploy(deployments: readonly DeploymentDefinition[], target: DeployTarget = {}): Promise<DeployedDeployment[]> {
  if (isLoading()) return [];
  const { toDeployInput } = await import('./deployments.ts');
  const client: DeployClient = target.client ?? (await connect(target));
  const replies: DeployedDeployment[] = [];
  for (const deployment of deployments) replies.push(await client.deployments.deploy.mutate(await toDeployInput(deployment)));
  return replies;
}

/** @internal The client that a target names. */
export async function connect(target: DeployTarget) {
  const { createClient } = await import('./client/index.ts');
  return createClient({
    url: target.url ?? process.env.SIGNALBOX_URL ?? 'http://127.0.0.1:4200',
    apiKey: target.apiKey ?? process.env.SIGNALBOX_API_KEY,
    workspace: target.workspace ?? process.env.SIGNALBOX_WORKSPACE,
  });
}

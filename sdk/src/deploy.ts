/** Registering deployments with a control plane. */
import type { DeployInput, deployReplySchema, ensuredLimitsSchema, ensureLimitsInput, setBlockTypeInput } from '@signalbox/proto/api';
import type { z } from 'zod';
import type { DeploymentDefinition } from './deployment.ts';
import { declaredBlockTypes } from './engine/declared-block-types.ts';
import { declaredLimits } from './engine/declared-limits.ts';
import { isLoading } from './loading.ts';

/** The part of a client that deploying calls; `createClient()` of `@signalbox/sdk/client` gives it. */
export interface DeployClient {
  readonly deployments: { readonly deploy: { mutate(input: DeployInput): Promise<DeployedDeployment> } };
  readonly limits?: { readonly ensure: { mutate(input: z.input<typeof ensureLimitsInput>): Promise<EnsuredLimits> } };
  readonly blocks?: { readonly setType: { mutate(input: z.input<typeof setBlockTypeInput>): Promise<unknown> } };
}

/** What the control plane answered: the deployment, whether it is new, and what differs from before. */
export type DeployedDeployment = z.infer<typeof deployReplySchema>;

type EnsuredLimits = z.infer<typeof ensuredLimitsSchema>;

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
 * Registers or updates deployments one after the other, then makes the limits that the code declares where they are missing, and its types of blocks. Does nothing, and answers nothing, while the file is only read:
 * by an agent that loads a flow of it, or by `signalbox deploy`.
 * @throws SignalboxError when one is refused.
 */
export async function deploy(deployments: readonly DeploymentDefinition[], target: DeployTarget = {}): Promise<DeployedDeployment[]> {
  if (isLoading()) return [];
  const { toDeployInput } = await import('./deployments.ts');
  const client: DeployClient = target.client ?? (await connect(target));
  const replies: DeployedDeployment[] = [];
  for (const deployment of deployments) replies.push(await client.deployments.deploy.mutate(await toDeployInput(deployment)));
  await deployLimits(client);
  await deployBlockTypes(client);
  return replies;
}

/** @internal Makes the limits that the code declares and that are missing; says in what those that are there differ. */
export async function deployLimits(client: DeployClient): Promise<EnsuredLimits['limits']> {
  if (declaredLimits.size === 0 || !client.limits) return [];
  return (await client.limits.ensure.mutate({ limits: [...declaredLimits.values()] })).limits;
}

/** @internal Makes the types of blocks that the code declares, or changes them: they are code's. Their names. */
export async function deployBlockTypes(client: DeployClient): Promise<string[]> {
  if (!client.blocks) return [];
  for (const type of declaredBlockTypes.values()) await client.blocks.setType.mutate(type);
  return [...declaredBlockTypes.keys()];
}

/** @internal The client that a target names. */
export async function connect(target: DeployTarget, headers: Readonly<Record<string, string>> = {}) {
  const { createClient } = await import('./client/index.ts');
  return createClient({
    url: target.url ?? process.env.SIGNALBOX_URL ?? 'http://127.0.0.1:4200',
    apiKey: target.apiKey ?? process.env.SIGNALBOX_API_KEY,
    workspace: target.workspace ?? process.env.SIGNALBOX_WORKSPACE,
    headers,
  });
}

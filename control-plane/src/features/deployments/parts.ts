/** What else belongs to a deploy: other rooms add their part, so that this one need not know them. */
import type { deployInput } from '@signalbox/proto/api';
import type { z } from 'zod';
import type { CommandCtx } from '../../platform/services.ts';

export type Deployed = { readonly deploymentId: string; readonly created: boolean; readonly input: z.output<typeof deployInput> };
/** In the deploy's transaction; answers what changed, a line each. */
export type DeployPart = (ctx: CommandCtx, deployed: Deployed) => Promise<string[]>;

const parts: DeployPart[] = [];

/** Called once, when the room is loaded. */
export function addDeployPart(part: DeployPart): void {
  parts.push(part);
}

export async function deployParts(ctx: CommandCtx, deployed: Deployed): Promise<string[]> {
  const lines: string[] = [];
  for (const part of parts) lines.push(...(await part(ctx, deployed)));
  return lines;
}

/** The one thing that a grant or a question is about, named by options. */
import { CliError } from '../../cli-error.ts';
import type { Context } from '../../context.ts';

export interface ObjectOptions {
  readonly deployment?: string;
  readonly pool?: string;
}

/** Undefined: the workspace as a whole. @throws CliError for two at once, NOT_FOUND. */
export async function findObject(context: Context, { deployment, pool }: ObjectOptions) {
  if (deployment !== undefined && pool !== undefined) throw new CliError('--deployment and --pool name two things; name one');
  const client = await context.client();
  if (deployment !== undefined) return { kind: 'deployment' as const, id: (await client.deployments.get.query({ deployment })).id };
  if (pool !== undefined) return { kind: 'work-pool' as const, id: (await client.workPools.get.query({ pool })).id };
  return undefined;
}

/** The one thing that a grant or a question is about, named by options. */
import { CliError } from '../../cli-error.ts';
import type { Context } from '../../context.ts';

export interface ObjectOptions {
  readonly deployment?: string;
  readonly pool?: string;
  readonly block?: string;
}

/** Undefined: the workspace as a whole. @throws CliError for two at once, NOT_FOUND. */
export async function findObject(context: Context, { deployment, pool, block }: ObjectOptions) {
  if ([deployment, pool, block].filter((each) => each !== undefined).length > 1)
    throw new CliError('--deployment, --pool and --block name several things; name one');
  const client = await context.client();
  if (deployment !== undefined) return { kind: 'deployment' as const, id: (await client.deployments.get.query({ deployment })).id };
  if (pool !== undefined) return { kind: 'work-pool' as const, id: (await client.workPools.get.query({ pool })).id };
  if (block !== undefined) {
    const [type = '', name = '', ...more] = block.split('/');
    if (!type || !name || more.length > 0) throw new CliError(`--block: expected type/name, got ${block.slice(0, 100)}`);
    return { kind: 'block' as const, id: (await client.blocks.get.query({ type, name })).id };
  }
  return undefined;
}

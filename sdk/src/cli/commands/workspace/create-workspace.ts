import type { Context, GlobalOptions } from '../../context.ts';

export async function createWorkspace(context: Context, options: GlobalOptions & { name?: string }, slug: string): Promise<void> {
  const workspace = await (await context.client()).workspaces.create.mutate({ slug, name: options.name ?? slug });
  if (context.json) return context.printJson(workspace);
  context.print(`Created workspace ${workspace.slug} (${workspace.id}).`);
}

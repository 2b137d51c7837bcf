import { confirm } from '../../confirm.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { instant } from '../../output/time.ts';

export async function renameWorkspace(context: Context, options: GlobalOptions & { slug?: string }, name: string): Promise<void> {
  const workspace = await (await context.client()).workspaces.update.mutate({ name, slug: options.slug });
  if (context.json) return context.printJson(workspace);
  context.print(`Workspace ${workspace.slug} is called ${workspace.name}.`);
}

export async function deleteWorkspace(
  context: Context,
  options: GlobalOptions & { graceDays?: number; yes?: boolean },
  slug: string,
): Promise<void> {
  await confirm(context, `Delete workspace ${slug}? Nothing starts in it from then on`, options);
  const workspace = await (await context.client()).workspaces.delete.mutate({ slug, graceDays: options.graceDays });
  if (context.json) return context.printJson(workspace);
  context.print(`Deleted workspace ${slug}; it is gone for good ${instant(workspace.purgeAt, context.host.now()) ?? 'soon'}.`);
  context.note('Until then, `signalbox workspace restore` takes it back.');
}

export async function restoreWorkspace(context: Context): Promise<void> {
  const workspace = await (await context.client()).workspaces.restore.mutate();
  if (context.json) return context.printJson(workspace);
  context.print(`Restored workspace ${workspace.slug}.`);
}

import { confirm } from '../../confirm.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { download } from '../../download.ts';
import { instant } from '../../output/time.ts';

/** JSON lines `{ table, row }`, also of an organization in its grace period. */
export async function exportOrganization(context: Context, { output }: GlobalOptions & { output?: string }): Promise<void> {
  const rows = await download(context, '/api/organizations/export', output);
  if (output !== undefined) context.note(`Wrote ${rows} rows to ${output}.`);
}

export async function deleteOrganization(
  context: Context,
  options: GlobalOptions & { graceDays?: number; yes?: boolean },
  slug: string,
): Promise<void> {
  await confirm(context, `Delete organization ${slug} with its workspaces? Nothing starts in them from then on`, options);
  const organization = await (await context.client()).organizations.delete.mutate({ slug, graceDays: options.graceDays });
  if (context.json) return context.printJson(organization);
  context.print(`Deleted organization ${slug}; it is gone for good ${instant(organization.purgeAt, context.host.now()) ?? 'soon'}.`);
  context.note(`Until then, \`signalbox orgs restore ${slug}\` takes it back.`);
}

export async function restoreOrganization(context: Context, _options: GlobalOptions, slug: string): Promise<void> {
  const organization = await (await context.client()).organizations.restore.mutate({ slug });
  if (context.json) return context.printJson(organization);
  context.print(`Restored organization ${organization.slug}.`);
}

import type { Context, GlobalOptions } from '../../context.ts';
import { instant } from '../../output/time.ts';

export async function listOrganizations(context: Context): Promise<void> {
  const organizations = await (await context.client()).organizations.list.query();
  if (context.json) return context.printJson(organizations);
  context.printTable(
    organizations,
    [
      { header: 'SLUG', value: (each) => each.slug },
      { header: 'NAME', value: (each) => each.name, min: 10 },
      { header: 'ROLE', value: (each) => each.role },
      { header: 'SCOPES', value: (each) => each.scopes.join(' '), min: 12, drop: 1 },
    ],
    'This key acts in its workspace alone. Sign in again and tick “look after the organization too”.',
  );
}

export async function showOrganization(context: Context): Promise<void> {
  const organization = await (await context.client()).organizations.get.query();
  if (context.json) return context.printJson(organization);
  const { slug, name, role, auditDays, scopes, purgeAt } = organization;
  context.printFields([
    ['slug', slug],
    ['name', name],
    ['role', role],
    ['audit', `kept for ${auditDays} days`],
    ['scopes', scopes.join(' ')],
    ...(purgeAt === null ? [] : [['deleted', `gone for good ${instant(purgeAt, context.host.now())}`] as [string, string]]),
  ]);
}

export async function updateOrganization(
  context: Context,
  options: GlobalOptions & { name?: string; slug?: string; auditDays?: number },
): Promise<void> {
  const { name, slug, auditDays } = options;
  const organization = await (await context.client()).organizations.update.mutate({ name, slug, auditDays });
  if (context.json) return context.printJson(organization);
  context.print(`Organization ${organization.slug} is called ${organization.name}.`);
}

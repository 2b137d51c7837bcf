import { confirm } from '../../confirm.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { relative } from '../../output/time.ts';
import { findServiceAccount } from '../access/find-subject.ts';

type Confirmed = GlobalOptions & { yes?: boolean };

export async function listServiceAccounts(context: Context): Promise<void> {
  const accounts = await (await context.client()).serviceAccounts.list.query();
  if (context.json) return context.printJson(accounts);
  const now = context.host.now();
  context.printTable(
    accounts,
    [
      { header: 'SLUG', value: (account) => account.slug },
      { header: 'NAME', value: (account) => account.name, min: 8 },
      { header: 'STATUS', value: (account) => (account.disabledAt ? `disabled ${relative(account.disabledAt, now)}` : 'works') },
      { header: 'DESCRIPTION', value: (account) => account.description, min: 12, drop: 1 },
      { header: 'CREATED', value: (account) => relative(account.createdAt, now), drop: 2 },
      { header: 'ID', value: (account) => account.id, drop: 3 },
    ],
    'No service accounts. Make one with `signalbox service-accounts create SLUG`.',
  );
}

export async function createServiceAccount(
  context: Context,
  options: GlobalOptions & { name?: string; description?: string },
  slug: string,
): Promise<void> {
  const { name = slug, description } = options;
  const account = await (await context.client()).serviceAccounts.create.mutate({ slug, name, description });
  if (context.json) return context.printJson(account);
  context.print(`Made service account ${account.slug} (${account.id}).`);
}

export async function disableServiceAccount(context: Context, options: Confirmed, ref: string): Promise<void> {
  const { id, slug } = await findServiceAccount(context, ref);
  await confirm(context, `Disable service account ${slug}? Its keys are refused from then on`, options);
  return change(context, id, true);
}

export async function enableServiceAccount(context: Context, _options: GlobalOptions, ref: string): Promise<void> {
  return change(context, (await findServiceAccount(context, ref)).id, false);
}

export async function deleteServiceAccount(context: Context, options: Confirmed, ref: string): Promise<void> {
  const { id, slug } = await findServiceAccount(context, ref);
  await confirm(context, `Delete service account ${slug} with its keys and grants?`, options);
  const reply = await (await context.client()).serviceAccounts.delete.mutate({ serviceAccount: id });
  if (context.json) return context.printJson(reply);
  context.print(`Deleted service account ${slug}.`);
}

async function change(context: Context, id: Awaited<ReturnType<typeof findServiceAccount>>['id'], disabled: boolean): Promise<void> {
  const account = await (await context.client()).serviceAccounts.update.mutate({ serviceAccount: id, disabled });
  if (context.json) return context.printJson(account);
  context.print(`Service account ${account.slug} ${account.disabledAt ? 'is disabled' : 'works again'}.`);
}

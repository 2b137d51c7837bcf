import { BUILT_IN_ROLES, type BuiltInRole, type ServiceAccount } from '@signalbox/proto/api';
import type { Context, GlobalOptions } from '../../context.ts';
import { oneOf } from '../../option-values.ts';
import { instant } from '../../output/time.ts';
import { findServiceAccount } from '../access/find-subject.ts';

interface CreateOptions extends GlobalOptions {
  role?: string;
  scopes?: string[];
  organizationScopes?: string[];
  serviceAccount?: string;
  expiresInDays?: number;
}

/** The secret alone goes to standard output, so that `KEY=$(signalbox api-keys create ci)` works. */
export async function createApiKey(context: Context, options: CreateOptions, name: string): Promise<void> {
  const role = options.role === undefined ? undefined : oneOf<BuiltInRole>('role', options.role, BUILT_IN_ROLES);
  const { scopes, organizationScopes, expiresInDays } = options;
  const client = await context.client();
  const serviceAccount = await accountId(context, options.serviceAccount);
  const created = await client.apiKeys.create.mutate({ name, role, scopes, organizationScopes, serviceAccount, expiresInDays });
  if (context.json) return context.printJson(created);
  const { key } = created;
  context.note(`Created API key "${key.name}" as ${key.role}; expires ${instant(key.expiresAt, context.host.now()) ?? 'never'}.`);
  context.note(context.style.yellow('It is shown once. Keep it now:'));
  context.print(created.secret);
}

/** An id needs no look-up, so that a key without a scope of the organization can name one. */
async function accountId(context: Context, ref: string | undefined): Promise<ServiceAccount['id'] | undefined> {
  if (ref === undefined) return undefined;
  return ref.startsWith('sa_') ? (ref as ServiceAccount['id']) : (await findServiceAccount(context, ref)).id;
}

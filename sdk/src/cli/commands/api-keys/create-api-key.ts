import { BUILT_IN_ROLES, type BuiltInRole } from '@signalbox/proto/api';
import type { Context, GlobalOptions } from '../../context.ts';
import { oneOf } from '../../option-values.ts';
import { instant } from '../../output/time.ts';

interface CreateOptions extends GlobalOptions {
  role?: string;
  scopes?: string[];
  serviceAccount?: string;
  expiresInDays?: number;
}

/** The secret alone goes to standard output, so that `KEY=$(signalbox api-keys create ci)` works. */
export async function createApiKey(context: Context, options: CreateOptions, name: string): Promise<void> {
  const role = options.role === undefined ? undefined : oneOf<BuiltInRole>('role', options.role, BUILT_IN_ROLES);
  const { scopes, expiresInDays } = options;
  const client = await context.client();
  const serviceAccount = options.serviceAccount;
  const created = await client.apiKeys.create.mutate({ name, role, scopes, serviceAccount, expiresInDays });
  if (context.json) return context.printJson(created);
  const { key } = created;
  context.note(`Created API key "${key.name}" as ${key.role}; expires ${instant(key.expiresAt, context.host.now()) ?? 'never'}.`);
  context.note(context.style.yellow('It is shown once. Keep it now:'));
  context.print(created.secret);
}

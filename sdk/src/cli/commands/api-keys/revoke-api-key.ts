import { confirm } from '../../confirm.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { findKey } from './find-key.ts';

export async function revokeApiKey(context: Context, options: GlobalOptions & { yes?: boolean }, ref: string): Promise<void> {
  const client = await context.client();
  const key = await findKey(context, ref);
  await confirm(context, `Revoke API key "${key.name}" (${key.prefix}...)?`, options);
  const revoked = await client.apiKeys.revoke.mutate({ key: key.id });
  if (context.json) return context.printJson(revoked);
  context.print(`Revoked API key "${revoked.name}".`);
}

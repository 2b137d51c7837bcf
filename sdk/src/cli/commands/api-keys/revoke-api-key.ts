import { CliError } from '../../cli-error.ts';
import { confirm } from '../../confirm.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { EXIT } from '../../exit-code.ts';

export async function revokeApiKey(context: Context, options: GlobalOptions & { yes?: boolean }, ref: string): Promise<void> {
  const client = await context.client();
  const living = (await client.apiKeys.list.query()).filter((key) => key.revokedAt === null);
  const fitting = living.filter((key) => key.id === ref || key.name === ref || (ref.length >= 8 && key.prefix.startsWith(ref)));
  const [key] = fitting;
  if (!key) throw new CliError(`there is no API key "${ref}"`, { exitCode: EXIT.notFound, hint: 'list them with `signalbox api-keys ls`' });
  if (fitting.length > 1) {
    throw new CliError(`"${ref}" names ${fitting.length} API keys`, {
      exitCode: EXIT.conflict,
      hint: `use an id: ${fitting.map((each) => each.id).join(', ')}`,
    });
  }
  await confirm(context, `Revoke API key "${key.name}" (${key.prefix}...)?`, options);
  const revoked = await client.apiKeys.revoke.mutate({ key: key.id });
  if (context.json) return context.printJson(revoked);
  context.print(`Revoked API key "${revoked.name}".`);
}

import type { ApiKey } from '@signalbox/proto/api';
import { CliError } from '../../cli-error.ts';
import type { Context } from '../../context.ts';
import { EXIT } from '../../exit-code.ts';

/** The living key of this id, name or beginning. @throws CliError when there is none, or several. */
export async function findKey(context: Context, ref: string): Promise<ApiKey> {
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
  return key;
}

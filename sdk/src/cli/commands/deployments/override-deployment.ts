import { toMs } from '../../../duration.ts';
import { CliError } from '../../cli-error.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { parseInstant } from '../../parameters/parse-instant.ts';
import { readSetting } from './field-values.ts';
import { printFields } from './print-fields.ts';
import { withSuggestion } from './suggest-deployment.ts';

interface SetOptions extends GlobalOptions {
  readonly reason: string;
  readonly expires?: string;
  readonly remove?: readonly string[];
}

/** Lays values over code; they stay until they are reset or end by themselves, whatever is deployed. */
export async function setFields(context: Context, options: SetOptions, ref: string, settings: string[]): Promise<void> {
  const set = [...settings.map(readSetting), ...(options.remove ?? []).map((path) => ({ path, removed: true }))];
  if (set.length === 0) throw new CliError('nothing to set', { hint: 'give field=value, or --remove field' });
  const client = await context.client();
  const input = { deployment: ref, set, reason: options.reason, ...expiryOf(context, options.expires) };
  const described = await withSuggestion(client, ref, () => client.deployments.setOverlay.mutate(input));
  if (context.json) return context.printJson(described);
  context.print(`Set ${set.map(({ path }) => path).join(', ')} of ${described.deployment}. Deploying does not undo it.`, '');
  printFields(
    context,
    described.fields.filter((field) => set.some(({ path }) => path === field.path)),
  );
  context.note('', context.style.dim(`Undo it: signalbox deployments reset ${described.deployment} ${set[0]?.path}`));
}

/** Gives back what code says. */
export async function resetFields(
  context: Context,
  options: GlobalOptions & { all?: boolean },
  ref: string,
  paths: string[],
): Promise<void> {
  if (paths.length === 0 && !options.all) throw new CliError('nothing to reset', { hint: 'name fields, or give --all' });
  const client = await context.client();
  const input = { deployment: ref, ...(options.all ? {} : { paths }) };
  const described = await withSuggestion(client, ref, () => client.deployments.resetOverlay.mutate(input));
  if (context.json) return context.printJson(described);
  context.print(`${options.all ? 'Everything' : paths.join(', ')} of ${described.deployment} is as its code says.`);
}

/** `2h` from now by the control plane's clock, or an instant. */
export function expiryOf(context: Context, text: string | undefined): { expiresInMs?: number; expiresAt?: string } {
  if (text === undefined) return {};
  if (/^\d+(\.\d+)?(ms|s|m|h|d)$/.test(text)) return { expiresInMs: toMs(text as `${number}h`, 'expires') };
  return { expiresAt: parseInstant('expires', text, context.host.now()) };
}

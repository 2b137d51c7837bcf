import type { WebhookPreset } from '@signalbox/proto/api';
import { CliError } from '../../cli-error.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { readText } from '../../read-text.ts';
import { findWebhook } from './show-webhooks.ts';

type Options = GlobalOptions & { preset?: WebhookPreset; body: string; header: readonly string[] };

export async function testWebhook(context: Context, { preset, body, header }: Options, ref?: string): Promise<void> {
  if ((ref === undefined) === (preset === undefined)) throw new CliError('expected either a webhook or --preset');
  const of = ref === undefined ? { preset: preset as WebhookPreset, template: null } : await findWebhook(context, ref);
  const text = await readText(context, body);
  const headers = Object.fromEntries(header.map(headerOf));
  const preview = await (await context.client()).webhooks.preview.mutate({
    preset: of.preset,
    template: of.template,
    request: { body: text, headers: { 'content-type': 'application/json', ...headers } },
  });
  if (context.json) context.printJson(preview);
  else
    for (const { name, resource, payload } of preview.events)
      for (const line of [`${name} of ${resource['id']}`, ...JSON.stringify(payload, null, 2).split('\n')]) context.print(line);
  if (preview.problem !== null) throw new CliError(`it would be refused: ${preview.problem}`);
}

function headerOf(text: string): [string, string] {
  const at = text.indexOf(':');
  if (at < 1) throw new CliError(`--header: expected name:value, got "${text}"`);
  return [text.slice(0, at).trim().toLowerCase(), text.slice(at + 1).trim()];
}

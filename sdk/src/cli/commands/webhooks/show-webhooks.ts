import type { Webhook } from '@signalbox/proto/api';
import { stringify } from 'yaml';
import { CliError } from '../../cli-error.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { EXIT } from '../../exit-code.ts';
import { localTime, relative } from '../../output/time.ts';

const SHOWN = 50;

export async function listWebhooks(context: Context): Promise<void> {
  const webhooks = await (await context.client()).webhooks.list.query();
  if (context.json) return context.printJson(webhooks);
  context.printTable(
    webhooks,
    [
      { header: 'WEBHOOK', value: ({ name }) => name, min: 12 },
      { header: 'SENDER', value: ({ preset }) => preset },
      { header: 'PROOF', value: ({ scheme }) => scheme },
      { header: 'TAKES', value: ({ isEnabled }) => (isEnabled ? 'requests' : 'nothing') },
      { header: 'LAST', value: ({ lastAt }) => (lastAt ? relative(lastAt, context.host.now()) : 'never') },
      { header: 'ID', value: ({ id }) => id, drop: 1 },
    ],
    'No webhooks. Make one: signalbox webhooks apply --help',
  );
}

export async function showWebhook(context: Context, _options: GlobalOptions, ref: string): Promise<void> {
  const webhook = await findWebhook(context, ref);
  if (context.json) return context.printJson(webhook);
  const { name, id, preset, scheme, isEnabled, prefix, oldUntil, lastAt, template } = webhook;
  context.print(`${context.style.bold(name)} ${context.style.dim(id)}`);
  context.print(`from ${preset}, proof: ${scheme}, ${isEnabled ? 'takes requests' : 'off'}, its token begins with ${prefix}`);
  if (oldUntil) context.print(`the address before is taken until ${localTime(oldUntil)}`);
  context.print(lastAt ? `last request ${localTime(lastAt)}` : 'no request yet');
  if (template) context.print(...stringify(template).trimEnd().split('\n'));
}

export async function listDeliveries(context: Context, _options: GlobalOptions, ref: string): Promise<void> {
  const { id } = await findWebhook(context, ref);
  const page = await (await context.client()).webhooks.requests.query({ webhook: id, limit: SHOWN });
  if (context.json) return context.printJson(page);
  context.printTable(
    page.items,
    [
      { header: 'AT', value: ({ at }) => localTime(at) },
      { header: 'METHOD', value: ({ method }) => method },
      { header: 'BYTES', value: ({ bytes }) => String(bytes) },
      { header: 'BECAME', value: ({ outcome }) => outcome },
      { header: 'WHY', value: ({ reason, events }) => reason ?? events.join(' '), min: 20 },
    ],
    'No request in the last seven days.',
  );
}

/** By name or id. @throws CliError when there is none. */
export async function findWebhook(context: Context, ref: string): Promise<Webhook> {
  const webhooks = await (await context.client()).webhooks.list.query();
  const found = webhooks.find(({ id, name }) => id === ref || name === ref);
  if (!found) throw new CliError(`no webhook "${ref}"`, { exitCode: EXIT.notFound, hint: 'list them: signalbox webhooks ls' });
  return found;
}

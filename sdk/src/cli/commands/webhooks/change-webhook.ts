import { confirm } from '../../confirm.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { findWebhook } from './show-webhooks.ts';

export async function rotateWebhook(context: Context, { graceHours }: GlobalOptions & { graceHours?: number }, ref: string): Promise<void> {
  const { id } = await findWebhook(context, ref);
  const reply = await (await context.client()).webhooks.rotate.mutate({ webhook: id, ...(graceHours === undefined ? {} : { graceHours }) });
  if (context.json) return context.printJson(reply);
  context.print(reply.url);
  context.note(context.style.dim('It is shown once.'));
}

export function switchWebhook(isEnabled: boolean) {
  return async (context: Context, _options: GlobalOptions, ref: string): Promise<void> => {
    const { id } = await findWebhook(context, ref);
    const webhook = await (await context.client()).webhooks.update.mutate({ webhook: id, isEnabled });
    if (context.json) return context.printJson(webhook);
    context.print(`${webhook.name} ${webhook.isEnabled ? 'takes requests' : 'is off'}.`);
  };
}

export async function deleteWebhook(context: Context, options: GlobalOptions & { yes?: boolean }, ref: string): Promise<void> {
  const { id, name } = await findWebhook(context, ref);
  await confirm(context, `Delete webhook ${name}? Its address is gone for good`, options);
  const reply = await (await context.client()).webhooks.delete.mutate({ webhook: id });
  if (context.json) return context.printJson(reply);
  context.print(`Deleted ${name}.`);
}

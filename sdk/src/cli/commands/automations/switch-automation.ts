import { confirm } from '../../confirm.ts';
import type { Context, GlobalOptions } from '../../context.ts';

export async function enableAutomation(context: Context, _options: GlobalOptions, automation: string): Promise<void> {
  const reply = await (await context.client()).automations.enable.mutate({ automation });
  if (context.json) return context.printJson(reply);
  context.print(`Automation ${reply.name} is on.`);
}

export async function disableAutomation(context: Context, _options: GlobalOptions, automation: string): Promise<void> {
  const reply = await (await context.client()).automations.disable.mutate({ automation });
  if (context.json) return context.printJson(reply);
  context.print(`Automation ${reply.name} is off.`);
}

export async function deleteAutomation(context: Context, options: GlobalOptions & { yes?: boolean }, automation: string): Promise<void> {
  await confirm(context, `Delete automation ${automation} with its history?`, options);
  const reply = await (await context.client()).automations.delete.mutate({ automation });
  if (context.json) return context.printJson(reply);
  context.print(`Deleted automation ${automation}.`);
}

import { readFile } from 'node:fs/promises';
import { type TriggerInput, triggerSchema } from '@signalbox/proto/api';
import { CliError } from '../../cli-error.ts';
import type { Context, GlobalOptions } from '../../context.ts';

export async function replayTrigger(context: Context, options: GlobalOptions & { days?: number }, file: string): Promise<void> {
  const reply = await (await context.client()).events.replay.query({ trigger: await triggerIn(file), days: options.days ?? 7 });
  if (context.json) return context.printJson(reply);
  for (const { at, event } of reply.firings)
    context.print([at, event?.name ?? 'nothing came', event?.resource.id].filter(Boolean).join('  '));
  context.print(`It would have fired ${reply.count} times on ${reply.events} events since ${reply.since}.`);
}

async function triggerIn(file: string): Promise<TriggerInput> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new CliError(`${file}: expected a trigger as JSON: ${(error as Error).message}`);
  }
  const parsed = triggerSchema.safeParse(value);
  const [issue] = parsed.error?.issues ?? [];
  if (issue) throw new CliError(`${file}: ${issue.path.join('.') || 'trigger'}: ${issue.message}`);
  return value as TriggerInput;
}

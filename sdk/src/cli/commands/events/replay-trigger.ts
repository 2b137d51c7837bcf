import { type TriggerInput, triggerSchema } from '@signalbox/proto/api';
import type { Context, GlobalOptions } from '../../context.ts';
import { checked, readYaml } from '../../read-definitions.ts';
import { printReplay } from '../automations/test-automation.ts';

export async function replayTrigger(context: Context, options: GlobalOptions & { days?: number }, file: string): Promise<void> {
  const trigger = await readYaml(context, file, 'a trigger');
  checked(file, triggerSchema, trigger);
  const reply = await (await context.client()).events.replay.query({ trigger: trigger as TriggerInput, days: options.days ?? 7 });
  if (context.json) return context.printJson(reply);
  printReplay(context, 'It', reply);
}

import { type AutomationDefinitionInput, automationDefinitionSchema } from '@signalbox/proto/api';
import type { Context, GlobalOptions } from '../../context.ts';
import { checked, readDefinitions } from '../../read-definitions.ts';

export async function applyAutomations(context: Context, { file }: GlobalOptions & { file: string }): Promise<void> {
  const definitions = await automationsIn(context, file);
  const client = await context.client();
  const replies = [];
  for (const definition of definitions) replies.push(await client.automations.upsert.mutate(definition));
  if (context.json) return context.printJson(replies);
  for (const { outcome, changes, automation } of replies)
    context.print(`${automation.name}: ${outcome}${outcome === 'updated' ? ` (${changes.join(', ')})` : ''}`);
}

/** As they are written: what they leave out is the control plane's to fill in. All of a file are right before one is sent. */
export function automationsIn(context: Context, file: string): Promise<AutomationDefinitionInput[]> {
  return readDefinitions(context, file, 'an automation or a list of them', (value, at) => {
    checked(file, automationDefinitionSchema, value, at);
    return value as AutomationDefinitionInput;
  });
}

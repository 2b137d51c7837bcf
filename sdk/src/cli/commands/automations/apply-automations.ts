import { readFile } from 'node:fs/promises';
import { type AutomationDefinitionInput, automationDefinitionSchema } from '@signalbox/proto/api';
import { parse } from 'yaml';
import { CliError } from '../../cli-error.ts';
import type { Context, GlobalOptions } from '../../context.ts';

export async function applyAutomations(context: Context, { file }: GlobalOptions & { file: string }): Promise<void> {
  const definitions = await automationsIn(file);
  const client = await context.client();
  const replies = [];
  for (const definition of definitions) replies.push(await client.automations.upsert.mutate(definition));
  if (context.json) return context.printJson(replies);
  for (const { outcome, changes, automation } of replies)
    context.print(`${automation.name}: ${outcome}${outcome === 'updated' ? ` (${changes.join(', ')})` : ''}`);
}

/** All of a file are right before one is sent. */
export async function automationsIn(file: string): Promise<AutomationDefinitionInput[]> {
  let value: unknown;
  try {
    // Of JSON, YAML is a superset.
    value = parse(await readFile(file, 'utf8'), { maxAliasCount: 100 });
  } catch (error) {
    throw new CliError(`${file}: expected automations as YAML or JSON: ${(error as Error).message}`);
  }
  const isList = Array.isArray(value);
  const all: unknown[] = isList ? (value as unknown[]) : [value];
  for (const [i, each] of all.entries()) {
    const [issue] = automationDefinitionSchema.safeParse(each).error?.issues ?? [];
    const path = [...(isList ? [i] : []), ...(issue?.path ?? [])].join('.');
    if (issue) throw new CliError(`${file}: ${path || 'automation'}: ${issue.message}`);
  }
  return all as AutomationDefinitionInput[];
}

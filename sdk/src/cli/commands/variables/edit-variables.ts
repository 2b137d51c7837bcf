import { confirm } from '../../confirm.ts';
import type { Context, GlobalOptions } from '../../context.ts';

type SetOptions = GlobalOptions & { description?: string; tag: string[]; new?: boolean };

export async function setVariable(context: Context, options: SetOptions, name: string, text: string): Promise<void> {
  const { description, tag, new: onlyNew = false } = options;
  const variable = await (await context.client()).variables.set.mutate({
    name,
    value: readValue(text),
    onlyNew,
    ...(description === undefined ? {} : { description }),
    ...(tag.length === 0 ? {} : { tags: tag }),
  });
  if (context.json) return context.printJson(variable);
  context.print(`Set variable ${variable.name} to ${JSON.stringify(variable.value)}.`);
}

export async function deleteVariable(context: Context, options: GlobalOptions & { yes?: boolean }, name: string): Promise<void> {
  await confirm(context, `Delete variable ${name}?`, options);
  const reply = await (await context.client()).variables.delete.mutate({ name });
  if (context.json) return context.printJson(reply);
  context.print(`Deleted variable ${name}.`);
}

function readValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

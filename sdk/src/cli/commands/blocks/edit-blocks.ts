import { CliError } from '../../cli-error.ts';
import { confirm } from '../../confirm.ts';
import type { Context, GlobalOptions } from '../../context.ts';

type SetOptions = GlobalOptions & { field: string[]; secret: string[]; description?: string; new?: boolean };

export async function setBlock(context: Context, options: SetOptions, type: string, name: string): Promise<void> {
  const { field, secret, description, new: onlyNew = false } = options;
  const fields = field.map((text) => readPair(text, '--field')).map(([key, value]) => [key, readValue(value)] as const);
  const secrets = secret.map((text) => readPair(text, '--secret')).map(([key, $secret]) => [key, { $secret }] as const);
  const block = await (await context.client()).blocks.set.mutate({
    type,
    name,
    value: Object.fromEntries([...fields, ...secrets]),
    onlyNew,
    ...(description === undefined ? {} : { description }),
  });
  if (context.json) return context.printJson(block);
  context.print(`Set block ${block.type}/${block.name}.`);
}

export async function deleteBlock(context: Context, options: GlobalOptions & { yes?: boolean }, type: string, name: string): Promise<void> {
  await confirm(context, `Delete block ${type}/${name}?`, options);
  const reply = await (await context.client()).blocks.delete.mutate({ type, name });
  if (context.json) return context.printJson(reply);
  context.print(`Deleted block ${type}/${name}.`);
}

export async function deleteBlockType(context: Context, options: GlobalOptions & { yes?: boolean }, name: string): Promise<void> {
  await confirm(context, `Delete type ${name}?`, options);
  const reply = await (await context.client()).blocks.deleteType.mutate({ name });
  if (context.json) return context.printJson(reply);
  context.print(`Deleted type ${name}.`);
}

function readPair(text: string, option: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new CliError(`${option}: expected name=value, got ${text.slice(0, 100)}`);
  return [text.slice(0, at), text.slice(at + 1)];
}

function readValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

import type { Context, GlobalOptions } from '../../context.ts';

export async function listVariables(context: Context, { prefix }: GlobalOptions & { prefix?: string }): Promise<void> {
  const page = await (await context.client()).variables.list.query({ limit: 200, ...(prefix === undefined ? {} : { prefix }) });
  if (context.json) return context.printJson(page);
  context.printTable(
    page.items,
    [
      { header: 'VARIABLE', value: ({ name }) => name, min: 10 },
      { header: 'VALUE', value: ({ value }) => JSON.stringify(value), min: 12 },
      { header: 'TAGS', value: ({ tags }) => tags.join(', '), drop: 1 },
      { header: 'DESCRIPTION', value: ({ description }) => description, min: 12, drop: 2 },
    ],
    'No variables. Make one with `signalbox variables set NAME VALUE`.',
  );
}

export async function getVariable(context: Context, _options: GlobalOptions, name: string): Promise<void> {
  const variable = await (await context.client()).variables.get.query({ name });
  if (context.json) return context.printJson(variable);
  context.print(typeof variable.value === 'string' ? variable.value : JSON.stringify(variable.value));
}

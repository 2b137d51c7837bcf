import type { Context, GlobalOptions } from '../../context.ts';

export async function listBlockTypes(context: Context): Promise<void> {
  const types = await (await context.client()).blocks.types.query();
  if (context.json) return context.printJson(types);
  context.printTable(
    types,
    [
      { header: 'TYPE', value: ({ name }) => name, min: 10 },
      { header: 'BLOCKS', value: ({ blocks }) => String(blocks) },
      { header: 'FIELDS', value: ({ schema }) => Object.keys((schema['properties'] ?? {}) as object).join(', '), min: 12 },
      { header: 'SECRETS', value: ({ secretFields }) => secretFields.join(', ') },
      { header: 'DESCRIPTION', value: ({ description }) => description, min: 12, drop: 1 },
    ],
    'No types of blocks. Declare one in code with block({ type, schema }), and deploy it.',
  );
}

export async function listBlocks(context: Context, { type }: GlobalOptions & { type?: string }): Promise<void> {
  const page = await (await context.client()).blocks.list.query({ limit: 200, ...(type === undefined ? {} : { type }) });
  if (context.json) return context.printJson(page);
  context.printTable(
    page.items,
    [
      { header: 'TYPE', value: (block) => block.type, min: 10 },
      { header: 'BLOCK', value: ({ name }) => name, min: 10 },
      { header: 'VALUE', value: ({ value }) => JSON.stringify(value), min: 12, drop: 2 },
      { header: 'DESCRIPTION', value: ({ description }) => description, min: 12, drop: 1 },
    ],
    'No blocks. Make one with `signalbox blocks set TYPE NAME --field host=db.internal`.',
  );
}

export async function getBlock(context: Context, _options: GlobalOptions, type: string, name: string): Promise<void> {
  const block = await (await context.client()).blocks.get.query({ type, name });
  if (context.json) return context.printJson(block);
  context.print(JSON.stringify(block.value, null, 2));
}

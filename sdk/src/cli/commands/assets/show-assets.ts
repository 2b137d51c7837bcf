import { toMs } from '../../../duration.ts';
import { CliError } from '../../cli-error.ts';
import { confirm } from '../../confirm.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { relative } from '../../output/time.ts';
import { harmless } from '../../output/width.ts';

export async function listAssets(context: Context, options: GlobalOptions & { search?: string; stale?: string }): Promise<void> {
  const staleMs = options.stale === undefined ? {} : { staleMs: readDuration(options.stale) };
  const search = options.search === undefined ? {} : { text: options.search };
  const page = await (await context.client()).assets.list.query({ limit: 200, ...search, ...staleMs });
  if (context.json) return context.printJson(page);
  const nowMs = Date.now();
  context.printTable(
    page.items,
    [
      { header: 'ASSET', value: ({ uri }) => uri, min: 16 },
      { header: 'MADE', value: ({ lastMaterializedAt }) => relative(lastMaterializedAt, nowMs) },
      { header: 'FAILED', value: ({ lastFailedAt }) => relative(lastFailedAt, nowMs), drop: 1 },
      { header: 'FROM', value: ({ upstream }) => String(upstream), drop: 2 },
      { header: 'TO', value: ({ downstream }) => String(downstream), drop: 2 },
      { header: 'NAME', value: ({ name }) => name ?? '', min: 8, drop: 3 },
    ],
    "No assets. Name what a task makes: task({ name: 'load', assets: ['s3://lake/orders'] }, ...).",
  );
}

export async function inspectAsset(context: Context, _options: GlobalOptions, uri: string): Promise<void> {
  const client = await context.client();
  const [asset, { items }, graph] = await Promise.all([
    client.assets.get.query({ uri }),
    client.assets.materializations.query({ uri, limit: 10 }),
    client.assets.graph.query({ uri, depth: 1 }),
  ]);
  if (context.json) return context.printJson({ ...asset, materializations: items, graph });
  const { style } = context;
  const nowMs = Date.now();
  context.print(style.bold(harmless(asset.name ?? asset.uri)), ...(asset.description ? [harmless(asset.description)] : []));
  context.print(`made ${relative(asset.lastMaterializedAt, nowMs)}, failed ${relative(asset.lastFailedAt, nowMs)}`);
  if (asset.owners.length > 0) context.print(`owners ${harmless(asset.owners.join(', '))}`);
  for (const { from } of graph.edges.filter(({ to }) => to === uri)) context.print(`  ${style.dim('<-')} ${harmless(from)}`);
  for (const { to } of graph.edges.filter(({ from }) => from === uri)) context.print(`  ${style.dim('->')} ${harmless(to)}`);
  context.printTable(
    items,
    [
      { header: 'WHEN', value: ({ at }) => relative(at, nowMs) },
      { header: 'OUTCOME', value: ({ outcome }) => outcome },
      { header: 'RUN', value: ({ run }) => run },
      { header: 'TASK', value: ({ flow, taskRun }) => `${flow} / ${taskRun}`, min: 10, drop: 1 },
      { header: 'METADATA', value: ({ metadata }) => JSON.stringify(metadata), min: 10, drop: 2 },
    ],
    'No task of this workspace has made it.',
  );
}

export async function deleteAsset(context: Context, options: GlobalOptions & { yes?: boolean }, uri: string): Promise<void> {
  await confirm(context, `Delete asset ${uri} with its history?`, options);
  const reply = await (await context.client()).assets.delete.mutate({ uri });
  if (context.json) return context.printJson(reply);
  context.print(`Deleted asset ${uri}.`);
}

function readDuration(text: string): number {
  try {
    return toMs(text as `${number}s`, '--stale');
  } catch (error) {
    throw new CliError((error as Error).message);
  }
}

/** The verbs of assets. They come to be by reports alone. */
import {
  ASSET_GRAPH_MAX,
  type Asset,
  type AssetGraph,
  type assetGraphInput,
  type listAssetsInput,
  type listMaterializationsInput,
  type Materialization,
} from '@signalbox/proto/api';
import type { z } from 'zod';
import { type Audited, audited } from '../../platform/audit.ts';
import { notFound } from '../../platform/errors.ts';
import type { Page } from '../../platform/pagination.ts';
import type { CommandCtx, Ctx } from '../../platform/services.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import { findAsset, readAssets, readEdges, readMaterializations, readNodes, removeAsset } from './store.ts';

type AssetRef = { readonly uri: string };

/** By URI. */
export async function listAssets(ctx: Ctx, input: z.output<typeof listAssetsInput>): Promise<Page<Asset>> {
  const { text = '', staleMs = null, limit, cursor = '' } = input;
  const rows = await readAssets(sqlOfTx(ctx.tx), ctx.workspace.id, { text, staleMs, after: cursor, limit: limit + 1 });
  const items = rows.slice(0, limit);
  return { items, nextCursor: rows.length > limit ? (items.at(-1)?.uri ?? null) : null };
}

/** @throws NOT_FOUND */
export async function getAsset(ctx: Ctx, { uri }: AssetRef): Promise<Asset> {
  const found = await findAsset(sqlOfTx(ctx.tx), ctx.workspace.id, uri);
  if (!found) throw notFound('asset', uri);
  return found;
}

/** The last ones, newest first. @throws NOT_FOUND */
export async function listMaterializations(
  ctx: Ctx,
  { uri, limit }: z.output<typeof listMaterializationsInput>,
): Promise<{ items: Materialization[] }> {
  await getAsset(ctx, { uri });
  return { items: await readMaterializations(sqlOfTx(ctx.tx), ctx.workspace.id, uri, limit) };
}

/** What it is made from, and what is made from it, step by step until the depth or the bound. @throws NOT_FOUND */
export async function graphOfAsset(ctx: Ctx, { uri, depth }: z.output<typeof assetGraphInput>): Promise<AssetGraph> {
  const sql = sqlOfTx(ctx.tx);
  await getAsset(ctx, { uri });
  const seen = new Set([uri]);
  const edges = new Map<string, { from: string; to: string }>();
  let isCut = false;
  for (const side of ['upstream', 'downstream'] as const) {
    let border = [uri];
    for (let step = 0; step < depth && border.length > 0; step++) {
      const found = await readEdges(sql, ctx.workspace.id, border, side, ASSET_GRAPH_MAX * 5);
      const next = new Set<string>();
      for (const edge of found) {
        const other = side === 'upstream' ? edge.from : edge.to;
        if (!seen.has(other) && seen.size >= ASSET_GRAPH_MAX) {
          isCut = true;
          continue;
        }
        edges.set(`${edge.from} ${edge.to}`, edge);
        if (!seen.has(other)) next.add(other);
        seen.add(other);
      }
      border = [...next];
    }
  }
  return { nodes: await readNodes(sql, ctx.workspace.id, [...seen]), edges: [...edges.values()], isCut };
}

/** With its history. It comes back when it is made again. @throws NOT_FOUND */
export async function deleteAsset(ctx: CommandCtx, { uri }: AssetRef): Promise<Audited<{ deleted: true }>> {
  const before = await getAsset(ctx, { uri });
  await removeAsset(sqlOfTx(ctx.tx), ctx.workspace.id, uri);
  return audited({ deleted: true as const }, { target: { kind: 'asset', id: null }, before: { uri, name: before.name }, after: null });
}

/** Assets: what tasks make outside of Signalbox (a table, a file, a model), when it was made last, and from what. */
import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { assetUriSchema } from '../messages/asset.ts';
import { durationMsSchema, instantSchema } from '../time.ts';

export const assetSchema = z.object({
  uri: z.string(),
  name: z.string().nullable(),
  description: z.string().nullable(),
  /** Where people look at it. */
  url: z.string().nullable(),
  owners: z.array(z.string()),
  /** Null: no task of this workspace has made it; others read it. */
  lastMaterializedAt: instantSchema.nullable(),
  lastFailedAt: instantSchema.nullable(),
  /** Of the last time it was made, or was to be made. */
  lastRun: idSchema('run').nullable(),
  /** How many it is made from, and how many are made from it. */
  upstream: z.number().int(),
  downstream: z.number().int(),
  createdAt: instantSchema,
});
export type Asset = z.infer<typeof assetSchema>;

export const materializationSchema = z.object({
  at: instantSchema,
  outcome: z.enum(['materialized', 'failed']),
  run: idSchema('run'),
  runName: z.string(),
  flow: z.string(),
  taskRun: z.string(),
  /** What code said of it: rows, bytes, a version. */
  metadata: z.record(z.string(), z.unknown()),
  /** What it was made from that time. */
  upstream: z.array(z.string()),
});
export type Materialization = z.infer<typeof materializationSchema>;

/** Nodes of one graph. */
export const ASSET_GRAPH_MAX = 200;
export const assetGraphSchema = z.object({
  nodes: z.array(assetSchema.pick({ uri: true, name: true, lastMaterializedAt: true, lastFailedAt: true })),
  edges: z.array(z.object({ from: z.string(), to: z.string() })),
  /** There are more than are told. */
  isCut: z.boolean(),
});
export type AssetGraph = z.infer<typeof assetGraphSchema>;

export const listAssetsInput = z.object({
  /** Part of the URI or the name, in any case. */
  text: z.string().trim().max(512).optional(),
  /** Those not materialized for so long, or never. */
  staleMs: durationMsSchema.optional(),
  limit: z.number().int().min(1).max(200).default(50),
  /** URI of the last one of the page before. */
  cursor: z.string().max(512).optional(),
});
export const assetRefInput = z.object({ uri: assetUriSchema });
export const assetGraphInput = assetRefInput.extend({
  /** Steps from it in both directions. */
  depth: z.number().int().min(1).max(10).default(3),
});
export const listMaterializationsInput = assetRefInput.extend({
  limit: z.number().int().min(1).max(100).default(20),
});

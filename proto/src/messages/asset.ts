/** What a task says of an asset that it made, or failed to make: the data of an artifact of kind `asset`. */
import { z } from 'zod';

export const ASSET_URI_MAX = 512;
/** Assets that one is made from. */
export const ASSET_UPSTREAM_MAX = 100;
export const assetUriSchema = z
  .string()
  .max(ASSET_URI_MAX)
  .regex(
    /^[a-z0-9]+:\/\/[^\s#?&%"'<>[\]{}|\\^`]+$/,
    'expected a URI such as s3://bucket/table, without spaces and # ? & % " \' < > [ ] { } | \\ ^ `',
  );

/** Bytes of JSON. */
export const ASSET_METADATA_MAX_BYTES = 16 * 1024;

export const assetReportSchema = z.object({
  asset: assetUriSchema,
  outcome: z.enum(['materialized', 'failed']),
  name: z.string().max(200).nullable(),
  description: z.string().max(2_500).nullable(),
  url: z.string().max(2_000).nullable(),
  owners: z.array(z.string().max(200)).max(20),
  /** Name of the task run. */
  taskRun: z.string().max(500),
  metadata: z.record(z.string(), z.unknown()),
  upstream: z.array(assetUriSchema).max(ASSET_UPSTREAM_MAX),
});
export type AssetReport = z.infer<typeof assetReportSchema>;

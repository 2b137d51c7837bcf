/** Assets: what tasks make outside of Signalbox. Its lineage follows futures and results from task to task. */
import { findEngineContext } from './engine/context.ts';

export interface AssetOptions {
  /** What people call it, at most 200 characters. Default: the URI. */
  readonly name?: string;
  /** At most 2,500 characters. */
  readonly description?: string;
  /** Where people look at it. */
  readonly url?: string;
  /** People or teams, at most 20. */
  readonly owners?: readonly string[];
}

/** A declared asset. */
export interface Asset extends Required<Pick<AssetOptions, 'owners'>>, Omit<AssetOptions, 'owners'> {
  readonly uri: string;
  /**
   * Facts of this time that it is made: rows, bytes, a version; at most 16 KiB of JSON. Called in the task that makes it; later
   * calls add to earlier ones.
   * @throws Error outside of a task; RangeError when it is too large.
   */
  metadata(facts: Readonly<Record<string, unknown>>): void;
}
/** A declared asset, or its URI alone. */
export type AssetRef = string | Asset;

// The wire's bounds; written out, since a cold start pays for every module.
const URI = /^[a-z0-9]+:\/\/[^\s#?&%"'<>[\]{}|\\^`]+$/;
const METADATA_MAX_BYTES = 16 * 1024;

/**
 * Declares an asset by its URI: `s3://lake/orders`, `postgres://shop/orders`. Tasks name it in `assets`, or `assetDeps`.
 * @example const orders = asset('s3://lake/orders', { name: 'Orders', owners: ['data'] });
 * @throws RangeError for a URI that is none, or words that are too long.
 */
export function asset(uri: string, options: AssetOptions = {}): Asset {
  checkUri(uri, 'asset');
  const { name, description, url, owners = [] } = options;
  for (const [field, text, most] of [
    ['name', name, 200],
    ['description', description, 2_500],
    ['url', url, 2_000],
  ] as const)
    if (text !== undefined && text.length > most)
      throw new RangeError(`asset "${uri}": ${field}: expected at most ${most} characters, got ${text.length}`);
  if (owners.length > 20) throw new RangeError(`asset "${uri}": owners: expected at most 20, got ${owners.length}`);
  const metadata = (facts: Readonly<Record<string, unknown>>) => {
    const ctx = findEngineContext();
    if (!ctx?.task) throw new Error(`metadata of asset "${uri}": call it in the task that makes it`);
    const { session, task } = ctx;
    const known = session.assetFacts.get(task) ?? new Map<string, Readonly<Record<string, unknown>>>();
    const all = { ...known.get(uri), ...facts };
    const bytes = Buffer.byteLength(JSON.stringify(all));
    if (bytes > METADATA_MAX_BYTES)
      throw new RangeError(`metadata of asset "${uri}": expected at most ${METADATA_MAX_BYTES} bytes of JSON, got ${bytes}`);
    session.assetFacts.set(task, known.set(uri, all));
    session.onAssetFacts?.(task, uri, all);
  };
  return Object.freeze({ uri, name, description, url, owners, metadata });
}

/** @internal Checked. @throws RangeError for a URI that is none. */
export function toAsset(ref: AssetRef, owner: string): Asset {
  if (typeof ref !== 'string') return ref;
  checkUri(ref, owner);
  return asset(ref);
}

function checkUri(uri: string, owner: string): void {
  if (typeof uri === 'string' && uri.length <= 512 && URI.test(uri)) return;
  const expected = 'a URI such as s3://bucket/table, at most 512 characters, without spaces and # ? & % " \' < > [ ] { } | \\ ^ `';
  throw new RangeError(`${owner}: expected ${expected}, got ${JSON.stringify(uri)}`);
}

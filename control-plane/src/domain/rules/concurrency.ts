/** What a deployment says of its concurrency, as the gate reads it; and who goes when a full limit does not queue. */
import type { CollisionStrategy, Concurrency } from '@signalbox/proto/api';
import { type KeyPart, partsOfKey } from './key-template.ts';

/** Columns of a deployment that claims decide by. */
export type Gate = {
  readonly concurrencyLimit: number | null;
  readonly keyLimit: number | null;
  readonly keyParts: readonly KeyPart[] | null;
  readonly collision: CollisionStrategy;
  readonly slotGraceMs: number | null;
};

type Said = {
  readonly concurrencyLimit: number | null;
  readonly concurrency: Concurrency | null;
  /** A person said that there is no limit: null is their word, not silence. */
  readonly isLifted?: boolean;
};

/** The gate of what was said. Without a key, `concurrency.limit` is the deployment's, unless somebody gave it another, or lifted it. */
export function gateOf({ concurrencyLimit, concurrency, isLifted = false }: Said): Gate {
  if (!concurrency) return { concurrencyLimit, keyLimit: null, keyParts: null, collision: 'ENQUEUE', slotGraceMs: null };
  const { limit, key, strategy: collision, gracePeriodMs: slotGraceMs } = concurrency;
  if (key === null)
    return { concurrencyLimit: isLifted ? null : (concurrencyLimit ?? limit), keyLimit: null, keyParts: null, collision, slotGraceMs };
  return { concurrencyLimit, keyLimit: limit, keyParts: partsOfKey(key), collision, slotGraceMs };
}

/** A run that holds a slot, longest first; one that is being cancelled frees its slot by itself. */
export type Holding = { readonly runId: string; readonly isEnding: boolean };

/** Who is cancelled: runs that wait for a slot, and runs that hold one. */
export type Collision = { readonly waiting: readonly string[]; readonly holding: readonly string[] };

/**
 * `holding` by how long, `waiting` by who came first. ENQUEUE cancels nobody. CANCEL_NEW cancels those for whom there is
 * no slot. With CANCEL_OLD the newest runs are to have the slots: waiting ones that are superseded go, and as many holders,
 * longest first, as those that stay need. `byAge` names all of them, oldest first: one that tries again may wait and yet be
 * older than who holds. Default: who holds is older.
 */
export function collide(
  strategy: CollisionStrategy,
  limit: number,
  holding: readonly Holding[],
  waiting: readonly string[],
  byAge: readonly string[] = [...holding.map(({ runId }) => runId), ...waiting],
): Collision {
  const free = Math.max(0, limit - holding.length);
  switch (strategy) {
    case 'ENQUEUE':
      return { waiting: [], holding: [] };
    case 'CANCEL_NEW':
      return { waiting: waiting.slice(free), holding: [] };
    case 'CANCEL_OLD': {
      const leaving = new Set(holding.filter(({ isEnding }) => isEnding).map(({ runId }) => runId));
      const newest = new Set(byAge.filter((runId) => !leaving.has(runId)).slice(-limit));
      const superseded = waiting.filter((runId) => !newest.has(runId));
      const ending = leaving.size;
      const wanted = Math.max(0, waiting.length - superseded.length - free - ending);
      const oldest = holding.filter(({ runId, isEnding }) => !isEnding && !newest.has(runId)).slice(0, wanted);
      return { waiting: superseded, holding: oldest.map(({ runId }) => runId) };
    }
    default:
      return strategy satisfies never;
  }
}

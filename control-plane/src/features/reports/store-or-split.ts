/**
 * Stores a group; one that fails is halved by batch, then within the batch, until the entry at fault is alone. That one
 * is refused and set aside: no poison row stops another's, and none blocks its own channel.
 */
import type { Verdict } from '@signalbox/proto/messages';
import type pg from 'pg';
import type { Timings } from '../../domain/run-snapshot.ts';
import { classifyError } from '../../platform/classify-error.ts';
import { AppError } from '../../platform/errors.ts';
import { reportGroups } from '../../platform/metrics.ts';
import type { GiveFreed } from '../dispatch/index.ts';
import type { Batch, BatchEntry, Refusal } from './batch.ts';
import { type Outcome, type StoredGroup, storeGroup } from './store-group.ts';

/** Where groups are stored, and by which bounds. */
export type Store = {
  readonly reportSql: pg.Pool;
  readonly timings: Timings;
  readonly give?: GiveFreed | undefined;
  readonly log: { error(fields: object, message: string): void };
};

export async function storeOrSplit(store: Store, batches: readonly Batch[]): Promise<StoredGroup> {
  const channel = batches[0]?.channel ?? 'state';
  try {
    const stored = await storeGroup(store.reportSql, batches, store.timings, store.give);
    reportGroups.inc({ channel, outcome: 'committed' });
    return stored;
  } catch (error) {
    // Not the group's fault: all of it again later.
    if (classifyError(error)?.code === 'UNAVAILABLE') {
      reportGroups.inc({ channel, outcome: 'failed' });
      throw error;
    }
    reportGroups.inc({ channel, outcome: 'split' });
    return split(store, batches, error);
  }
}

/** What was a group is not given anything with its pieces: nobody would tell the agent of it. */
async function split({ give: _give, ...store }: Store, batches: readonly Batch[], error: unknown): Promise<StoredGroup> {
  const [batch] = batches;
  if (batches.length > 1) {
    const [left, right] = halves(batches);
    return together([await storeOrSplit(store, left), await storeOrSplit(store, right)]);
  }
  if (!batch) throw error;
  if (batch.entries.length > 1) {
    const [left, right] = halves(batch.entries);
    const first = await storeOrSplit(store, [{ ...batch, entries: left }]);
    // Refused as a whole (an older session, a gap): the rest would be too.
    if (first.outcomes[0]?.error) return first;
    return asOne([first, await storeOrSplit(store, [{ ...batch, entries: right }])]);
  }
  const [entry] = batch.entries;
  if (!entry || entry.refusal) throw error;
  store.log.error(
    { err: error, ...batch.from, channel: batch.channel, n: entry.n, entry: entry.entry.type },
    'a report entry could not be stored, set aside',
  );
  const poison: BatchEntry = { n: entry.n, raw: entry.raw, refusal: refusalOf(error) };
  return storeGroup(store.reportSql, [{ ...batch, entries: [poison] }], store.timings);
}

/** Postgres: no partition for the row. Its day was dropped between the look and the write. */
const NO_PARTITION = '23514';

function refusalOf(error: unknown): Refusal {
  if ((error as { code?: unknown }).code === NO_PARTITION)
    return { code: 'NOT_FOUND', message: 'expired: the day of this run is not kept any more' };
  if (error instanceof AppError) return { code: error.code, message: error.message };
  return { code: 'INTERNAL', message: 'the entry could not be stored; it was set aside' };
}

function halves<T>(items: readonly T[]): [readonly T[], readonly T[]] {
  const middle = Math.ceil(items.length / 2);
  return [items.slice(0, middle), items.slice(middle)];
}

function together(groups: readonly StoredGroup[]): StoredGroup {
  return {
    outcomes: groups.flatMap(({ outcomes }) => outcomes),
    effects: groups.flatMap(({ effects }) => effects),
    touched: groups.flatMap(({ touched }) => touched),
  };
}

/** Pieces of one batch, in order: one outcome. */
function asOne(groups: readonly StoredGroup[]): StoredGroup {
  const all = together(groups);
  const failed = all.outcomes.find(({ error }) => error);
  const replies = all.outcomes.flatMap(({ reply }) => (reply ? [reply] : []));
  const last = replies.at(-1);
  const exceptions: Verdict[] = replies.flatMap((reply) => reply.exceptions);
  const outcome: Outcome =
    failed ??
    (last
      ? { reply: { ...last, exceptions }, poolId: all.outcomes.at(-1)?.poolId }
      : { error: new AppError('INTERNAL', 'nothing was stored') });
  return { ...all, outcomes: [outcome] };
}

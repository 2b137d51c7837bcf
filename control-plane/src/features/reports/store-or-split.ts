/**
 * Stores a group; one that fails is halved by batch, then within the batch, until the entry at fault is alone. That one
 * is refused and set aside: no poison row stops another's, and none blocks its own channel.
 */
import type { Verdict } from '@signalbox/proto/messages';
import type pg from 'pg';
import { classifyError } from '../../platform/classify-error.ts';
import { AppError } from '../../platform/errors.ts';
import { reportGroups } from '../../platform/metrics.ts';
import type { Batch, BatchEntry, Refusal } from './batch.ts';
import { type Outcome, type StoredGroup, storeGroup } from './store-group.ts';

export type SplitLog = { error(fields: object, message: string): void };

export async function storeOrSplit(reportSql: pg.Pool, batches: readonly Batch[], log: SplitLog): Promise<StoredGroup> {
  const channel = batches[0]?.channel ?? 'state';
  try {
    const stored = await storeGroup(reportSql, batches);
    reportGroups.inc({ channel, outcome: 'committed' });
    return stored;
  } catch (error) {
    // Not the group's fault: all of it again later.
    if (classifyError(error)?.code === 'UNAVAILABLE') {
      reportGroups.inc({ channel, outcome: 'failed' });
      throw error;
    }
    reportGroups.inc({ channel, outcome: 'split' });
    return split(reportSql, batches, log, error);
  }
}

async function split(reportSql: pg.Pool, batches: readonly Batch[], log: SplitLog, error: unknown): Promise<StoredGroup> {
  const [batch] = batches;
  if (batches.length > 1) {
    const [left, right] = halves(batches);
    return together([await storeOrSplit(reportSql, left, log), await storeOrSplit(reportSql, right, log)]);
  }
  if (!batch) throw error;
  if (batch.entries.length > 1) {
    const [left, right] = halves(batch.entries);
    const first = await storeOrSplit(reportSql, [{ ...batch, entries: left }], log);
    // Refused as a whole (an older session, a gap): the rest would be too.
    if (first.outcomes[0]?.error) return first;
    return asOne([first, await storeOrSplit(reportSql, [{ ...batch, entries: right }], log)]);
  }
  const [entry] = batch.entries;
  if (!entry || entry.refusal) throw error;
  log.error(
    { err: error, ...batch.from, channel: batch.channel, n: entry.n, entry: entry.entry.type },
    'a report entry could not be stored, set aside',
  );
  return storeGroup(reportSql, [{ ...batch, entries: [{ n: entry.n, raw: entry.raw, refusal: refusalOf(error) } satisfies BatchEntry] }]);
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
    failed ?? (last ? { reply: { ...last, exceptions } } : { error: new AppError('INTERNAL', 'nothing was stored') });
  return { ...all, outcomes: [outcome] };
}

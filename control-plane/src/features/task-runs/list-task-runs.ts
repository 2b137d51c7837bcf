import { toUuid } from '@signalbox/proto';
import type { listTaskRunsInput, TaskRun } from '@signalbox/proto/api';
import type { z } from 'zod';
import type { Tx } from '../../platform/db.ts';
import { invalidInput, shorten } from '../../platform/errors.ts';
import { retentionClassOf } from '../../platform/run-partition.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import { newestEpoch, readTaskRuns, type StoredTaskRun } from './store.ts';

/** Task runs of one attempt (default: the newest), ascending by ordinal. The cursor keeps to the attempt it began with. */
export async function listTaskRuns(
  tx: Tx,
  workspaceId: string,
  input: z.output<typeof listTaskRunsInput>,
): Promise<{ items: TaskRun[]; nextCursor: string | null }> {
  const sql = sqlOfTx(tx);
  const runId = toUuid('run', input.run);
  const retentionClass = await retentionClassOf(sql, workspaceId, runId);
  const cursor = input.cursor === undefined ? null : parseCursor(input.cursor);
  const epoch = cursor?.epoch ?? input.epoch ?? (await newestEpoch(sql, retentionClass, runId));
  const rows = await readTaskRuns(sql, { retentionClass, runId, epoch, afterOrdinal: cursor?.ordinal ?? 0, limit: input.limit + 1 });
  const items = rows.slice(0, input.limit).map(show);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > input.limit && last ? `${last.epoch}.${last.ordinal}` : null };
}

function show(row: StoredTaskRun): TaskRun {
  return {
    epoch: Number(row.epoch),
    ordinal: row.ordinal,
    kind: row.kind as TaskRun['kind'],
    name: row.name,
    taskKey: row.task_key,
    parentOrdinal: row.parent_ordinal,
    upstream: row.upstream,
    state: { type: row.state_type as TaskRun['state']['type'], name: row.state_name, message: row.message },
    failure: row.failure,
    attempt: row.attempt,
    startedAt: row.started_at?.toISOString() ?? null,
    endedAt: row.ended_at?.toISOString() ?? null,
  };
}

function parseCursor(text: string): { epoch: number; ordinal: number } {
  const [, epoch, ordinal] = /^(\d{1,16})\.(\d{1,9})$/.exec(text) ?? [];
  if (epoch === undefined) {
    throw invalidInput([{ field: 'cursor', expected: 'the nextCursor of the page before', received: shorten(JSON.stringify(text)) }]);
  }
  return { epoch: Number(epoch), ordinal: Number(ordinal) };
}

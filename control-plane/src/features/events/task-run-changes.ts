/** States that task runs entered: appended with the report that tells of them, many in a row of the inbox. */
import type { TaskState } from '@signalbox/proto/messages';
import type { Sql } from '../../platform/sql.ts';
import { storableJson } from '../../platform/storable.ts';
import type { Change } from './block.ts';

type Told = { readonly workspaceId: string; readonly runId: string; readonly entry: TaskState };
/** What `event_change.task_runs` holds: lists, since names of fields would be most of it. A change names its run by its place in `runIds`. */
export type TaskRunChanges = {
  readonly runIds: readonly string[];
  readonly changes: readonly (readonly [
    run: number,
    epoch: number,
    ordinal: number,
    task: string,
    name: string,
    state: string,
    attempt: number,
    atMs: number,
    startedAtMs: number | null,
    message?: string,
  ])[];
};

const CHANGES_OF_A_ROW = 200;
const MESSAGE_MAX = 1_000;

/** In the caller's transaction, as `signalbox_report`. Each entry is told once, since reports are stored once. */
export async function appendTaskRunChanges(sql: Sql, told: readonly Told[]): Promise<void> {
  if (told.length === 0) return;
  const rows = [...Map.groupBy(told, ({ workspaceId }) => workspaceId)].flatMap(([workspaceId, own]) =>
    Array.from({ length: Math.ceil(own.length / CHANGES_OF_A_ROW) }, (_, i) => ({
      workspaceId,
      changes: changesOf(own.slice(i * CHANGES_OF_A_ROW, (i + 1) * CHANGES_OF_A_ROW)),
    })),
  );
  await sql.query(
    `INSERT INTO event_change (workspace_id, name, run_ids, occurred_at, task_runs)
     SELECT workspace_id, 'task-run', '{}', '{}', changes FROM unnest($1::uuid[], $2::text[]::json[]) AS c (workspace_id, changes)`,
    [rows.map(({ workspaceId }) => workspaceId), rows.map(({ changes }) => storableJson(changes))],
  );
}

function changesOf(told: readonly Told[]): TaskRunChanges {
  const runIds = [...new Set(told.map(({ runId }) => runId))];
  const places = new Map(runIds.map((id, i) => [id, i]));
  return { runIds, changes: told.map(({ runId, entry }) => changeOf(places.get(runId) ?? 0, entry)) };
}

function changeOf(run: number, entry: TaskState): TaskRunChanges['changes'][number] {
  const { at, epoch, ordinal, taskKey, name, stateName, attempt, message, failure, startedAt, endedAt } = entry;
  const startedAtMs = startedAt !== null && endedAt !== null ? Date.parse(startedAt) : null;
  const why = (message ?? failure?.message)?.slice(0, MESSAGE_MAX);
  const change = [run, epoch, ordinal, taskKey, name, stateName, attempt, Date.parse(endedAt ?? at), startedAtMs] as const;
  return why === undefined ? change : [...change, why];
}

/** As the sequencer takes them. */
export function changesOfTaskRuns({ runIds, changes }: TaskRunChanges): Omit<Change, 'position'>[] {
  return changes.map(([run, epoch, ordinal, task, name, state, attempt, atMs, startedAtMs, message]) => ({
    runId: runIds[run] ?? '',
    taskRun: { epoch, ordinal, task, name },
    name: `task-run.${state}`,
    payload: { attempt, ...(message === undefined ? {} : { message }) },
    atMs,
    startedAtMs,
  }));
}

/** States that task runs entered: appended with the report that tells of them, many in a row of the inbox. */
import type { TaskState } from '@signalbox/proto/messages';
import type { Sql } from '../../platform/sql.ts';
import { storableJson } from '../../platform/storable.ts';
import type { Change } from './block.ts';

type Told = { readonly workspaceId: string; readonly runId: string; readonly entry: TaskState };
/** What `event_change.task_runs` holds; a change names its run by its place in `runIds`. */
export type TaskRunChanges = {
  readonly runIds: readonly string[];
  readonly changes: readonly (readonly [run: number, change: Omit<Change, 'position' | 'runId'>])[];
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
  return { runIds, changes: told.map(({ runId, entry }) => [places.get(runId) ?? 0, changeOf(entry)]) };
}

function changeOf({ at, epoch, ordinal, taskKey, name, stateName, attempt, message, failure, startedAt, endedAt }: TaskState) {
  const why = (message ?? failure?.message)?.slice(0, MESSAGE_MAX);
  return {
    taskRun: { epoch, ordinal, task: taskKey, name },
    name: `task-run.${stateName}`,
    payload: { attempt, ...(why === undefined ? {} : { message: why }) },
    atMs: Date.parse(endedAt ?? at),
    startedAtMs: startedAt !== null && endedAt !== null ? Date.parse(startedAt) : null,
  };
}

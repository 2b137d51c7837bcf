/** Runs as lists show them: record and dispatch row read in one statement, so a run is never in neither and never in both. */
import { LATE_AFTER_MS, type RunKind, type RunStateType, toId } from '@signalbox/proto';
import type { RunSummary } from '@signalbox/proto/api';
import { notFound } from '../../platform/errors.ts';
import type { Ctx } from '../../platform/services.ts';
import { joinOne, type Sql, sqlOfTx } from '../../platform/sql.ts';

export type SummaryRow = {
  id: string;
  name: string;
  kind: RunKind;
  flow_id: string;
  flow_name: string | null;
  deployment_id: string;
  deployment_name: string | null;
  state_type: RunStateType;
  state_name: string;
  state_message: string | null;
  state_at: Date;
  late: boolean;
  tags: string[];
  created_by: string;
  attempt: number | null;
  created_at: Date;
  due_at: Date;
  started_at: Date | null;
  ended_at: Date | null;
};

/** Columns of a SummaryRow over `r` (run), `d` (run_dispatch, null once ended), `f` (flow) and `dep` (deployment, null once deleted). */
export const SUMMARY_COLUMNS = `
  r.id, r.name, r.kind, r.flow_id, f.name AS flow_name, r.deployment_id, dep.name AS deployment_name,
  coalesce(d.state_type, r.state_type) AS state_type, coalesce(d.state_name, r.state_name) AS state_name,
  CASE WHEN d.run_id IS NULL THEN r.state_message ELSE d.state_message END AS state_message,
  coalesce(d.state_at, r.ended_at, r.created_at) AS state_at,
  coalesce(d.state_type = 'SCHEDULED' AND d.due_at < now() - interval '${LATE_AFTER_MS} milliseconds', false) AS late,
  r.tags, r.created_by, coalesce(d.attempt, r.attempt) AS attempt, r.created_at, coalesce(d.due_at, r.due_at) AS due_at,
  coalesce(r.started_at, d.first_started_at, d.started_at) AS started_at, r.ended_at`;

/** The live row `d` of `r`. */
export const JOIN_LIVE_ROW = joinOne('run_dispatch', 'd', 'r.id', 'run_id');

export const SUMMARY_JOINS = [JOIN_LIVE_ROW, joinOne('flow', 'f', 'r.flow_id'), joinOne('deployment', 'dep', 'r.deployment_id')].join(' ');

/** @throws NOT_FOUND when the workspace has no such run. */
export function readSummary(ctx: Ctx, runId: string): Promise<RunSummary> {
  return readSummaryIn(sqlOfTx(ctx.tx), ctx.workspace.id, runId);
}

/** The same for a command of plain SQL. */
export async function readSummaryIn(sql: Sql, workspaceId: string, runId: string): Promise<RunSummary> {
  const [row] = await sql.query<SummaryRow>(
    `SELECT ${SUMMARY_COLUMNS} FROM run r ${SUMMARY_JOINS} WHERE r.id = $1::uuid AND r.workspace_id = $2::uuid`,
    [runId, workspaceId],
  );
  if (!row) throw notFound('run', toId('run', runId));
  return showSummary(row);
}

/** Attempts are counted from 1; the record has none before its end. */
const FIRST_ATTEMPT = 1;
const DELETED = '(deleted)';

export function showSummary(row: SummaryRow): RunSummary {
  const { started_at: startedAt, ended_at: endedAt } = row;
  return {
    id: toId('run', row.id),
    name: row.name,
    kind: row.kind,
    flow: { id: toId('flow', row.flow_id), name: row.flow_name ?? DELETED },
    deployment: { id: toId('deployment', row.deployment_id), name: row.deployment_name ?? DELETED },
    state: {
      type: row.state_type,
      name: row.state_name,
      ...(row.state_message === null ? {} : { message: row.state_message }),
      at: row.state_at.toISOString(),
    },
    late: row.late,
    tags: row.tags,
    createdBy: row.created_by,
    attempt: Math.max(FIRST_ATTEMPT, row.attempt ?? FIRST_ATTEMPT),
    createdAt: row.created_at.toISOString(),
    dueAt: row.due_at.toISOString(),
    startedAt: startedAt?.toISOString() ?? null,
    endedAt: endedAt?.toISOString() ?? null,
    durationMs: startedAt && endedAt ? endedAt.getTime() - startedAt.getTime() : null,
  };
}

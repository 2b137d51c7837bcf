/** Every query of backfills. */
import { toId } from '@signalbox/proto';
import type { Backfill } from '@signalbox/proto/api';
import type { Prisma } from '../../generated/prisma/client.ts';
import type { Tx } from '../../platform/db.ts';
import type { Sql } from '../../platform/sql.ts';
import type { BackfillPlan } from './plan.ts';

type Row = {
  id: string;
  deploymentId: string;
  deployment: string;
  flow: string;
  scheduleId: string | null;
  scheduleSlug: string | null;
  plan: BackfillPlan;
  from: Date;
  to: Date;
  parameters: Record<string, unknown>;
  newestFirst: boolean;
  maxInFlight: number;
  rerun: boolean;
  state: Backfill['state'];
  total: number;
  made: number;
  existing: number;
  live: number;
  problem: string | null;
  createdBy: string;
  createdAt: Date;
  endedAt: Date | null;
};

/** Newest first, by keyset on id (backfill_workspace, backfill_deployment); or one. */
export async function readBackfills(
  tx: Tx,
  where: { workspaceId: string; id?: string; deploymentId?: string | null; before?: string | null; limit: number },
): Promise<{ id: string; backfill: Backfill }[]> {
  const rows = await tx.$queryRaw<Row[]>`
    SELECT b.id, b.deployment_id AS "deploymentId", d.name AS deployment, f.name AS flow, b.schedule_id AS "scheduleId",
      b.schedule_slug AS "scheduleSlug", b.plan, b.from_at AS "from", b.to_at AS "to", b.parameters, b.newest_first AS "newestFirst",
      b.max_in_flight AS "maxInFlight", b.rerun, b.state, b.total, b.made, b.existing,
      (SELECT count(*)::int FROM run_dispatch r WHERE r.run_id = ANY (b.open_runs)) AS live,
      b.problem, b.created_by AS "createdBy", b.created_at AS "createdAt", b.ended_at AS "endedAt"
    FROM backfill b JOIN deployment d ON d.id = b.deployment_id JOIN flow f ON f.id = d.flow_id
    WHERE b.workspace_id = ${where.workspaceId}::uuid AND (${where.id ?? null}::uuid IS NULL OR b.id = ${where.id ?? null}::uuid)
      AND (${where.deploymentId ?? null}::uuid IS NULL OR b.deployment_id = ${where.deploymentId ?? null}::uuid)
      AND (${where.before ?? null}::uuid IS NULL OR b.id < ${where.before ?? null}::uuid)
    ORDER BY b.id DESC LIMIT ${where.limit}::integer`;
  return rows.map((row) => ({ id: row.id, backfill: show(row) }));
}

function show(row: Row): Backfill {
  return {
    id: toId('backfill', row.id),
    deployment: { id: toId('deployment', row.deploymentId), name: row.deployment, flow: row.flow },
    schedule: row.scheduleId && row.scheduleSlug ? { id: toId('schedule', row.scheduleId), slug: row.scheduleSlug } : null,
    spec: row.plan.spec,
    from: row.from.toISOString(),
    to: row.to.toISOString(),
    parameters: row.parameters,
    order: row.newestFirst ? 'newest' : 'oldest',
    maxInFlight: row.maxInFlight,
    rerun: row.rerun,
    state: row.state,
    total: row.total,
    made: row.made,
    existing: row.existing,
    live: row.live,
    problem: row.problem,
    createdBy: row.createdBy,
    createdAt: row.createdAt.toISOString(),
    endedAt: row.endedAt?.toISOString() ?? null,
  };
}

export type NewBackfill = {
  readonly id: string;
  readonly workspaceId: string;
  readonly deploymentId: string;
  readonly scheduleId: string | null;
  readonly scheduleSlug: string | null;
  readonly plan: BackfillPlan;
  readonly fromAt: Date;
  readonly toAt: Date;
  readonly parameters: Record<string, unknown>;
  readonly instantParameter: string | null;
  readonly newestFirst: boolean;
  readonly maxInFlight: number;
  readonly rerun: boolean;
  readonly total: number;
  readonly createdBy: string;
};

export async function insertBackfill(tx: Tx, { plan, parameters, ...rest }: NewBackfill): Promise<void> {
  const json = { plan: plan as unknown as Prisma.InputJsonObject, parameters: parameters as Prisma.InputJsonObject };
  await tx.backfill.createMany({ data: { ...rest, ...json } });
}

/** Locks one backfill against the loop; null: there is none in this workspace. */
export async function lockBackfill(
  tx: Tx,
  workspaceId: string,
  id: string,
): Promise<{ state: Backfill['state']; openRuns: string[] } | null> {
  const rows = await tx.$queryRaw<{ state: Backfill['state']; openRuns: string[] }[]>`
    SELECT state, open_runs AS "openRuns" FROM backfill WHERE id = ${id}::uuid AND workspace_id = ${workspaceId}::uuid FOR UPDATE`;
  return rows[0] ?? null;
}

/* The loop, as `signalbox_system` */

/** Which backfills the loop looks at now, longest waiting first: backfill_look. */
export async function dueBackfills(sql: Sql, limit: number): Promise<string[]> {
  const rows = await sql.query<{ id: string }>('SELECT id FROM backfill WHERE look_at <= now() ORDER BY look_at, id LIMIT $1::integer', [
    limit,
  ]);
  return rows.map(({ id }) => id);
}

export type TakenBackfill = {
  readonly id: string;
  readonly workspaceId: string;
  readonly deploymentId: string;
  readonly deploymentName: string;
  readonly tags: readonly string[];
  readonly scheduleId: string | null;
  readonly plan: BackfillPlan;
  readonly from: Date;
  readonly to: Date;
  /** The deployment's defaults under its own. */
  readonly parameters: Record<string, unknown>;
  readonly instantParameter: string | null;
  readonly newestFirst: boolean;
  readonly maxInFlight: number;
  readonly rerun: boolean;
  readonly cursor: Date | null;
  readonly openRuns: readonly string[];
};

/** One backfill, locked; null: it is over, stands still, or another replica has it. */
export async function takeBackfill(sql: Sql, id: string): Promise<TakenBackfill | null> {
  const [row] = await sql.query<TakenBackfill>(
    `SELECT b.id, b.workspace_id AS "workspaceId", b.deployment_id AS "deploymentId", d.name AS "deploymentName", d.tags,
       b.schedule_id AS "scheduleId", b.plan, b.from_at AS "from", b.to_at AS "to", d.parameters || b.parameters AS parameters,
       b.instant_parameter AS "instantParameter", b.newest_first AS "newestFirst", b.max_in_flight AS "maxInFlight", b.rerun,
       b.cursor_at AS cursor, b.open_runs AS "openRuns"
     FROM backfill b JOIN deployment d ON d.id = b.deployment_id
     WHERE b.id = $1::uuid AND b.state = 'running' AND b.look_at <= now() FOR UPDATE OF b SKIP LOCKED`,
    [id],
  );
  return row ?? null;
}

/** Those of these instants that become runs of this backfill. The primary keys decide: an instant is made once. */
export async function claimInstants(
  sql: Sql,
  { id, workspaceId, scheduleId, rerun }: TakenBackfill,
  instants: readonly { atMs: number; runId: string }[],
): Promise<Set<number>> {
  const [at, runs] = [instants.map(({ atMs }) => new Date(atMs).toISOString()), instants.map(({ runId }) => runId)];
  let claimed = at.map((_, i) => i);
  if (scheduleId !== null && !rerun) {
    // An instant that made no run, because it was missed or skipped, is made now; one that did, or waits its turn, is left.
    const rows = await sql.query<{ at: Date }>(
      `INSERT INTO schedule_fire AS f (workspace_id, schedule_id, fire_at, outcome, reason, run_id)
       SELECT $1::uuid, $2::uuid, at, 'created', 'backfill', run_id FROM unnest($3::timestamptz[], $4::uuid[]) AS u (at, run_id)
       ON CONFLICT (schedule_id, fire_at) DO UPDATE SET outcome = 'created', reason = 'backfill', run_id = excluded.run_id
       WHERE f.run_id IS NULL AND f.outcome IN ('missed', 'skipped')
       RETURNING fire_at AS at`,
      [workspaceId, scheduleId, at, runs],
    );
    const won = new Set(rows.map((row) => row.at.toISOString()));
    claimed = claimed.filter((i) => won.has(at[i] as string));
  }
  const rows = await sql.query<{ at: Date }>(
    `INSERT INTO backfill_fire (backfill_id, workspace_id, fire_at, run_id)
     SELECT $1::uuid, $2::uuid, at, run_id FROM unnest($3::timestamptz[], $4::uuid[]) AS u (at, run_id)
     ON CONFLICT DO NOTHING RETURNING fire_at AS at`,
    [id, workspaceId, claimed.map((i) => at[i]), claimed.map((i) => runs[i])],
  );
  return new Set(rows.map((row) => row.at.getTime()));
}

export type Progress = {
  readonly cursor: Date | null;
  readonly made: number;
  readonly existing: number;
  readonly openRuns: readonly string[];
  readonly isDone: boolean;
  readonly lookInMs: number;
};

/** Moves a backfill on, in the transaction that makes its runs. */
export async function moveBackfill(sql: Sql, id: string, progress: Progress): Promise<void> {
  await sql.query(
    `UPDATE backfill SET cursor_at = $2, made = made + $3::integer, existing = existing + $4::integer, open_runs = $5::uuid[], problem = NULL,
       state = CASE WHEN $6::boolean THEN 'done' ELSE state END, ended_at = CASE WHEN $6::boolean THEN now() END,
       look_at = CASE WHEN NOT $6::boolean THEN now() + $7::integer * interval '1 ms' END
     WHERE id = $1::uuid`,
    [id, progress.cursor?.toISOString() ?? null, progress.made, progress.existing, progress.openRuns, progress.isDone, progress.lookInMs],
  );
}

/** It is tried again; why is shown. */
export async function holdBackfill(sql: Sql, id: string, problem: string): Promise<void> {
  await sql.query(`UPDATE backfill SET problem = $2, look_at = now() + interval '15 seconds' WHERE id = $1::uuid AND state = 'running'`, [
    id,
    problem,
  ]);
}

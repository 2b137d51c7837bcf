/**
 * Compares what is promised with what is: over state, not over counts of events, so that nothing is forgotten by a restart. A violation
 * is a row that one unique index lets in once, whoever looks; its event is in the same transaction, and so is that of its end.
 */
import { randomUUID } from 'node:crypto';
import { toId, uuidv7 } from '@signalbox/proto';
import type pg from 'pg';
import type { Sql } from '../../platform/sql.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { type AppendedEvent, appendEvents } from '../events/index.ts';

/** Violations found, and ended, in one turn. */
const AT_ONCE = 500;
/** Runs that ended before the last look are looked at for so long. */
const LOOKED_BACK = '1 hour';
/** Runs made earlier than this are not looked for when they end. */
const MADE_WITHIN_DAYS = 7;

type Found = {
  readonly slaId: string;
  readonly workspaceId: string;
  readonly runId: string | null;
  readonly runName: string | null;
  readonly at: Date;
};
type Told = Found & {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly severity: string;
  readonly seconds: number;
  readonly asset: string | null;
  readonly deploymentId: string | null;
  readonly deployment: string | null;
  readonly metAt: Date | null;
};

const SLA = `s.id AS "slaId", s.workspace_id AS "workspaceId"`;
const WITHIN = `make_interval(secs => s.seconds)`;
const MADE = `signalbox_day_floor((now() AT TIME ZONE 'UTC')::date - ${MADE_WITHIN_DAYS})`;
/** Newest run that counts, not before it was promised. */
const UNVIOLATED = `NOT EXISTS (SELECT FROM sla_violation v WHERE v.sla_id = s.id AND v.run_id = r.id)`;
const NONE_OPEN = `NOT EXISTS (SELECT FROM sla_violation v WHERE v.sla_id = s.id AND v.run_id IS NULL AND v.met_at IS NULL)`;

/** By kind. Live runs are few; those that ended lately by run_deployment. */
const FIND: readonly string[] = [
  `SELECT ${SLA}, r.id AS "runId", r.name AS "runName", coalesce(d.first_started_at, d.started_at) + ${WITHIN} AS at
     FROM sla s JOIN run_dispatch d ON d.deployment_id = s.deployment_id JOIN run r ON r.id = d.run_id
    WHERE s.kind = 'completion' AND s.is_enabled AND coalesce(d.first_started_at, d.started_at) + ${WITHIN} <= now()
      AND coalesce(d.first_started_at, d.started_at) + ${WITHIN} >= s.since AND ${UNVIOLATED}`,
  `SELECT ${SLA}, r.id AS "runId", r.name AS "runName", r.started_at + ${WITHIN} AS at
     FROM sla s JOIN run r ON r.deployment_id = s.deployment_id AND r.id >= ${MADE}
    WHERE s.kind = 'completion' AND s.is_enabled AND r.ended_at > now() - interval '${LOOKED_BACK}' AND r.ended_at > r.started_at + ${WITHIN}
      AND r.started_at + ${WITHIN} >= s.since AND ${UNVIOLATED}`,
  `SELECT ${SLA}, r.id AS "runId", r.name AS "runName", d.due_at + ${WITHIN} AS at
     FROM sla s JOIN run_dispatch d ON d.deployment_id = s.deployment_id JOIN run r ON r.id = d.run_id
    WHERE s.kind = 'lateness' AND s.is_enabled AND coalesce(d.first_started_at, d.started_at) IS NULL AND d.due_at + ${WITHIN} <= now()
      AND d.due_at + ${WITHIN} >= s.since AND ${UNVIOLATED}`,
  `SELECT ${SLA}, r.id AS "runId", r.name AS "runName", r.due_at + ${WITHIN} AS at
     FROM sla s JOIN run r ON r.deployment_id = s.deployment_id AND r.id >= ${MADE}
    WHERE s.kind = 'lateness' AND s.is_enabled AND r.ended_at > now() - interval '${LOOKED_BACK}' AND r.started_at > r.due_at + ${WITHIN}
      AND r.due_at + ${WITHIN} >= s.since AND ${UNVIOLATED}`,
  `SELECT ${SLA}, NULL::uuid AS "runId", NULL AS "runName", now() AS at FROM sla s
    WHERE s.kind = 'frequency' AND s.is_enabled AND s.since + ${WITHIN} <= now() AND ${NONE_OPEN} AND NOT EXISTS (SELECT FROM run r
      WHERE r.deployment_id = s.deployment_id AND r.id >= signalbox_day_floor((now() AT TIME ZONE 'UTC')::date - s.seconds / 86400 - ${MADE_WITHIN_DAYS})
        AND r.state_type = 'COMPLETED' AND r.ended_at > now() - ${WITHIN})`,
  `SELECT ${SLA}, NULL::uuid AS "runId", NULL AS "runName", now() AS at FROM sla s
     LEFT JOIN asset a ON a.workspace_id = s.workspace_id AND a.uri = s.asset
    WHERE s.kind = 'freshness' AND s.is_enabled AND ${NONE_OPEN} AND greatest(a.last_materialized_at, s.since) + ${WITHIN} <= now()`,
];

/** When a violation that is open is over: its run started or ended, or what was missing is there. Switched off, it is over too. */
const MET = `CASE
    WHEN NOT s.is_enabled THEN now()
    WHEN s.kind = 'completion' AND d.run_id IS NULL THEN coalesce(r.ended_at, now())
    WHEN s.kind = 'lateness' AND d.run_id IS NULL THEN coalesce(r.started_at, r.ended_at, now())
    WHEN s.kind = 'lateness' THEN coalesce(d.first_started_at, d.started_at)
    WHEN s.kind = 'frequency' THEN (SELECT max(x.ended_at) FROM run x WHERE x.deployment_id = s.deployment_id
      AND x.id >= signalbox_day_floor((now() AT TIME ZONE 'UTC')::date - s.seconds / 86400 - ${MADE_WITHIN_DAYS})
      AND x.state_type = 'COMPLETED' AND x.ended_at > now() - ${WITHIN})
    WHEN s.kind = 'freshness' THEN (SELECT a.last_materialized_at FROM asset a
      WHERE a.workspace_id = s.workspace_id AND a.uri = s.asset AND a.last_materialized_at > v.at - ${WITHIN} AND a.last_materialized_at > now() - ${WITHIN})
  END`;

/** One turn. `'again'`: there may be more. */
export async function evaluateSlas(pool: pg.Pool): Promise<'again' | undefined> {
  const found = await inTransaction(pool, findViolations);
  const ended = await inTransaction(pool, endViolations);
  return found === AT_ONCE || ended === AT_ONCE ? 'again' : undefined;
}

async function findViolations(sql: Sql): Promise<number> {
  const found: Found[] = [];
  for (const text of FIND) found.push(...(await sql.query<Found>(`${text} LIMIT ${AT_ONCE - found.length}`)));
  if (found.length === 0) return 0;
  const rows = await sql.query<{ id: string }>(
    `INSERT INTO sla_violation (id, sla_id, workspace_id, run_id, run_name, at)
     SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::timestamptz[]) ORDER BY 2, 4 ON CONFLICT DO NOTHING RETURNING id`,
    [
      found.map(() => uuidv7(Date.now())),
      found.map(({ slaId }) => slaId),
      found.map(({ workspaceId }) => workspaceId),
      found.map(({ runId }) => runId),
      found.map(({ runName }) => runName),
      found.map(({ at }) => new Date(at).toISOString()),
    ],
  );
  await tell(
    sql,
    'violated',
    rows.map(({ id }) => id),
  );
  return found.length;
}

async function endViolations(sql: Sql): Promise<number> {
  const rows = await sql.query<{ id: string }>(
    `WITH over AS (
       SELECT v.id, ${MET} AS met_at FROM sla_violation v JOIN sla s ON s.id = v.sla_id
         LEFT JOIN run_dispatch d ON d.run_id = v.run_id LEFT JOIN run r ON r.id = v.run_id
        WHERE v.met_at IS NULL LIMIT ${AT_ONCE * 20}
     ), locked AS (
       SELECT v.id, o.met_at FROM sla_violation v JOIN over o ON o.id = v.id WHERE o.met_at IS NOT NULL AND v.met_at IS NULL
        ORDER BY v.id LIMIT ${AT_ONCE} FOR UPDATE OF v SKIP LOCKED
     )
     UPDATE sla_violation v SET met_at = l.met_at FROM locked l WHERE v.id = l.id AND v.met_at IS NULL RETURNING v.id`,
  );
  await tell(
    sql,
    'met',
    rows.map(({ id }) => id),
  );
  return rows.length;
}

async function tell(sql: Sql, what: 'violated' | 'met', ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const rows = await sql.query<Told>(
    `SELECT v.id, ${SLA}, v.run_id AS "runId", v.run_name AS "runName", v.at, v.met_at AS "metAt", s.name, s.kind, s.severity, s.seconds, s.asset,
       s.deployment_id AS "deploymentId", f.name || '/' || d.name AS deployment
     FROM sla_violation v JOIN sla s ON s.id = v.sla_id LEFT JOIN deployment d ON d.id = s.deployment_id LEFT JOIN flow f ON f.id = d.flow_id
     WHERE v.id = ANY ($1::uuid[]) ORDER BY v.id`,
    [ids],
  );
  await appendEvents(
    sql,
    rows.map((row) => eventOf(what, row)),
  );
}

function eventOf(what: 'violated' | 'met', row: Told): AppendedEvent {
  const { workspaceId, slaId, name, kind, severity, seconds, asset, deploymentId, deployment, runId, runName, at, metAt } = row;
  return {
    workspaceId,
    id: randomUUID(),
    name: `sla.${what}`,
    resource: { id: toId('sla', slaId), kind: 'sla', name, severity, sla: kind },
    related: [
      ...(deploymentId
        ? [{ role: 'deployment', id: toId('deployment', deploymentId), name: deployment ?? '', path: deployment ?? '' }]
        : []),
      ...(runId ? [{ role: 'run', id: toId('run', runId), name: runName ?? '' }] : []),
      ...(asset ? [{ role: 'asset', id: asset }] : []),
    ],
    payload: {
      kind,
      severity,
      seconds,
      violatedAt: new Date(at).toISOString(),
      ...(metAt ? { metAt: new Date(metAt).toISOString() } : {}),
    },
  };
}

/** Every query of groups of failures that people ask. Those of the loop: group-store.ts. */
import { toId } from '@signalbox/proto';
import type { FailureGroup, FailureGroupDetail } from '@signalbox/proto/api';
import { type FailureStatus, statusOf } from '../../domain/failures/triage.ts';
import type { Sql } from '../../platform/sql.ts';

export type GroupRow = {
  readonly id: string;
  readonly kind: FailureGroup['kind'];
  readonly title: string;
  readonly message: string;
  readonly frames: string[];
  readonly occurrences: string;
  readonly firstAt: Date;
  readonly lastAt: Date;
  readonly lastRunId: string;
  readonly owner: string | null;
  readonly acknowledgedAt: Date | null;
  readonly acknowledgedBy: string | null;
  readonly mutedUntil: Date | null;
  readonly resolvedAt: Date | null;
  readonly resolvedBy: string | null;
  readonly resolvedVersions: Record<string, number> | null;
};
const COLUMNS = `g.id, g.kind, g.title, g.message, g.frames, g.occurrences::text AS occurrences, g.first_at AS "firstAt", g.last_at AS "lastAt",
  g.last_run_id AS "lastRunId", g.owner, g.acknowledged_at AS "acknowledgedAt", g.acknowledged_by AS "acknowledgedBy", g.muted_until AS "mutedUntil",
  g.resolved_at AS "resolvedAt", g.resolved_by AS "resolvedBy", g.resolved_versions AS "resolvedVersions"`;

/** The same as `statusOf`, for a search. */
const STATUS: Readonly<Record<FailureStatus, string>> = {
  resolved: 'g.resolved_at IS NOT NULL',
  muted: 'g.resolved_at IS NULL AND g.muted_until > now()',
  acknowledged: 'g.resolved_at IS NULL AND (g.muted_until IS NULL OR g.muted_until <= now()) AND g.acknowledged_at IS NOT NULL',
  open: 'g.resolved_at IS NULL AND (g.muted_until IS NULL OR g.muted_until <= now()) AND g.acknowledged_at IS NULL',
};

/** Of a group in the order of the list. */
type Place = { readonly at: string; readonly id: string };
export type ListFilter = {
  readonly statuses: readonly FailureStatus[];
  readonly deploymentId: string | null;
  readonly runId: string | null;
  readonly text: string | null;
  readonly before: Place | null;
  readonly limit: number;
};

/** Of a search, groups whose texts are looked at for one page; it goes on behind them with the next. */
const SEARCHED = 5_000;

/**
 * By their last failure, latest first: failure_group_feed; those of a deployment by failure_group_of_deployment, that of a run by both primary
 * keys. `next` is where the
 * next page begins; a page of a search may hold less than `limit`, or nothing, and have one.
 */
export async function readGroups(
  sql: Sql,
  workspaceId: string,
  { statuses, deploymentId, runId, text, before, limit }: ListFilter,
): Promise<{ rows: GroupRow[]; next: Place | null }> {
  const where = `g.workspace_id = $1::uuid AND (${statuses.map((status) => `(${STATUS[status]})`).join(' OR ')})
       AND ($2::uuid IS NULL OR EXISTS (SELECT FROM failure_group_deployment d WHERE d.workspace_id = $1::uuid AND d.deployment_id = $2::uuid AND d.group_id = g.id))
       AND ($5::uuid IS NULL OR g.id = (SELECT m.group_id FROM failure_member m WHERE m.run_id = $5::uuid ORDER BY m.epoch DESC LIMIT 1))
       AND ($3::timestamptz IS NULL OR (g.last_at, g.id) < ($3::timestamptz, $4::uuid))
     ORDER BY g.last_at DESC, g.id DESC`;
  const values = [workspaceId, deploymentId, before?.at ?? null, before?.id ?? null, runId];
  const found = await sql.query<GroupRow>(
    text === null
      ? `SELECT ${COLUMNS} FROM failure_group g WHERE ${where} LIMIT $6::int`
      : `WITH looked AS MATERIALIZED (
           SELECT g.id, position(lower($7) IN lower(g.title || ' ' || g.message)) > 0 OR g.id IN (
             SELECT m.group_id FROM failure_group_deployment m JOIN deployment d ON d.id = m.deployment_id JOIN flow f ON f.id = d.flow_id
             WHERE m.workspace_id = $1::uuid AND position(lower($7) IN lower(f.name || '/' || d.name)) > 0) AS fits
           FROM failure_group g WHERE ${where} LIMIT ${SEARCHED})
         SELECT ${COLUMNS} FROM looked l JOIN failure_group g ON g.id = l.id WHERE l.fits ORDER BY g.last_at DESC, g.id DESC LIMIT $6::int`,
    [...values, limit + 1, ...(text === null ? [] : [text])],
  );
  const rows = found.slice(0, limit);
  const last = found.length > limit ? rows.at(-1) : undefined;
  if (last || text === null) return { rows, next: last ? placeOf(last) : null };
  const [edge] = await sql.query<Pick<GroupRow, 'id' | 'lastAt'>>(
    `SELECT g.id, g.last_at AS "lastAt" FROM failure_group g WHERE ${where} OFFSET ${SEARCHED - 1} LIMIT 1`,
    values,
  );
  return { rows, next: edge ? placeOf(edge) : null };
}

const placeOf = ({ lastAt, id }: Pick<GroupRow, 'id' | 'lastAt'>): Place => ({ at: new Date(lastAt).toISOString(), id });

/** One; `lock`: of two changes, or a change and the loop, one waits. */
export async function findGroup(sql: Sql, workspaceId: string, id: string, how?: 'lock'): Promise<GroupRow | null> {
  const lock = how === 'lock' ? 'FOR UPDATE' : '';
  const [row] = await sql.query<GroupRow>(
    `SELECT ${COLUMNS} FROM failure_group g WHERE g.workspace_id = $1::uuid AND g.id = $2::uuid ${lock}`,
    [workspaceId, id],
  );
  return row ?? null;
}

type DeploymentRow = {
  readonly groupId: string;
  readonly id: string;
  readonly name: string | null;
  readonly occurrences: string;
  readonly first: number;
  readonly last: number;
  readonly lastAt: Date;
};
const DEPLOYMENTS_SHOWN = 20;

/** Of several groups at once, those that failed most lately first. */
export async function readDeployments(sql: Sql, groupIds: readonly string[]): Promise<Map<string, FailureGroup['deployments']>> {
  const rows = await sql.query<DeploymentRow>(
    `SELECT g.group_id AS "groupId", g.deployment_id AS id, f.name || '/' || d.name AS name, g.occurrences::text AS occurrences,
       g.first_version AS first, g.last_version AS last, g.last_at AS "lastAt"
     FROM failure_group_deployment g LEFT JOIN deployment d ON d.id = g.deployment_id LEFT JOIN flow f ON f.id = d.flow_id
     WHERE g.group_id = ANY ($1::uuid[]) ORDER BY g.last_at DESC`,
    [groupIds],
  );
  const byGroup = new Map<string, FailureGroup['deployments']>();
  for (const { groupId, id, name, occurrences, first, last, lastAt } of rows) {
    const own = byGroup.get(groupId) ?? [];
    byGroup.set(groupId, own);
    if (own.length === DEPLOYMENTS_SHOWN) continue;
    own.push({
      id: toId('deployment', id),
      name,
      occurrences: Number(occurrences),
      versions: { first, last },
      lastAt: new Date(lastAt).toISOString(),
    });
  }
  return byGroup;
}

/** The latest runs of a group that are there still: failure_member_of_group. */
export async function readRuns(sql: Sql, groupId: string, limit: number): Promise<FailureGroupDetail['runs']> {
  const rows = await sql.query<{ id: string; name: string; at: Date }>(
    `WITH m AS MATERIALIZED (SELECT DISTINCT ON (run_id) run_id, at FROM failure_member WHERE group_id = $1::uuid ORDER BY run_id DESC, epoch DESC LIMIT $2::int)
     SELECT r.id, r.name, m.at FROM m JOIN run r ON r.id = m.run_id ORDER BY r.id DESC`,
    [groupId, limit],
  );
  return rows.map(({ id, name, at }) => ({ id: toId('run', id), name, at: new Date(at).toISOString() }));
}

/** Newest version of each deployment in which a group was seen. */
export async function readNewestVersions(sql: Sql, groupId: string): Promise<Record<string, number>> {
  const rows = await sql.query<{ id: string; number: number }>(
    `SELECT g.deployment_id AS id, greatest(max(v.number), max(g.last_version)) AS number FROM failure_group_deployment g
       LEFT JOIN deployment_version v ON v.deployment_id = g.deployment_id WHERE g.group_id = $1::uuid GROUP BY 1`,
    [groupId],
  );
  return Object.fromEntries(rows.map(({ id, number }) => [id, number]));
}

export type Triage = Pick<
  GroupRow,
  'owner' | 'acknowledgedAt' | 'acknowledgedBy' | 'mutedUntil' | 'resolvedAt' | 'resolvedBy' | 'resolvedVersions'
>;

export async function writeTriage(sql: Sql, id: string, triage: Triage): Promise<void> {
  const at = (date: Date | null) => (date ? new Date(date).toISOString() : null);
  await sql.query(
    `UPDATE failure_group SET owner = $2, acknowledged_at = $3::timestamptz, acknowledged_by = $4, muted_until = $5::timestamptz,
       resolved_at = $6::timestamptz, resolved_by = $7, resolved_versions = $8::text::jsonb WHERE id = $1::uuid`,
    [
      id,
      triage.owner,
      at(triage.acknowledgedAt),
      triage.acknowledgedBy,
      at(triage.mutedUntil),
      at(triage.resolvedAt),
      triage.resolvedBy,
      triage.resolvedVersions && JSON.stringify(triage.resolvedVersions),
    ],
  );
}

export function showGroup(row: GroupRow, deployments: FailureGroup['deployments']): FailureGroup {
  const { acknowledgedAt, acknowledgedBy, mutedUntil, resolvedAt, resolvedBy, resolvedVersions } = row;
  const instant = (date: Date) => new Date(date).toISOString();
  return {
    id: toId('failureGroup', row.id),
    status: statusOf(row, new Date()),
    kind: row.kind,
    title: row.title,
    occurrences: Number(row.occurrences),
    firstAt: instant(row.firstAt),
    lastAt: instant(row.lastAt),
    lastRun: toId('run', row.lastRunId),
    deployments,
    owner: row.owner,
    acknowledged: acknowledgedAt ? { at: instant(acknowledgedAt), by: acknowledgedBy ?? '' } : null,
    mutedUntil: mutedUntil ? instant(mutedUntil) : null,
    resolved: resolvedAt
      ? {
          at: instant(resolvedAt),
          by: resolvedBy ?? '',
          versions:
            resolvedVersions &&
            Object.fromEntries(Object.entries(resolvedVersions).map(([id, number]) => [toId('deployment', id), number])),
        }
      : null,
  };
}

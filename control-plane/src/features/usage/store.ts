/** Rows of what workspaces use. */
import type { Metered, UsageSpan } from '@signalbox/proto/api';
import type { Sql } from '../../platform/sql.ts';

/** What one replica counted of one kind since it last told, and the defaults it was configured with (0: unlimited). */
export type Told = {
  readonly workspaceId: string;
  readonly kind: Metered;
  readonly used: number;
  readonly refused: number;
  readonly perMinute: number;
  readonly perDay: number;
};

/** Of all replicas together, at the instant of the answer. */
export type Known = {
  readonly workspaceId: string;
  readonly kind: Metered;
  readonly perMinute: number | null;
  readonly perDay: number | null;
  readonly level: number;
  readonly usedToday: number;
};

/**
 * One statement for all that a replica counted. Rows are locked by (workspace, kind) ascending; those of a workspace that is
 * gone are left out. The first refusal of an hour becomes an event. A bucket owes at most one minute.
 */
const TELL = `WITH told AS (
    SELECT t.*, nullif(coalesce(m.most, t.per_minute), 0)::double precision AS capacity, nullif(coalesce(d.most, t.per_day), 0) AS quota
      FROM jsonb_to_recordset($1::jsonb) AS t (workspace_id uuid, kind text, used bigint, refused bigint, per_minute bigint, per_day bigint)
      JOIN workspace w ON w.id = t.workspace_id
      LEFT JOIN usage_limit m ON m.workspace_id = t.workspace_id AND m.kind = t.kind AND m.span = 'minute'
      LEFT JOIN usage_limit d ON d.workspace_id = t.workspace_id AND d.kind = t.kind AND d.span = 'day'
     ORDER BY t.workspace_id, t.kind),
  hours AS (
    INSERT INTO usage_hour (workspace_id, kind, hour, used, refused)
    SELECT workspace_id, kind, date_trunc('hour', now()), used, refused FROM told WHERE used > 0 OR refused > 0
    ON CONFLICT (workspace_id, kind, hour) DO UPDATE SET used = usage_hour.used + excluded.used, refused = usage_hour.refused + excluded.refused
    RETURNING workspace_id, kind, used, refused),
  buckets AS (
    INSERT INTO usage_bucket AS b (workspace_id, kind, capacity, level, at)
    SELECT workspace_id, kind, capacity, greatest(capacity - used, -capacity), now() FROM told WHERE capacity IS NOT NULL
    ON CONFLICT (workspace_id, kind) DO UPDATE SET capacity = excluded.capacity, at = greatest(excluded.at, b.at),
      level = greatest(least(excluded.capacity,
          b.level + greatest(extract(epoch FROM excluded.at - b.at), 0)::double precision * excluded.capacity / 60)
        - (SELECT t.used FROM told t WHERE t.workspace_id = b.workspace_id AND t.kind = b.kind), -excluded.capacity)
    RETURNING workspace_id, kind, level),
  first_refusals AS (
    INSERT INTO event_inbox (workspace_id, occurred_at, name, resource, payload)
    SELECT h.workspace_id, now(), 'limit.exceeded', jsonb_build_object('id', 'usage/' || h.kind, 'kind', 'usage', 'name', h.kind),
           jsonb_build_object('field', h.kind, 'refused', h.refused, 'perMinute', t.capacity, 'perDay', t.quota)
      FROM hours h JOIN told t USING (workspace_id, kind) WHERE t.refused > 0 AND h.refused = t.refused)
  SELECT t.workspace_id AS "workspaceId", t.kind, t.capacity AS "perMinute", t.quota::double precision AS "perDay", coalesce(b.level, 0) AS level,
    (coalesce((SELECT sum(u.used) FROM usage_hour u WHERE u.workspace_id = t.workspace_id AND u.kind = t.kind
        AND u.hour >= date_trunc('day', now())), 0) + t.used)::double precision AS "usedToday"
  FROM told t LEFT JOIN buckets b USING (workspace_id, kind)`;

export function tellUsage(sql: Sql, told: readonly Told[]): Promise<Known[]> {
  const rows = told.map(({ workspaceId, kind, used, refused, perMinute, perDay }) => ({
    workspace_id: workspaceId,
    kind,
    used,
    refused,
    per_minute: perMinute,
    per_day: perDay,
  }));
  return sql.query<Known>(TELL, [JSON.stringify(rows)], 'tell-usage');
}

export type StoredLimit = { kind: Metered | 'agents'; span: UsageSpan; most: number; reason: string };

/** What the operator set for a workspace. */
export function readLimits(sql: Sql, workspaceId: string): Promise<StoredLimit[]> {
  return sql.query<StoredLimit>(
    'SELECT kind, span, most::double precision AS most, reason FROM usage_limit WHERE workspace_id = $1::uuid',
    [workspaceId],
  );
}

/** Buckets as they are now, of those kinds that have one; and what each kind used and was refused today. */
export async function readUsage(sql: Sql, workspaceId: string) {
  const buckets = await sql.query<{ kind: Metered; capacity: number; level: number }>(
    `SELECT kind, capacity, least(capacity, level + extract(epoch FROM clock_timestamp() - at)::double precision * capacity / 60) AS level
       FROM usage_bucket WHERE workspace_id = $1::uuid`,
    [workspaceId],
  );
  const today = await sql.query<{ kind: Metered; used: number; refused: number }>(
    `SELECT kind, sum(used)::double precision AS used, sum(refused)::double precision AS refused FROM usage_hour
      WHERE workspace_id = $1::uuid AND hour >= date_trunc('day', now(), 'UTC') GROUP BY kind`,
    [workspaceId],
  );
  const agents = await countAgents(sql, workspaceId);
  return { buckets, today, agents };
}

/** Enrolled and not revoked. */
export async function countAgents(sql: Sql, workspaceId: string): Promise<number> {
  const [row] = await sql.query<{ agents: number }>(
    'SELECT count(*)::int AS agents FROM agent WHERE workspace_id = $1::uuid AND revoked_at IS NULL',
    [workspaceId],
  );
  return row?.agents ?? 0;
}

/** By the primary key, oldest first; at most 4 kinds x 2,160 hours. */
export function readHistory(
  sql: Sql,
  workspaceId: string,
  { by, days }: { by: 'hour' | 'day'; days: number },
): Promise<{ at: Date; kind: Metered; used: number; refused: number }[]> {
  return sql.query(
    `SELECT date_trunc($2, hour, 'UTC') AS at, kind, sum(used)::double precision AS used, sum(refused)::double precision AS refused FROM usage_hour
      WHERE workspace_id = $1::uuid AND hour >= date_trunc('day', now(), 'UTC') - ($3::int - 1) * interval '1 day' GROUP BY 1, 2 ORDER BY 1, 2`,
    [workspaceId, by, days],
  );
}

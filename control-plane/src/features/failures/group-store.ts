/** The queries of the loop that groups failures: as `signalbox_system`, over all workspaces, set by set. */
import type { RunFailure } from '@signalbox/proto';
import type { TriagedGroup } from '../../domain/failures/triage.ts';
import type { Sql } from '../../platform/sql.ts';

export type Cursor = { readonly position: number; readonly head: number; readonly day: string };

/** Where the loop stands and how far the feed goes, held until the commit; null: another replica is at it. */
export async function holdCursor(sql: Sql): Promise<Cursor | null> {
  const [row] = await sql.query<{ position: string; head: string; day: string }>(
    `SELECT c.position::text AS position, c.day::text AS day, (SELECT s.position::text FROM event_shard s WHERE s.shard = 0) AS head
       FROM failure_cursor c WHERE c.shard = 0 FOR UPDATE OF c SKIP LOCKED`,
  );
  return row ? { position: Number(row.position), head: Number(row.head), day: row.day } : null;
}

/** `day`: of the last event looked at; days before it are not opened again. */
export async function moveCursor(sql: Sql, position: number, day: string): Promise<void> {
  await sql.query('UPDATE failure_cursor SET position = $1::bigint, day = $2::date WHERE shard = 0', [position, day]);
}

export type Ended = {
  readonly runId: string;
  readonly epoch: string;
  readonly workspaceId: string;
  readonly flowId: string;
  readonly flow: string | null;
  readonly deploymentId: string;
  readonly deployment: string | null;
  readonly version: number;
  readonly name: string;
  readonly stateName: string;
  readonly stateMessage: string | null;
  readonly failure: RunFailure | null;
  readonly startedAt: Date | null;
  readonly endedAt: Date;
};

/** States that no failure has: most events of runs need no look at their run. */
const NO_FAILURE = [
  'Scheduled',
  'Pending',
  'Running',
  'Completed',
  'Cancelled',
  'Cancelling',
  'AwaitingRetry',
  'Late',
  'Paused',
  'Suspended',
];

/**
 * Runs that ended in failure by the changes of state after a position. Blocks of the feed by their primary key, within the days from
 * `day` on; those that tell of no failure are not looked into. A block's other runs are looked at too: what failed and was counted
 * before is not counted again. Of a run that was retried since, the attempt says what it failed of. Each by its primary key, in the
 * leaves between the lowest and the highest id alone.
 */
export async function readEnded(
  sql: Sql,
  { position, day }: Pick<Cursor, 'position' | 'day'>,
  upTo: number,
): Promise<{ ended: Ended[]; day: string }> {
  const blocks = await sql.query<{ runs: string[]; day: string; tells: boolean }>(
    `SELECT to_json(run_ids) AS runs, day::text AS day, EXISTS (SELECT FROM jsonb_object_keys(names) AS n (name)
         WHERE n.name LIKE 'run.%' AND NOT n.name = ANY ($4::text[])) AS tells
       FROM event_block WHERE day >= $1::date AND last_position > $2::bigint AND last_position <= $3::bigint ORDER BY last_position`,
    [day, position, upTo, NO_FAILURE.map((name) => `run.${name}`)],
  );
  const ids = [...new Set(blocks.flatMap(({ runs, tells }) => (tells ? runs : [])))].sort();
  const ended =
    ids.length === 0
      ? []
      : await sql.query<Ended>(
          `WITH e AS (
             SELECT id, epoch, state_name, state_message, failure, started_at, ended_at FROM run
              WHERE id = ANY ($1::uuid[]) AND id >= $2::uuid AND id <= $3::uuid AND state_type IN ('FAILED', 'CRASHED') AND ended_at IS NOT NULL
             UNION ALL
             SELECT run_id, epoch, state_name, message, failure, started_at, ended_at FROM attempt
              WHERE run_id = ANY ($1::uuid[]) AND run_id >= $2::uuid AND run_id <= $3::uuid AND failure IS NOT NULL
           )
           SELECT r.id AS "runId", e.epoch::text AS epoch, r.workspace_id AS "workspaceId", r.flow_id AS "flowId", f.name AS flow, r.deployment_id AS "deploymentId",
             d.name AS deployment, coalesce(v.number, 0) AS version, r.name, e.state_name AS "stateName", e.state_message AS "stateMessage", e.failure,
             e.started_at AS "startedAt", e.ended_at AS "endedAt"
           FROM e JOIN run r ON r.id = e.id LEFT JOIN deployment_version v ON v.id = r.version_id LEFT JOIN deployment d ON d.id = r.deployment_id
             LEFT JOIN flow f ON f.id = r.flow_id
           WHERE r.id >= $2::uuid AND r.id <= $3::uuid ORDER BY e.ended_at, r.id`,
          [ids, ids[0], ids.at(-1)],
        );
  return { ended, day: blocks.at(-1)?.day ?? day };
}

export type NewGroup = {
  readonly id: string;
  readonly workspaceId: string;
  readonly fingerprint: Uint8Array;
  readonly kind: string;
  readonly title: string;
  readonly message: string;
  readonly frames: readonly string[];
  readonly at: Date;
  readonly runId: string;
};
export type KnownGroup = TriagedGroup & {
  readonly id: string;
  readonly workspaceId: string;
  readonly fingerprint: Uint8Array;
  readonly title: string;
  readonly occurrences: string;
};

/** Makes those that are not there, and locks all, in the order of their keys. `isNew`: made here. */
export async function ensureGroups(sql: Sql, groups: readonly NewGroup[]): Promise<(KnownGroup & { readonly isNew: boolean })[]> {
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
  const made = await sql.query<{ id: string }>(
    `INSERT INTO failure_group (id, workspace_id, fingerprint, kind, title, message, frames, first_at, last_at, first_run_id, last_run_id)
     SELECT id, workspace_id, decode(fingerprint, 'hex'), kind, title, message, ARRAY (SELECT jsonb_array_elements_text(frames)), at, at, run_id, run_id
       FROM jsonb_to_recordset($1::jsonb) AS g (id uuid, workspace_id uuid, fingerprint text, kind text, title text, message text, frames jsonb, at timestamptz, run_id uuid)
       ORDER BY workspace_id, fingerprint
     ON CONFLICT (workspace_id, fingerprint) DO NOTHING RETURNING id`,
    [
      JSON.stringify(
        groups.map(({ workspaceId, fingerprint, runId, ...group }) => ({
          ...group,
          workspace_id: workspaceId,
          fingerprint: hex(fingerprint),
          run_id: runId,
        })),
      ),
    ],
  );
  const isNew = new Set(made.map(({ id }) => id));
  const rows = await sql.query<KnownGroup>(
    `SELECT g.id, g.workspace_id AS "workspaceId", g.fingerprint, g.title, g.occurrences::text AS occurrences, g.muted_until AS "mutedUntil",
       g.resolved_at AS "resolvedAt", g.resolved_versions AS "resolvedVersions"
     FROM failure_group g JOIN unnest($1::uuid[], $2::text[]) AS k (workspace_id, fingerprint)
       ON g.workspace_id = k.workspace_id AND g.fingerprint = decode(k.fingerprint, 'hex') ORDER BY g.workspace_id, g.fingerprint FOR UPDATE OF g`,
    [groups.map(({ workspaceId }) => workspaceId), groups.map(({ fingerprint }) => hex(fingerprint))],
  );
  return rows.map((row) => ({ ...row, isNew: isNew.has(row.id) }));
}

export type Member = {
  readonly groupId: string;
  readonly workspaceId: string;
  readonly runId: string;
  readonly epoch: string;
  readonly at: Date;
};

/** `run epoch` of those that were not counted before: a repeat counts nothing twice. */
export async function insertMembers(sql: Sql, members: readonly Member[]): Promise<Set<string>> {
  const rows = await sql.query<{ key: string }>(
    `INSERT INTO failure_member (run_id, epoch, group_id, workspace_id, at)
     SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::uuid[], $5::timestamptz[]) ON CONFLICT (run_id, epoch) DO NOTHING
     RETURNING run_id || ' ' || epoch AS key`,
    [
      members.map(({ runId }) => runId),
      members.map(({ epoch }) => epoch),
      members.map(({ groupId }) => groupId),
      members.map(({ workspaceId }) => workspaceId),
      members.map(({ at }) => at.toISOString()),
    ],
  );
  return new Set(rows.map(({ key }) => key));
}

export type Count = {
  readonly groupId: string;
  readonly occurrences: number;
  readonly lastAt: Date;
  readonly lastRunId: string;
  readonly isReopened: boolean;
  readonly isUnmuted: boolean;
};

export async function addToGroups(sql: Sql, counts: readonly Count[]): Promise<void> {
  await sql.query(
    `UPDATE failure_group g SET occurrences = g.occurrences + c.occurrences, last_at = greatest(g.last_at, c.last_at),
       last_run_id = CASE WHEN c.last_at >= g.last_at THEN c.last_run_id ELSE g.last_run_id END,
       resolved_at = CASE WHEN c.is_reopened THEN NULL ELSE g.resolved_at END, resolved_by = CASE WHEN c.is_reopened THEN NULL ELSE g.resolved_by END,
       resolved_versions = CASE WHEN c.is_reopened THEN NULL ELSE g.resolved_versions END,
       acknowledged_at = CASE WHEN c.is_reopened OR c.is_unmuted THEN NULL ELSE g.acknowledged_at END,
       acknowledged_by = CASE WHEN c.is_reopened OR c.is_unmuted THEN NULL ELSE g.acknowledged_by END,
       muted_until = CASE WHEN c.is_unmuted THEN NULL ELSE g.muted_until END
     FROM jsonb_to_recordset($1::jsonb) AS c (group_id uuid, occurrences int, last_at timestamptz, last_run_id uuid, is_reopened boolean, is_unmuted boolean)
     WHERE g.id = c.group_id`,
    [
      JSON.stringify(
        counts.map(({ groupId, occurrences, lastAt, lastRunId, isReopened, isUnmuted }) => ({
          group_id: groupId,
          occurrences,
          last_at: lastAt,
          last_run_id: lastRunId,
          is_reopened: isReopened,
          is_unmuted: isUnmuted,
        })),
      ),
    ],
  );
}

export type DeploymentCount = {
  readonly groupId: string;
  readonly workspaceId: string;
  readonly deploymentId: string;
  readonly occurrences: number;
  readonly firstVersion: number;
  readonly lastVersion: number;
  readonly lastAt: Date;
};

export async function addToDeployments(sql: Sql, counts: readonly DeploymentCount[]): Promise<void> {
  await sql.query(
    `INSERT INTO failure_group_deployment AS d (group_id, workspace_id, deployment_id, occurrences, first_version, last_version, last_at)
     SELECT group_id, workspace_id, deployment_id, occurrences, first_version, last_version, last_at FROM jsonb_to_recordset($1::jsonb)
       AS c (group_id uuid, workspace_id uuid, deployment_id uuid, occurrences int, first_version int, last_version int, last_at timestamptz)
     ON CONFLICT (group_id, deployment_id) DO UPDATE SET occurrences = d.occurrences + excluded.occurrences,
       first_version = least(d.first_version, excluded.first_version), last_version = greatest(d.last_version, excluded.last_version),
       last_at = greatest(d.last_at, excluded.last_at)`,
    [
      JSON.stringify(
        counts.map(({ groupId, workspaceId, deploymentId, occurrences, firstVersion, lastVersion, lastAt }) => ({
          group_id: groupId,
          workspace_id: workspaceId,
          deployment_id: deploymentId,
          occurrences,
          first_version: firstVersion,
          last_version: lastVersion,
          last_at: lastAt,
        })),
      ),
    ],
  );
}

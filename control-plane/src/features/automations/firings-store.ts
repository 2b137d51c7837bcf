/** Every query of firings and their actions that requests make; evaluators write them in evaluate/store.ts. */
import { toId } from '@signalbox/proto';
import type { AutomationFiring, FiredAction } from '@signalbox/proto/api';
import type { Sql } from '../../platform/sql.ts';

type FiringRow = {
  readonly id: string;
  readonly automationId: string;
  readonly automationName: string;
  readonly kind: AutomationFiring['kind'];
  readonly at: Date;
  readonly createdAt: Date;
  readonly key: string[];
  readonly event: AutomationFiring['event'];
  readonly parts: AutomationFiring['parts'];
  readonly why: string;
};
type ActionRow = {
  readonly id: string;
  readonly firingId: string;
  readonly index: number;
  readonly type: string;
  readonly status: FiredAction['status'];
  readonly attempts: FiredAction['attempts'];
  readonly nextAt: Date | null;
  readonly target: FiredAction['target'];
};

export type FiringFilter = {
  readonly automationId: string | null;
  readonly kind: string | null;
  readonly failed: boolean | null;
  readonly event: string | null;
  readonly before: string | null;
  readonly limit: number;
};
const SELECT = `SELECT f.id, f.automation_id AS "automationId", a.name AS "automationName", f.kind, f.at, f.created_at AS "createdAt", f.key, f.event, f.parts, f.why
  FROM automation_firing f JOIN automation a ON a.id = f.automation_id`;

/** Newest first by id: automation_firing_of where one automation is asked for, automation_firing_event for an event, automation_firing_feed else. */
export async function readFirings(
  sql: Sql,
  workspaceId: string,
  filter: FiringFilter,
): Promise<{ id: string; firing: AutomationFiring }[]> {
  const rows = await sql.query<FiringRow>(
    `${SELECT} WHERE f.workspace_id = $1::uuid AND ($2::uuid IS NULL OR f.automation_id = $2::uuid) AND ($3::text IS NULL OR f.kind = $3)
       AND ($4::boolean IS NULL OR $4 = EXISTS (SELECT 1 FROM automation_action x WHERE x.firing_id = f.id AND x.status = 'failed'))
       AND ($5::uuid IS NULL OR f.id < $5::uuid) AND ($7::text IS NULL OR f.event->>'id' = $7) ORDER BY f.id DESC LIMIT $6::int`,
    [workspaceId, filter.automationId, filter.kind, filter.failed, filter.before, filter.limit, filter.event],
  );
  return withActions(sql, rows);
}

export async function findFiring(sql: Sql, workspaceId: string, id: string): Promise<AutomationFiring | null> {
  const rows = await sql.query<FiringRow>(`${SELECT} WHERE f.workspace_id = $1::uuid AND f.id = $2::uuid`, [workspaceId, id]);
  return (await withActions(sql, rows))[0]?.firing ?? null;
}

/** Given up before, due again now; its delivery id stays. Null: there is none, or it was not given up. */
export async function redoAction(sql: Sql, workspaceId: string, id: string): Promise<{ firingId: string } | null> {
  const [row] = await sql.query<{ firingId: string }>(
    `UPDATE automation_action SET status = 'waiting', next_at = now() WHERE id = $1::uuid AND workspace_id = $2::uuid AND status = 'failed'
     RETURNING firing_id AS "firingId"`,
    [id, workspaceId],
  );
  return row ?? null;
}

export async function actionExists(sql: Sql, workspaceId: string, id: string): Promise<boolean> {
  const rows = await sql.query('SELECT 1 FROM automation_action WHERE id = $1::uuid AND workspace_id = $2::uuid', [id, workspaceId]);
  return rows.length > 0;
}

/** One statement for all firings of a page, by the unique index of (firing, index). */
async function withActions(sql: Sql, rows: readonly FiringRow[]): Promise<{ id: string; firing: AutomationFiring }[]> {
  if (rows.length === 0) return [];
  const actions = await sql.query<ActionRow>(
    `SELECT id, firing_id AS "firingId", index, action->>'type' AS type, status, attempts, next_at AS "nextAt", target
       FROM automation_action WHERE firing_id = ANY ($1::uuid[]) ORDER BY firing_id, index`,
    [rows.map(({ id }) => id)],
  );
  return rows.map((row) => ({
    id: row.id,
    firing: show(
      row,
      actions.filter(({ firingId }) => firingId === row.id),
    ),
  }));
}

function show(row: FiringRow, actions: readonly ActionRow[]): AutomationFiring {
  return {
    id: toId('automationFiring', row.id),
    automation: { id: toId('automation', row.automationId), name: row.automationName },
    kind: row.kind,
    at: new Date(row.at).toISOString(),
    firedAt: new Date(row.createdAt).toISOString(),
    key: row.key,
    event: row.event,
    parts: row.parts,
    why: row.why,
    actions: actions.map(({ id, index, type, status, attempts, nextAt, target }) => ({
      id: toId('automationAction', id),
      index,
      type,
      status,
      attempts,
      nextAttemptAt: status === 'waiting' && nextAt ? new Date(nextAt).toISOString() : null,
      target,
    })),
  };
}

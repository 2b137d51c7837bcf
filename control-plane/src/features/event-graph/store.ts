/** What automations did: of firings, by their ids, and to a thing. */
import { isId, toId, toUuid } from '@signalbox/proto';
import type { Event, FiredAction } from '@signalbox/proto/api';
import type { Sql } from '../../platform/sql.ts';

export type Deed = {
  readonly id: string;
  /** Also the id of the event that tells the firing. */
  readonly firingId: string;
  readonly type: string;
  readonly status: FiredAction['status'];
  readonly attempts: FiredAction['attempts'];
  readonly target: FiredAction['target'];
  readonly automation: { readonly id: `auto_${string}`; readonly name: string };
  /** What fired it. */
  readonly event: Event | null;
};

const MOST = 50;

/** By ids of actions or of firings; oldest firing first, at most 50. */
export async function readDeeds(
  sql: Sql,
  workspaceId: string,
  of: { readonly actions?: readonly string[]; readonly firings?: readonly string[] },
): Promise<Deed[]> {
  const { actions = [], firings = [] } = of;
  if (actions.length + firings.length === 0) return [];
  const rows = await sql.query<Omit<Deed, 'automation'> & { automationId: string; automationName: string }>(
    `SELECT x.id, x.firing_id AS "firingId", x.action->>'type' AS type, x.status, x.attempts, x.target, a.id AS "automationId",
       a.name AS "automationName", f.event
       FROM automation_action x JOIN automation_firing f ON f.id = x.firing_id JOIN automation a ON a.id = f.automation_id
      WHERE x.workspace_id = $1::uuid AND (x.id = ANY ($2::uuid[]) OR x.firing_id = ANY ($3::uuid[])) ORDER BY x.firing_id, x.index LIMIT ${MOST}`,
    [workspaceId, actions, firings],
  );
  return rows.map(({ automationId, automationName, ...row }) => ({
    ...row,
    automation: { id: toId('automation', automationId), name: automationName },
  }));
}

/** What fired it, and what took part in it before; none: it is no firing, or no event did. */
export async function readTriggers(sql: Sql, workspaceId: string, firingId: string): Promise<Event[]> {
  const [row] = await sql.query<{ event: Event | null; parts: readonly { event: Event | null }[] }>(
    'SELECT event, parts FROM automation_firing WHERE workspace_id = $1::uuid AND id = $2::uuid',
    [workspaceId, firingId],
  );
  const all = [row?.event, ...(row?.parts ?? []).map(({ event }) => event)];
  // What a figure or a deadline fires on is told like an event, and is none.
  const events = all.filter((event): event is Event => !!event && event.id !== '');
  return [...new Map(events.map((event) => [event.id, event])).values()];
}

/** Actions that did something to a thing, and when, by the audit; the latest 20. Index: audit_entry_target. */
export async function readDoers(sql: Sql, workspaceId: string, targetId: string): Promise<{ action: string; at: Date }[]> {
  const rows = await sql.query<{ delivery: string; at: Date }>(
    `SELECT request_id AS delivery, at FROM audit_entry
      WHERE workspace_id = $1::uuid AND target_id = $2::uuid AND actor_kind = 'automation' ORDER BY id DESC LIMIT 20`,
    [workspaceId, targetId],
  );
  return rows.flatMap(({ delivery, at }) =>
    isId('automationAction', delivery) ? [{ action: toUuid('automationAction', delivery), at: new Date(at) }] : [],
  );
}

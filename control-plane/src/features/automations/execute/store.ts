/** The outbox of actions: what is due, what came of each try. As `signalbox_system` where no workspace's transaction is open. */
import { toId } from '@signalbox/proto';
import type { AutomationAction, AutomationActionType, Event, FiredAction } from '@signalbox/proto/api';
import type { Sql } from '../../../platform/sql.ts';
import type { Fired } from '../actions/action-kind.ts';

export type ActionRef = {
  readonly id: string;
  readonly workspaceId: string;
  readonly automationId: string;
  readonly type: AutomationActionType;
  /** Others may wait for its end. */
  readonly isOfEdge: boolean;
};
export type DueAction = {
  readonly action: AutomationAction;
  readonly scopes: readonly string[];
  readonly tries: number;
  readonly fired: Fired;
};
export type Attempt = FiredAction['attempts'][number];

/** So many tries of an action that began an alert hold up those that end it: some 40 seconds. */
const TRIES_WAITED_FOR = 3;

/**
 * The longest due first, less those of `without`: automation_action_waiting. Of an alert whose end acts, too, what begins it and what ends
 * it wait for each other, in the order of the firings: automation_action_edge.
 */
export function readDueActions(sql: Sql, without: readonly string[], limit: number): Promise<ActionRef[]> {
  return sql.query<ActionRef>(
    `SELECT id, workspace_id AS "workspaceId", automation_id AS "automationId", action->>'type' AS type, edge IS NOT NULL AS "isOfEdge"
       FROM automation_action x
      WHERE status = 'waiting' AND next_at <= now() AND id <> ALL ($1::uuid[]) AND (edge IS NULL OR NOT EXISTS (
        SELECT FROM automation_action y JOIN automation_firing theirs ON theirs.id = y.firing_id JOIN automation_firing own ON own.id = x.firing_id
         WHERE y.edge = x.edge AND y.firing_id < x.firing_id AND y.status = 'waiting' AND theirs.kind <> own.kind
           AND jsonb_array_length(y.attempts) <= ${TRIES_WAITED_FOR}))
      ORDER BY next_at LIMIT $2::int`,
    [without, limit],
  );
}

type Row = {
  readonly action: AutomationAction;
  readonly scopes: string[];
  readonly tries: number;
  readonly automationId: string;
  readonly automationName: string;
  readonly firingId: string;
  readonly kind: Fired['firing']['kind'];
  readonly at: Date;
  readonly createdAt: Date;
  readonly key: string[];
  readonly why: string;
  readonly event: Event | null;
  readonly parts: Fired['parts'];
};
const SELECT = `SELECT x.action, x.scopes, jsonb_array_length(x.attempts) AS tries, a.id AS "automationId", a.name AS "automationName",
    f.id AS "firingId", f.kind, f.at, f.created_at AS "createdAt", f.key, f.why, f.event, f.parts
  FROM automation_action x JOIN automation_firing f ON f.id = x.firing_id JOIN automation a ON a.id = f.automation_id
 WHERE x.id = $1::uuid AND x.status = 'waiting' AND x.next_at <= now()`;

/** Held to the end of the transaction; null: another has it, or it is done. */
export async function lockAction(sql: Sql, ref: ActionRef): Promise<DueAction | null> {
  const [row] = await sql.query<Row>(`${SELECT} FOR UPDATE OF x SKIP LOCKED`, [ref.id]);
  return row ? show(ref, row) : null;
}

/** Kept for `leaseSeconds` outside of a transaction: who dies meanwhile has it tried again then. */
export async function leaseAction(sql: Sql, ref: ActionRef, leaseSeconds: number): Promise<DueAction | null> {
  const [row] = await sql.query<Row>(
    `WITH held AS (UPDATE automation_action SET next_at = now() + make_interval(secs => $2::int)
       WHERE id = (SELECT id FROM automation_action WHERE id = $1::uuid AND status = 'waiting' AND next_at <= now() FOR UPDATE SKIP LOCKED) RETURNING *)
     SELECT x.action, x.scopes, jsonb_array_length(x.attempts) AS tries, a.id AS "automationId", a.name AS "automationName",
       f.id AS "firingId", f.kind, f.at, f.created_at AS "createdAt", f.key, f.why, f.event, f.parts
       FROM held x JOIN automation_firing f ON f.id = x.firing_id JOIN automation a ON a.id = f.automation_id`,
    [ref.id, leaseSeconds],
  );
  return row ? show(ref, row) : null;
}

/** While it waits after just so many tries: one that ended meanwhile stays as it is. */
export async function keepLease(sql: Sql, id: string, tries: number, leaseSeconds: number): Promise<void> {
  await sql.query(
    `UPDATE automation_action SET next_at = now() + make_interval(secs => $3::int)
      WHERE id = $1::uuid AND status = 'waiting' AND jsonb_array_length(attempts) = $2::int`,
    [id, tries, leaseSeconds],
  );
}

function show({ id, workspaceId }: ActionRef, row: Row): DueAction {
  return {
    action: row.action,
    scopes: row.scopes,
    tries: row.tries,
    fired: {
      deliveryId: toId('automationAction', id),
      deliveryUuid: id,
      workspaceId,
      automation: { id: toId('automation', row.automationId), name: row.automationName },
      firing: {
        id: toId('automationFiring', row.firingId),
        kind: row.kind,
        at: new Date(row.at).toISOString(),
        firedAt: new Date(row.createdAt).toISOString(),
        key: row.key,
        why: row.why,
      },
      event: row.event,
      parts: row.parts,
    },
  };
}

/** A try, and what follows. Only while it waits after just so many tries: a late one writes over nothing. */
export async function recordAttempt(
  sql: Sql,
  id: string,
  tries: number,
  {
    attempt,
    status,
    nextInMs,
    target,
  }: { attempt: Attempt; status: FiredAction['status']; nextInMs: number; target: FiredAction['target'] },
): Promise<boolean> {
  const rows = await sql.query(
    `UPDATE automation_action SET attempts = attempts || $3::text::jsonb, status = $4, next_at = now() + make_interval(secs => $5::float8 / 1000),
       target = $6::text::jsonb WHERE id = $1::uuid AND status = 'waiting' AND jsonb_array_length(attempts) = $2::int RETURNING id`,
    [id, tries, JSON.stringify([attempt]), status, nextInMs, target && JSON.stringify(target)],
  );
  return rows.length > 0;
}

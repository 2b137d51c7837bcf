/** Seals values of headers that an earlier version stored in plain text: once over what there is, some rows at a time. */
import type { AutomationAction, AutomationDefinition } from '@signalbox/proto/api';
import { type ActionLists, callsOf, isSealed } from '../../../domain/webhook-headers.ts';
import type { Db } from '../../../platform/db.ts';
import type { Sql } from '../../../platform/sql.ts';
import { inTransaction } from '../../../platform/transaction.ts';
import type { Overlay } from '../store.ts';
import { sealPlain } from './seal-headers.ts';

/** Rows of one turn, by id. */
const AT_ONCE = 1_000;

/** What is looked at next; `done`: nothing. Automations first: what fires from then on is sealed. */
export type SealCursor = { readonly table: 'automation' | 'automation_action'; readonly after: string | null } | 'done';
export const SEAL_FROM: SealCursor = { table: 'automation', after: null };

/** One turn, in a transaction. As `signalbox_system`. */
export async function sealStored(db: Pick<Db, 'systemSql'>, secret: string, cursor: Exclude<SealCursor, 'done'>): Promise<SealCursor> {
  const seal = cursor.table === 'automation' ? sealAutomations : sealActions;
  const last = await inTransaction(db.systemSql, (sql) => seal(sql, secret, cursor.after));
  if (last !== null) return { table: cursor.table, after: last };
  return cursor.table === 'automation' ? { table: 'automation_action', after: null } : 'done';
}

type Row = {
  readonly id: string;
  readonly workspaceId: string;
  readonly onTrigger: AutomationAction[];
  readonly onResolve: AutomationAction[];
  readonly code: AutomationDefinition | null;
  readonly overlay: Overlay | null;
};

/** Locked, so that of a change at the same time none is written over. Answers the last id; null: there was none. */
async function sealAutomations(sql: Sql, secret: string, after: string | null): Promise<string | null> {
  const rows = await sql.query<Row>(
    `SELECT id, workspace_id AS "workspaceId", on_trigger AS "onTrigger", on_resolve AS "onResolve", code, overlay FROM automation
      WHERE $1::uuid IS NULL OR id > $1::uuid ORDER BY id LIMIT ${AT_ONCE} FOR UPDATE`,
    [after],
  );
  for (const { id, workspaceId, code, overlay, ...lists } of rows) {
    const owner = { secret, workspaceId };
    const laid = { onTrigger: [], onResolve: [], ...overlay?.fields };
    if (![lists, laid, ...(code ? [code] : [])].some(isPlain)) continue;
    const effective = await sealPlain(owner, lists);
    const fields = overlay && onlyFieldsOf(overlay, await sealPlain(owner, laid));
    // Its revision goes up: evaluators keep what they compiled while it stands.
    await sql.query(
      `UPDATE automation SET on_trigger = $2::text::jsonb, on_resolve = $3::text::jsonb, code = $4::text::jsonb, overlay = $5::text::jsonb,
         revision = nextval('automation_revision') WHERE id = $1::uuid`,
      [
        id,
        JSON.stringify(effective.onTrigger),
        JSON.stringify(effective.onResolve),
        code && JSON.stringify(await sealPlain(owner, code)),
        overlay && JSON.stringify({ ...overlay, fields }),
      ],
    );
  }
  return rows.at(-1)?.id ?? null;
}

/** What an action says never changes but here. Walked by the primary key. */
async function sealActions(sql: Sql, secret: string, after: string | null): Promise<string | null> {
  const rows = await sql.query<{ id: string; workspaceId: string; action: AutomationAction | null }>(
    `SELECT id, workspace_id AS "workspaceId", CASE WHEN action->>'type' = 'call-webhook' THEN action END AS action FROM automation_action
      WHERE $1::uuid IS NULL OR id > $1::uuid ORDER BY id LIMIT ${AT_ONCE}`,
    [after],
  );
  for (const { id, workspaceId, action } of rows) {
    const lists: ActionLists = { onTrigger: action ? [action] : [], onResolve: [] };
    if (!isPlain(lists)) continue;
    const { onTrigger } = await sealPlain({ secret, workspaceId }, lists);
    await sql.query('UPDATE automation_action SET action = $2::text::jsonb WHERE id = $1::uuid', [id, JSON.stringify(onTrigger[0])]);
  }
  return rows.at(-1)?.id ?? null;
}

const isPlain = (lists: ActionLists): boolean =>
  callsOf(lists).some(({ action }) => Object.values(action.headers).some((value) => !isSealed(value)));

function onlyFieldsOf({ fields }: Overlay, sealed: Partial<AutomationDefinition>): Partial<AutomationDefinition> {
  return Object.fromEntries(Object.keys(fields).map((field) => [field, sealed[field as keyof AutomationDefinition]]));
}

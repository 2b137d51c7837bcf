/** One row a command, in its transaction: who, what, before, after. Never a secret, never a parameter's value. */
import { uuidv7 } from '@signalbox/proto';
import type { Actor } from './actor.ts';
import type { Tx } from './db.ts';
import { type Sql, sqlOfTx } from './sql.ts';

/** `run.cancel`, `work-pool.create`: a noun and a verb. */
export type Action = `${string}.${string}`;

/** Who did it: an actor of the API, what stands for one (a join code), or a loop of ours that does what somebody asked for earlier. */
export type AuditActor =
  | Actor
  | { readonly kind: 'join-code'; readonly id: string; readonly name: string }
  | { readonly kind: 'loop'; readonly id: null; readonly name: string };

export type AuditTarget = { readonly kind: string; readonly id: string | null };

/** What a command did, for its audit row. */
export type AuditFacts = {
  readonly target: AuditTarget;
  /** Null: there was nothing before (created), or nothing after (deleted). */
  readonly before: unknown;
  readonly after: unknown;
};

declare const AUDITED: unique symbol;
/** A command's answer together with its audit facts; made by `audited()` alone, so that a command without does not compile. */
export type Audited<T> = { readonly output: T; readonly facts: AuditFacts; readonly [AUDITED]: true };

export function audited<T>(output: T, facts: AuditFacts): Audited<T> {
  return { output, facts } as Audited<T>;
}

export type AuditRow = { workspaceId: string; actor: AuditActor; action: Action; requestId: string; facts: AuditFacts };

export function writeAudit(tx: Tx, entry: AuditRow): Promise<void> {
  return insertAudit(sqlOfTx(tx), entry);
}

export async function insertAudit(sql: Sql, { workspaceId, actor, action, requestId, facts }: AuditRow): Promise<void> {
  await sql.query(
    `INSERT INTO audit_entry (id, workspace_id, actor_kind, actor_id, actor_name, action, target_kind, target_id, before, after, request_id)
     VALUES ($1::uuid, $2::uuid, $3, $4::uuid, $5, $6, $7, $8, $9::jsonb, $10::jsonb, $11)`,
    [
      uuidv7(Date.now()),
      workspaceId,
      actor.kind,
      actor.id,
      actor.kind === 'user' ? actor.email : actor.name,
      action,
      facts.target.kind,
      facts.target.id,
      plain(facts.before),
      plain(facts.after),
      requestId,
    ],
    'insert-audit',
  );
}

/** JSON, or null for nothing. */
function plain(value: unknown): string | null {
  if (value == null) return null;
  return JSON.stringify(value, (_key, v: unknown) => (typeof v === 'bigint' ? Number(v) : v));
}

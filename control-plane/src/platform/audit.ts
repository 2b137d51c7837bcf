/** One row a command, in its transaction: who, what, before, after. Never a secret, never a parameter's value. */
import { uuidv7 } from '@signalbox/proto';
import { type Actor, supportName } from './actor.ts';
import type { Db, Tx } from './db.ts';
import { recently } from './recently.ts';
import { type Sql, sqlOfTx } from './sql.ts';
import { tokenBuckets } from './token-bucket.ts';

/** Stands for the installation as such, where a row is about nobody's organization. */
const NO_ORGANIZATION = '00000000-0000-0000-0000-000000000000';

/** `run.cancel`, `work-pool.create`: a noun and a verb. */
export type Action = `${string}.${string}`;

/** Who did it: an actor of the API, what stands for one (a join code), or a loop of ours that does what somebody asked for earlier. */
export type AuditActor =
  | Actor
  | { readonly kind: 'join-code' | 'agent' | 'directory'; readonly id: string; readonly name: string }
  | { readonly kind: 'loop'; readonly id: null; readonly name: string }
  /** Somebody whose credential was no good, as they called themselves. */
  | { readonly kind: 'stranger'; readonly id: null; readonly name: string };

export type AuditTarget = { readonly kind: string; readonly id: string | null };

/** What a command did, for its audit row. */
export type AuditFacts = {
  readonly target: AuditTarget;
  /** Null: there was nothing before (created), or nothing after (deleted). */
  readonly before: unknown;
  readonly after: unknown;
};

type RefusalLog = { error(fields: object, message: string): void };
const MOST_UNSAID = 10_000;

declare const AUDITED: unique symbol;
/** A command's answer together with its audit facts; made by `audited()` alone, so that a command without does not compile. */
export type Audited<T> = { readonly output: T; readonly facts: AuditFacts; readonly [AUDITED]: true };

export function audited<T>(output: T, facts: AuditFacts): Audited<T> {
  return { output, facts } as Audited<T>;
}

/** Whose audit a row belongs to: a workspace's, that of an organization as a whole, or (null) the installation's. */
export type AuditPlace = { readonly workspaceId: string } | { readonly organizationId: string | null };

export type AuditRow = AuditPlace & { actor: AuditActor; action: Action; requestId: string; facts: AuditFacts };

export function writeAudit(tx: Tx, entry: AuditRow): Promise<void> {
  return insertAudit(sqlOfTx(tx), entry);
}

export async function insertAudit(sql: Sql, { actor, action, requestId, facts, ...place }: AuditRow): Promise<void> {
  const { kind, id, name, via } = showActor(actor);
  // A workspace's row is its organization's too; that is looked up by the primary key, in the transaction's own sight.
  await sql.query(
    `INSERT INTO audit_entry (id, workspace_id, organization_id, actor_kind, actor_id, actor_name, via, action, target_kind, target_id, before, after, request_id)
     VALUES ($1::uuid, $2::uuid, coalesce($3::uuid, (SELECT organization_id FROM workspace WHERE id = $2::uuid), '${NO_ORGANIZATION}'), $4, $5::uuid, $6, $7, $8, $9, $10,
             $11::jsonb, $12::jsonb, $13)`,
    [
      uuidv7(Date.now()),
      'workspaceId' in place ? place.workspaceId : null,
      'organizationId' in place ? place.organizationId : null,
      kind,
      id,
      name,
      via,
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

/** What happened to a credential, rather than to a thing: a sign-in, a refusal. */
export type SecurityEvent = {
  readonly action: Action;
  readonly outcome: 'done' | 'refused';
  readonly actor: AuditActor;
  readonly target: AuditTarget;
  /** Whose security officers are to see it: one row each; none: that of the workspace, else a row that only the operator of the installation sees. */
  readonly organizationIds: readonly string[];
  readonly workspaceId?: string | null;
  /** Of the peer. */
  readonly address: string | null;
  readonly requestId?: string | null;
  /** Why, and what for; never a secret. */
  readonly details?: Readonly<Record<string, unknown>>;
};

/** The pool, or the one connection of a transaction. */
type AuditDb = { readonly systemSql: { query(text: string, values: unknown[]): Promise<unknown> } };

/** Writes a sign-in, a sign-out, a refusal. As `signalbox_system`; in a transaction of its own, since what was refused left none, or in one that is given. */
export async function recordSecurityEvent(db: AuditDb, event: SecurityEvent): Promise<void> {
  const { kind, id, name, via } = showActor(event.actor);
  const organizations = event.organizationIds.length > 0 ? [...new Set(event.organizationIds)] : [NO_ORGANIZATION];
  await db.systemSql.query(
    `INSERT INTO audit_entry (id, organization_id, workspace_id, actor_kind, actor_id, actor_name, via, action, outcome, target_kind, target_id, after, request_id, address)
     SELECT o.id, CASE WHEN o.organization = '${NO_ORGANIZATION}' THEN coalesce((SELECT organization_id FROM workspace WHERE id = $3), o.organization) ELSE o.organization END, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::jsonb, $13, $14 FROM unnest($1::uuid[], $2::uuid[]) AS o(id, organization)`,
    [
      organizations.map(() => uuidv7(Date.now())),
      organizations,
      event.workspaceId ?? null,
      kind,
      id,
      name.slice(0, 320),
      via,
      event.action,
      event.outcome,
      event.target.kind,
      event.target.id,
      plain(event.details),
      event.requestId ?? null,
      event.address,
    ],
  );
}

/** Of one actor, target and action: more than this is counted by the next row. */
const REFUSAL_EVERY_MS = 60_000;
const refusedLately = recently(REFUSAL_EVERY_MS);
const unsaid = new Map<string, number>();
/** Rows of one action about people and programs that nobody knows: 60, then one every ten seconds. */
const strangers = tokenBuckets({ capacity: 60, refillPerSecond: 0.1 });

/**
 * Writes a refusal in the background, one row a minute for each actor, action and target, so that whoever is refused a million
 * times fills no audit and is answered no later; a row says how many came before it without one.
 */
export function recordRefusal({ db, log }: { db: Pick<Db, 'systemSql'>; log: RefusalLog }, event: Omit<SecurityEvent, 'outcome'>): void {
  const key = `${event.action} ${event.actor.kind} ${event.actor.id ?? event.actor.name} ${event.target.id ?? ''}`;
  // Strangers have as many names and addresses as they like.
  const isTooMany = event.actor.kind === 'stranger' && strangers.take(event.action) !== null;
  if (isTooMany || refusedLately.has(key)) {
    if (unsaid.size < MOST_UNSAID) unsaid.set(key, (unsaid.get(key) ?? 0) + 1);
    return;
  }
  refusedLately.add(key);
  const before = unsaid.get(key);
  unsaid.delete(key);
  const details = { ...event.details, ...(before ? { andBefore: before } : {}) };
  recordSecurityEvent(db, { ...event, outcome: 'refused', details }).catch((err: unknown) =>
    log.error({ err, action: event.action }, 'a refusal was not audited'),
  );
}

/** The kind an auditor knows, and what vouched for it. */
function showActor(actor: AuditActor): { kind: string; id: string | null; name: string; via: string | null } {
  switch (actor.kind) {
    case 'user':
      if (actor.support) {
        const { id, operator } = actor.support;
        return { kind: 'support', id: actor.id, name: supportName(operator, actor.email), via: `support-session ${id}` };
      }
      return { kind: 'person', id: actor.id, name: actor.email, via: 'session' };
    case 'api-key':
      return actor.owner?.kind === 'person'
        ? { kind: 'person', id: actor.owner.id, name: actor.name, via: `api-key ${actor.id}` }
        : { kind: 'service', id: actor.owner?.id ?? actor.id, name: actor.name, via: `api-key ${actor.id}` };
    case 'automation':
      return { kind: 'automation', id: actor.id, name: actor.name, via: 'automation' };
    case 'run':
      return { kind: 'agent', id: actor.id, name: actor.name, via: `run-token of epoch ${actor.epoch}` };
    case 'join-code':
      return { kind: 'agent', id: actor.id, name: actor.name, via: 'join-code' };
    case 'agent':
      return { kind: 'agent', id: actor.id, name: actor.name, via: 'agent' };
    case 'directory':
      return { kind: 'service', id: actor.id, name: actor.name, via: 'directory' };
    case 'loop':
      return { kind: 'automation', id: null, name: actor.name, via: 'loop' };
    case 'stranger':
      return { kind: 'person', id: null, name: actor.name, via: null };
  }
}

/** JSON, or null for nothing. */
function plain(value: unknown): string | null {
  if (value == null) return null;
  return JSON.stringify(value, (_key, v: unknown) => (typeof v === 'bigint' ? Number(v) : v));
}

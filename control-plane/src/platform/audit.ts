/** One row a command, in its transaction: who, what, before, after. Never a secret, never a parameter's value. */
import { uuidv7 } from '@signalbox/proto';
import type { Prisma } from '../generated/prisma/client.ts';
import type { Actor } from './actor.ts';
import type { Tx } from './db.ts';

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

export async function writeAudit(
  tx: Tx,
  entry: { workspaceId: string; actor: AuditActor; action: Action; requestId: string; facts: AuditFacts },
): Promise<void> {
  const { actor, facts } = entry;
  await tx.auditEntry.createMany({
    data: {
      id: uuidv7(Date.now()),
      workspaceId: entry.workspaceId,
      actorKind: actor.kind,
      actorId: actor.id,
      actorName: actor.kind === 'user' ? actor.email : actor.name,
      action: entry.action,
      targetKind: facts.target.kind,
      targetId: facts.target.id,
      ...(facts.before == null ? {} : { before: plain(facts.before) }),
      ...(facts.after == null ? {} : { after: plain(facts.after) }),
      requestId: entry.requestId,
    },
  });
}

function plain(value: unknown): Prisma.InputJsonValue {
  return JSON.parse(JSON.stringify(value, (_key, v: unknown) => (typeof v === 'bigint' ? Number(v) : v))) as Prisma.InputJsonValue;
}

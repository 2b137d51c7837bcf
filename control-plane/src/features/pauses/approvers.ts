/** Who may answer a question, and whether somebody is one of them. */
import type { Approvers } from '@signalbox/proto/messages';
import type { Actor } from '../../platform/actor.ts';
import type { Sql } from '../../platform/sql.ts';

/** Somebody as questions know them; null: no person and no account, but a machine of some kind. */
export type Approver = { readonly email: string | null; readonly teams: readonly string[] };

/** In the workspace of the transaction. A key answers for whom it belongs to. */
export async function approverOf(sql: Sql, actor: Actor): Promise<Approver | null> {
  const who = actor.kind === 'user' ? { kind: 'person', id: actor.id } : actor.kind === 'api-key' ? actor.owner : null;
  if (!who) return null;
  const [row] = await sql.query<Approver>('SELECT email, teams FROM signalbox_approver($1, $2::uuid)', [who.kind, who.id]);
  return row ?? null;
}

/** Null approvers: whoever may operate runs. */
export function mayAnswer(approvers: Approvers | null, approver: Approver | null): boolean {
  if (approvers === null) return true;
  if (approver === null) return false;
  const email = approver.email?.toLowerCase();
  return (
    (email !== undefined && approvers.people.some((person) => person.toLowerCase() === email)) ||
    approvers.teams.some((team) => approver.teams.includes(team))
  );
}

/** `ada@example.com and the team finance`. */
export function namesOf({ people, teams }: Approvers): string {
  const names = [...people, ...teams.map((team) => `the team ${team}`)];
  return names.length === 1 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

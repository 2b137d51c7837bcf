/**
 * What a kind of action is: the scope it needs, the things it names, and how it is done. A new kind is a schema in
 * `proto/src/api/automation-actions.ts`, a file here, and a line in index.ts.
 */
import { type IdKind, isId } from '@signalbox/proto';
import type { AutomationAction, AutomationFiring, Event } from '@signalbox/proto/api';
import type { Scope } from '../../../domain/permissions.ts';
import type { Action, AuditFacts } from '../../../platform/audit.ts';
import { AppError } from '../../../platform/errors.ts';
import type { CommandCtx, Services } from '../../../platform/services.ts';

export type ActionOf<T extends AutomationAction['type']> = Extract<AutomationAction, { type: T }>;

/** What an action is done for. */
export type Fired = {
  /** Stable over all tries: `act_...`; and its UUID. */
  readonly deliveryId: string;
  readonly deliveryUuid: string;
  readonly workspaceId: string;
  readonly automation: AutomationFiring['automation'];
  readonly firing: Pick<AutomationFiring, 'id' | 'kind' | 'at' | 'firedAt' | 'key' | 'why'>;
  readonly event: Event | null;
  /** Of a compound or a sequence: what each part fired for, by time. */
  readonly parts: AutomationFiring['parts'];
};

/** A thing that an action names by id or name, looked for when it is saved. */
export type Reference = { readonly field: string; readonly kind: ReferenceKind; readonly ref: string; readonly pool?: string | undefined };
export type ReferenceKind = 'deployment' | 'run' | 'schedule' | 'work-pool' | 'work-queue' | 'automation';

/** What came of it, in a few words, and what it made or changed. */
export type Outcome = { readonly message: string; readonly target: { readonly kind: string; readonly id: string } | null };

type Named<A> = {
  /** What whoever saves the automation must be allowed; the action then runs with that and no more. */
  readonly scope: Scope;
  readonly references?: (action: A) => readonly Reference[];
};
/** Done in one transaction with its audit row and its own end: exactly once. */
export type InsideKind<A> = Named<A> & {
  readonly audit: Action;
  readonly inside: (ctx: CommandCtx, action: A, fired: Fired) => Promise<{ readonly outcome: Outcome; readonly facts: AuditFacts }>;
};
/** Done to what is not ours: at least once, under a stable delivery id. */
export type OutsideKind<A> = Named<A> & {
  readonly outside: (services: Services, action: A, fired: Fired, signal: AbortSignal) => Promise<Outcome>;
};
export type ActionKind<A> = InsideKind<A> | OutsideKind<A>;

/** There is nothing to do it to, and trying again does not help. */
export class NothingToDo extends Error {
  override readonly name = 'NothingToDo';
}

const ID_KIND: Readonly<Record<ReferenceKind, IdKind>> = {
  deployment: 'deployment',
  run: 'run',
  schedule: 'schedule',
  'work-pool': 'workPool',
  'work-queue': 'workQueue',
  automation: 'automation',
};

/** It cannot be done as it is written, and trying again does not help. */
export class GivenUp extends Error {
  override readonly name = 'GivenUp';
}

/** The thing that is named, or the first of its kind that the event is about, then that had to do with it. @throws NothingToDo */
export function targetOf(kind: ReferenceKind, named: string | undefined, { event }: Pick<Fired, 'event'>): string {
  if (named !== undefined && named !== '') return named;
  const found = event && inferTarget(kind, event);
  if (found) return found;
  throw new NothingToDo(event ? `The event has nothing to do with any ${kind}.` : `There is no event to tell which ${kind}.`);
}

export function inferTarget(kind: ReferenceKind, event: Pick<Event, 'resource' | 'related'>): string | null {
  const all = [event.resource, ...event.related.filter(({ role }) => role === kind)];
  return all.find(({ id }) => id !== undefined && isId(ID_KIND[kind], id))?.id ?? null;
}

/** The id of a run. @throws NOT_FOUND */
export function runTarget(action: { readonly run?: string | undefined }, fired: Fired): `run_${string}` {
  const run = targetOf('run', action.run, fired);
  if (isId('run', run)) return run;
  throw new AppError('NOT_FOUND', `No run "${run.slice(0, 100)}": expected an id such as run_...`);
}

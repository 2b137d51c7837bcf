/**
 * One try of one action. What is done to things of ours is one transaction with its audit row and its own end, so that its effect
 * happens once whoever dies when; what is done to others is kept by a lease and sent under a stable delivery id, at least once.
 */
import { toUuid } from '@signalbox/proto';
import type { AutomationAction } from '@signalbox/proto/api';
import { faultPoint } from '@signalbox/proto/faults';
import type { Scope } from '../../../domain/permissions.ts';
import { type AuditFacts, writeAudit } from '../../../platform/audit.ts';
import { AppError } from '../../../platform/errors.ts';
import type { CommandCtx, Services } from '../../../platform/services.ts';
import { type Sql, sqlOfClient, sqlOfTx } from '../../../platform/sql.ts';
import { allowance } from '../../../platform/templates.ts';
import { type AppendedEvent, appendEvents } from '../../events/index.ts';
import { type Fired, GivenUp, type InsideKind, NothingToDo, type Outcome, type OutsideKind } from '../actions/action-kind.ts';
import { kindOf } from '../actions/index.ts';
import { openAction } from '../headers/seal-headers.ts';
import { RENDER_MS, type TemplateProblem, type Templates } from '../templates/render.ts';
import { renderAction } from '../templates/render-action.ts';
import { scopeOf, withNamed } from '../templates/scope.ts';
import { type ActionRef, type DueAction, keepLease, leaseAction, lockAction, recordAttempt } from './store.ts';

/** Between tries, milliseconds: ten of them over four hours, then it is given up. */
const BACKOFF_MS = [1_000, 5_000, 30_000, 120_000, 600_000, 1_800_000, 3_600_000, 3_600_000, 3_600_000];
/** One request to somebody else may take so long. Its lease is kept up meanwhile, so that what a dead replica held is tried again soon. */
const OUTSIDE_MS = 30_000;
const LEASE_SECONDS = 10;
const KEEP_UP_MS = 3_000;
/** Trying again does not make these right. */
const FINAL_CODES = new Set(['INVALID_INPUT', 'NOT_FOUND', 'FORBIDDEN', 'CONFLICT', 'PRECONDITION_FAILED', 'UNAUTHENTICATED']);

type Executed = { readonly outcome: 'done' | 'failed' | 'skipped' | 'again' | 'taken' };
type Actor = { readonly kind: 'automation'; readonly id: string; readonly name: string };

export async function executeAction(services: Services, templates: Templates, ref: ActionRef): Promise<Executed> {
  const startedAt = Date.now();
  const tried: { due: DueAction | null } = { due: null };
  try {
    const kind = kindOf(ref);
    const outcome =
      'inside' in kind
        ? await doInside(services, templates, ref, kind, startedAt, tried)
        : await doOutside(services, templates, ref, kind, startedAt, tried);
    return { outcome: outcome ? 'done' : 'taken' };
  } catch (error) {
    return recordFailure(services, ref, tried.due, error, startedAt);
  }
}

type Tried = { due: DueAction | null };

async function doInside(
  services: Services,
  templates: Templates,
  ref: ActionRef,
  kind: InsideKind<AutomationAction>,
  startedAt: number,
  tried: Tried,
): Promise<boolean> {
  let effects: (() => void | Promise<void>)[] = [];
  const done = await services.db.inWorkspace(ref.workspaceId, async (tx) => {
    effects = []; // the transaction may be run again
    const sql = sqlOfTx(tx);
    const due = await lockAction(sql, ref);
    tried.due = due;
    if (!due) return false;
    const { fired } = due;
    const actor: Actor = { kind: 'automation', id: toUuid('automation', fired.automation.id), name: fired.automation.name };
    const ctx: CommandCtx = {
      ...services,
      actor,
      workspace: await workspaceOf(sql, ref.workspaceId, due.scopes),
      credentialExpiresAt: null,
      isNarrowed: false,
      organizationScopes: new Set<never>(),
      requestId: fired.deliveryId,
      origin: 'automation',
      sql,
      tx,
      afterCommit: (effect) => void effects.push(effect),
    };
    const action = await filledIn(services, sql, templates, due);
    const { outcome, facts } = await kind.inside(ctx, action, fired);
    await writeAudit(tx, {
      workspaceId: ref.workspaceId,
      actor,
      action: kind.audit,
      requestId: fired.deliveryId,
      facts: toldBy(facts, fired),
    });
    await recordAttempt(sql, ref.id, due.tries, ended(outcome, startedAt));
    faultPoint('action-done');
    return true;
  });
  if (done) services.bus.wake('appended');
  for (const effect of effects)
    await Promise.resolve()
      .then(effect)
      .catch((err: unknown) => services.log.error({ err, action: ref.id }, 'an effect after an automation acted failed'));
  return done;
}

async function doOutside(
  services: Services,
  templates: Templates,
  ref: ActionRef,
  kind: OutsideKind<AutomationAction>,
  startedAt: number,
  tried: Tried,
): Promise<boolean> {
  const system = sqlOfClient(services.db.systemSql);
  const due = await leaseAction(system, ref, LEASE_SECONDS);
  tried.due = due;
  if (!due) return false;
  const action = await services.db.inWorkspace(ref.workspaceId, (tx) => filledIn(services, sqlOfTx(tx), templates, due));
  // One that cannot be kept up ends by itself: it is then sent again, under the same id.
  const keeping = setInterval(() => keepLease(system, ref.id, due.tries, LEASE_SECONDS).catch(() => {}), KEEP_UP_MS);
  const outcome = await kind.outside(services, action, due.fired, AbortSignal.timeout(OUTSIDE_MS)).finally(() => clearInterval(keeping));
  faultPoint('webhook-delivered');
  return recordAttempt(system, ref.id, due.tries, ended(outcome, startedAt));
}

/** Which firing it was for is in the audit. */
function toldBy(facts: AuditFacts, { firing }: Fired): AuditFacts {
  const after = typeof facts.after === 'object' && facts.after !== null ? facts.after : { value: facts.after };
  return { ...facts, after: { ...after, firing: firing.id } };
}

const ended = ({ message, target }: Outcome, startedAt: number) => ({
  attempt: {
    at: new Date(startedAt).toISOString(),
    durationMs: Date.now() - startedAt,
    outcome: 'done' as const,
    message: message.slice(0, 500),
  },
  status: 'done' as const,
  nextInMs: 0,
  target,
});

/** @throws GivenUp with each field that is wrong */
async function filledIn(
  { settings }: Services,
  sql: Sql,
  templates: Templates,
  { action: stored, fired }: DueAction,
): Promise<AutomationAction> {
  const action = await openAction({ secret: settings.secret, workspaceId: fired.workspaceId }, stored);
  const scope = await withNamed(sql, fired.workspaceId, action, scopeOf(fired));
  const rendered = renderAction(templates, action, scope, allowance(fired.workspaceId, RENDER_MS));
  if (rendered.action) return rendered.action;
  // Of a header its name alone: what is wrong with a template may quote it.
  const told = ({ field, message }: TemplateProblem) =>
    `${field}: ${field.startsWith('headers.') ? 'its template cannot be filled in' : message}`;
  throw new GivenUp(rendered.problems.map(told).join('; '));
}

/** The workspace, with what the automation may there and no more. */
async function workspaceOf(sql: Sql, workspaceId: string, scopes: readonly string[]): Promise<CommandCtx['workspace']> {
  const [row] = await sql.query<{
    slug: string;
    name: string;
    retentionClass: string;
    createdAt: Date;
    deletedAt: Date | null;
    organizationId: string;
    organizationSlug: string;
    organizationName: string;
  }>(
    `SELECT w.slug, w.name, w.retention_class AS "retentionClass", w.created_at AS "createdAt", w.deleted_at AS "deletedAt",
       w.organization_id AS "organizationId" FROM workspace w WHERE w.id = $1::uuid`,
    [workspaceId],
  );
  if (!row || row.deletedAt) throw new NothingToDo('The workspace was deleted.');
  return {
    id: workspaceId,
    slug: row.slug,
    name: row.name,
    retentionClass: row.retentionClass,
    createdAt: new Date(row.createdAt),
    purgeAt: null,
    organization: { id: row.organizationId, slug: '', name: '' },
    role: 'automation',
    scopes: new Set(scopes as Scope[]),
    objects: [],
  };
}

async function recordFailure(
  services: Services,
  ref: ActionRef,
  due: DueAction | null,
  error: unknown,
  startedAt: number,
): Promise<Executed> {
  const { message, isFinal, outcome } = verdictOf(error);
  if (!due || message === null) services.log.error({ err: error, action: ref.id }, 'an action of an automation failed');
  // Nothing was taken: it stays due.
  if (!due) return { outcome: 'taken' };
  const wait = isFinal ? undefined : BACKOFF_MS[due.tries];
  const status = outcome === 'skipped' ? 'skipped' : wait === undefined ? 'failed' : 'waiting';
  const told = message ?? 'Something went wrong on our side; it was logged.';
  const attempt = { at: new Date(startedAt).toISOString(), durationMs: Date.now() - startedAt, outcome, message: told.slice(0, 500) };
  await services.db.inWorkspace(ref.workspaceId, async (tx) => {
    const sql = sqlOfTx(tx);
    const nextInMs = wait === undefined ? 0 : wait * (0.8 + 0.4 * Math.random());
    const recorded = await recordAttempt(sql, ref.id, due.tries, { attempt, status, nextInMs, target: null });
    if (recorded && status === 'failed') await appendEvents(sql, [failureOf(ref, due, told)]);
  });
  return { outcome: status === 'waiting' ? 'again' : status };
}

function verdictOf(error: unknown): { message: string | null; isFinal: boolean; outcome: 'failed' | 'skipped' } {
  if (error instanceof NothingToDo) return { message: error.message, isFinal: true, outcome: 'skipped' };
  if (error instanceof GivenUp) return { message: error.message, isFinal: true, outcome: 'failed' };
  if (error instanceof AppError) return { message: error.message, isFinal: FINAL_CODES.has(error.code), outcome: 'failed' };
  // What the network says, below a failed fetch.
  const { name, message, cause } = error as Error;
  if (name === 'TimeoutError') return { message: `There was no answer within ${OUTSIDE_MS / 1_000} s.`, isFinal: false, outcome: 'failed' };
  if (message === 'fetch failed')
    return { message: `It could not be reached: ${(cause as Error)?.message ?? 'unknown'}`, isFinal: false, outcome: 'failed' };
  if (message?.includes('is not on the public internet')) return { message, isFinal: true, outcome: 'failed' };
  return { message: null, isFinal: false, outcome: 'failed' };
}

function failureOf({ workspaceId, id }: ActionRef, { action, fired }: DueAction, message: string): AppendedEvent {
  const { automation, firing, event } = fired;
  return {
    workspaceId,
    id: crypto.randomUUID(),
    name: 'automation.action-failed',
    resource: { id: automation.id, kind: 'automation', name: automation.name },
    related: [
      { role: 'firing', id: firing.id },
      ...(event ? [{ role: 'triggering-event', id: event.id, name: event.name }] : []),
    ] as Record<string, string>[],
    payload: { action: action.type, delivery: id, message },
  };
}

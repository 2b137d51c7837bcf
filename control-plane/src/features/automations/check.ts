/**
 * Whether an automation may be saved: who saves it may do all that it will do, what it names is there, and it does not set itself
 * off. The rule of rights: an automation acts with the scopes that its actions need, which whoever saves or enables it must have then.
 */

import { isId, toUuid } from '@signalbox/proto';
import type { AutomationAction, AutomationDefinition, EventsTrigger, EventTrigger } from '@signalbox/proto/api';
import { isEventsTrigger } from '@signalbox/proto/api';
import type { Scope } from '../../domain/permissions.ts';
import { fitsPattern } from '../../domain/triggers/index.ts';
import { HEADER_VALUE, isHeaderValue, type WebhookAction } from '../../domain/webhook-headers.ts';
import { forbidden, invalidInput, notFound } from '../../platform/errors.ts';
import type { Ctx } from '../../platform/services.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import { findDeploymentRef } from '../deployments/index.ts';
import { findPoolRow } from '../work-pools/index.ts';
import type { Reference } from './actions/action-kind.ts';
import { kindOf } from './actions/index.ts';
import { openHeaders } from './headers/seal-headers.ts';
import { findAutomation } from './store.ts';
import { problemOfTemplate } from './templates/render.ts';
import { scopesNamed } from './templates/scope.ts';

type Lists = Pick<AutomationDefinition, 'onTrigger' | 'onResolve'>;
type Placed = { readonly path: string; readonly action: AutomationAction };

function actionsOf({ onTrigger, onResolve }: Lists): Placed[] {
  const placed = (list: 'onTrigger' | 'onResolve', actions: readonly AutomationAction[]) =>
    actions.map((action, i) => ({ path: `${list}.${i}`, action }));
  return [...placed('onTrigger', onTrigger), ...placed('onResolve', onResolve)];
}

const scopesOfAction = (action: AutomationAction): Scope[] => [kindOf(action).scope, ...scopesNamed(action)];

/** What its actions need, each once. */
function scopesOf(definition: Lists): Scope[] {
  return [...new Set(actionsOf(definition).flatMap(({ action }) => scopesOfAction(action)))].sort();
}

/** As it is stored. @throws FORBIDDEN that names the action and the scope it lacks */
export async function requireRights(ctx: Ctx, stored: Lists): Promise<void> {
  requireScopes(ctx, await openHeaders(ownerOf(ctx), stored));
}

/** Whose values of headers are sealed. */
export const ownerOf = ({ settings, workspace }: Ctx) => ({ secret: settings.secret, workspaceId: workspace.id });

function requireScopes(ctx: Ctx, definition: Lists): void {
  for (const { path, action } of actionsOf(definition)) {
    const scope = scopesOfAction(action).find((each) => !ctx.workspace.scopes.has(each));
    if (scope === undefined) continue;
    throw forbidden(
      `${path}: an automation does no more than who saves it may, and your role "${ctx.workspace.role}" may not ${action.type} (${scope}).`,
      { scope },
    );
  }
}

/** As it is to be stored, with headers sealed. Answers what its actions need. @throws INVALID_INPUT, NOT_FOUND for what it names, FORBIDDEN */
export async function checkDefinition(ctx: Ctx, stored: AutomationDefinition): Promise<Scope[]> {
  const definition = await openHeaders(ownerOf(ctx), stored);
  const actions = actionsOf(definition);
  const issues = [...actions.flatMap(({ path, action }) => issuesOfAction(path, action)), ...resolveIssues(definition)];
  const loop = loopIn(definition);
  if (loop !== null) issues.push({ field: loop.path, expected: `an action that does not set this automation off again: ${loop.why}` });
  if (issues.length > 0) throw invalidInput(issues);
  requireScopes(ctx, definition);
  for (const { action } of actions) for (const reference of kindOf(action).references?.(action) ?? []) await requireThere(ctx, reference);
  return scopesOf(definition);
}

const isTemplate = (text: string) => text.includes('{{') || text.includes('{%');
function issuesOfAction(path: string, action: AutomationAction) {
  if (action.type !== 'call-webhook') return templateIssues(path, action);
  const { headers, ...rest } = action;
  return [...templateIssues(path, rest), ...Object.entries(headers).flatMap(headerIssues(path)), ...webhookIssues(path, action)];
}

/** Texts that are no templates though they look so. */
function templateIssues(path: string, value: unknown): { field: string; expected: string; received: string }[] {
  if (typeof value === 'string') {
    const problem = problemOfTemplate(value);
    return problem === null ? [] : [{ field: path, expected: `a template: ${problem}`, received: value.slice(0, 100) }];
  }
  return typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, one]) => templateIssues(`${path}.${key}`, one))
    : [];
}

/** What it says is named nowhere: it is a secret. */
const headerIssues =
  (path: string) =>
  ([name, value]: [string, string]) => {
    const field = `${path}.headers.${name}`;
    if (problemOfTemplate(value) !== null) return [{ field, expected: 'a value, or a template that can be read' }];
    return isTemplate(value) || isHeaderValue(value) ? [] : [{ field, expected: HEADER_VALUE }];
  };

function webhookIssues(path: string, action: WebhookAction) {
  const headers = Object.keys(action.headers);
  const bad = headers.find((name) => !/^[A-Za-z0-9-]+$/.test(name));
  const field = `${path}.headers`;
  return [
    ...(/^https?:\/\//.test(action.url) || action.url.startsWith('{{')
      ? []
      : [{ field: `${path}.url`, expected: 'an address that begins with https://', received: action.url.slice(0, 100) }]),
    ...(action.format === 'cloudevents' && (action.body !== undefined || action.method === 'GET')
      ? [{ field: `${path}.format`, expected: 'no body and another method than GET: the CloudEvent is the body', received: action.format }]
      : []),
    ...(bad === undefined ? [] : [{ field, expected: 'names of letters, digits and hyphens', received: bad.slice(0, 100) }]),
    ...(headers.length > 20 ? [{ field, expected: 'at most 20 headers', received: String(headers.length) }] : []),
  ];
}

function resolveIssues({ trigger, onResolve }: AutomationDefinition) {
  const resolves = !isEventsTrigger(trigger) || (trigger.type === 'event' && trigger.resolveOn !== null);
  if (resolves || onResolve.length === 0) return [];
  return [
    {
      field: 'onResolve',
      expected: 'none, since this trigger never resolves: give an event trigger `resolveOn`, or use a metric or deadline',
    },
  ];
}

/** Names of events that an action brings about. */
const CAUSES: Partial<Record<AutomationAction['type'], readonly string[]>> = {
  // That a run fails it does not bring about by itself: to run something when anything fails is meant.
  'run-deployment': ['run.Scheduled', 'run.Pending', 'run.Running', 'run.Completed'],
  'retry-run': ['run.Scheduled', 'run.AwaitingRetry', 'run.Pending', 'run.Running'],
  'cancel-run': ['run.Cancelling', 'run.Cancelled', 'command.run.cancel'],
  'delete-run': ['command.run.delete'],
  'pause-deployment': ['command.deployment.pause'],
  'resume-deployment': ['command.deployment.resume'],
  'pause-work-pool': ['command.work-pool.pause'],
  'resume-work-pool': ['command.work-pool.resume'],
  'send-notification': ['notification.failed'],
};

/** An action that obviously sets its own automation off: each event it causes would be one more firing, without end. */
function loopIn(definition: AutomationDefinition): { path: string; why: string } | null {
  if (!definition.enabled || !isEventsTrigger(definition.trigger)) return null;
  const triggers = eventTriggersOf(definition.trigger).filter(({ posture }) => posture === 'reactive');
  for (const [i, action] of definition.onTrigger.entries()) {
    const caused = action.type === 'emit-event' ? [action.name] : (CAUSES[action.type] ?? []);
    // What is narrowed to other things than the action changes is the author's to judge.
    const named = 'deployment' in action && action.deployment !== undefined;
    for (const trigger of triggers) {
      const narrowed = Object.keys(trigger.match).length > 0 || trigger.matchRelated.length > 0;
      if (narrowed && (named || action.type === 'emit-event' || action.type === 'send-notification')) continue;
      const name = caused.find((each) => trigger.expect.length === 0 || trigger.expect.some((pattern) => fitsPattern(pattern, each)));
      if (name !== undefined) return { path: `onTrigger.${i}`, why: `${action.type} causes ${name}, which its trigger counts` };
    }
  }
  return null;
}

function eventTriggersOf(trigger: EventsTrigger): EventTrigger[] {
  return trigger.type === 'event' ? [trigger] : trigger.triggers.flatMap(eventTriggersOf);
}

/** @throws NOT_FOUND for what is not in this workspace; a template is looked at when it is filled in. */
async function requireThere(ctx: Ctx, { kind, ref, pool }: Reference): Promise<void> {
  if (isTemplate(ref)) return;
  const { tx, workspace } = ctx;
  const workspaceId = workspace.id;
  const found = async (): Promise<unknown> => {
    switch (kind) {
      case 'deployment':
        return findDeploymentRef(tx, workspaceId, ref);
      case 'work-pool':
        return findPoolRow(tx, workspaceId, ref);
      case 'work-queue': {
        const of = pool === undefined || isTemplate(pool) ? null : await findPoolRow(tx, workspaceId, pool);
        const where = isId('workQueue', ref) ? { id: toUuid('workQueue', ref) } : { name: ref };
        return tx.workQueue.findFirst({ where: { workspaceId, ...where, ...(of ? { poolId: of.id } : {}) }, select: { id: true } });
      }
      case 'schedule':
        return (
          isId('schedule', ref) && tx.schedule.findFirst({ where: { workspaceId, id: toUuid('schedule', ref) }, select: { id: true } })
        );
      case 'run':
        return isId('run', ref) && tx.run.findFirst({ where: { workspaceId, id: toUuid('run', ref) }, select: { id: true } });
      case 'automation': {
        const other = await findAutomation(sqlOfTx(tx), workspaceId, ref);
        // Who has one switched on answers for what it does.
        const lacking = other?.scopes.find((scope) => !workspace.scopes.has(scope as Scope));
        if (lacking !== undefined) throw forbidden(`Automation "${ref}" does what your role may not (${lacking}).`, { scope: lacking });
        return other;
      }
    }
  };
  if (!(await found())) throw notFound(kind.replace('-', ' '), ref);
}

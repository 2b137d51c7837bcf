/** What templates see of a firing: all of it from the firing itself, save variables and the parameters of the run, which are read where named. */
import { isId, toUuid } from '@signalbox/proto';
import type { Event } from '@signalbox/proto/api';
import type { Scope } from '../../../domain/permissions.ts';
import type { Sql } from '../../../platform/sql.ts';
import { findVariable } from '../../variables/index.ts';
import type { Fired } from '../actions/action-kind.ts';
import type { TemplateScope } from './render.ts';

/** Variables that one action may name. */
const VARIABLES_MAX = 50;

export function scopeOf({ automation, firing, event, parts }: Pick<Fired, 'automation' | 'firing' | 'event' | 'parts'>): TemplateScope {
  const run = withState(labelsOf('run', event), event);
  return {
    automation,
    firing,
    // Of a compound or a sequence all that took part; what a threshold counted before is not kept.
    firings: parts.length > 0 ? parts : [{ ...firing, event }],
    event,
    events: parts.length > 0 ? parts.flatMap((part) => part.event ?? []) : event ? [event] : [],
    labels: event?.resource ?? {},
    run,
    flow_run: run,
    task_run: withState(labelsOf('task-run', event), event),
    concurrency_limit: labelsOf('limit', event),
    flow: labelsOf('flow', event),
    deployment: labelsOf('deployment', event),
    work_pool: labelsOf('work-pool', event),
    work_queue: labelsOf('work-queue', event),
    tags: event?.related.filter(({ role }) => role === 'tag').map(({ id }) => id) ?? [],
  };
}

/** The thing itself where it is of this kind, else the first of that role. */
function labelsOf(kind: string, event: Event | null): Record<string, string> | null {
  if (!event) return null;
  return event.resource.kind === kind ? event.resource : (event.related.find(({ role }) => role === kind) ?? null);
}

/** What its event says of it: of a run that a task run's event relates, nothing. */
function withState(labels: Record<string, string> | null, event: Event | null) {
  const told = event && labels === event.resource ? event.payload : {};
  return labels && { ...labels, message: told['message'] ?? null, attempt: told['attempt'] ?? null };
}

/** Whether what the run was given is asked for: that is for those who may read runs. */
const namesParameters = (action: unknown): boolean => /\b(?:flow_)?run(?:\.|\[\\?["'])parameters\b/.test(JSON.stringify(action));

/** Names of variables that the texts of an action, or of several, name. */
export function variablesIn(action: unknown): string[] {
  return [...new Set([...JSON.stringify(action).matchAll(/variables(?:\.|\[\\"|\[')([a-z0-9_-]+)/g)].map(([, name = '']) => name))];
}

/** What filling in its texts reads, beside the event that it is for. */
export function scopesNamed(action: unknown): Scope[] {
  return [
    ...(namesParameters(action) ? (['runs:read'] as const) : []),
    ...(variablesIn(action).length > 0 ? (['variables:read'] as const) : []),
  ];
}

/** With all that the texts of an action name and the firing does not have. */
export async function withNamed(sql: Sql, workspaceId: string, action: unknown, scope: TemplateScope): Promise<TemplateScope> {
  const filled = await withVariables(sql, workspaceId, action, scope);
  const run = scope['run'] as { readonly id: string } | null;
  if (!run || !isId('run', run.id) || !namesParameters(action)) return filled;
  const [row] = await sql.query<{ parameters: { body: unknown } }>(
    'SELECT parameters FROM run WHERE id = $1::uuid AND workspace_id = $2::uuid',
    [toUuid('run', run.id), workspaceId],
  );
  const known = { ...run, parameters: row?.parameters.body ?? {} };
  return { ...filled, run: known, flow_run: known };
}

/** With `variables.<name>` for those that the texts of an action name. */
async function withVariables(sql: Sql, workspaceId: string, action: unknown, scope: TemplateScope): Promise<TemplateScope> {
  const names = variablesIn(action);
  if (names.length === 0) return scope;
  const variables: Record<string, unknown> = {};
  for (const name of names.slice(0, VARIABLES_MAX)) variables[name] = (await findVariable(sql, workspaceId, name))?.value ?? null;
  return { ...scope, variables };
}

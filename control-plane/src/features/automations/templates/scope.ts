/** What templates see of a firing: all of it from the firing itself, and the variables that they name. */
import type { Event } from '@signalbox/proto/api';
import type { Sql } from '../../../platform/sql.ts';
import { findVariable } from '../../variables/index.ts';
import type { Fired } from '../actions/action-kind.ts';
import type { TemplateScope } from './render.ts';

/** Variables that one action may name. */
const VARIABLES_MAX = 50;

export function scopeOf({ automation, firing, event }: Pick<Fired, 'automation' | 'firing' | 'event'>): TemplateScope {
  const run = labelsOf('run', event);
  return {
    automation,
    firing,
    event,
    labels: event?.resource ?? {},
    run: run && { ...run, message: event?.payload['message'] ?? null, attempt: event?.payload['attempt'] ?? null },
    flow_run: run,
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

/** With `variables.<name>` for those that the texts of an action name. */
export async function withVariables(sql: Sql, workspaceId: string, action: unknown, scope: TemplateScope): Promise<TemplateScope> {
  const text = JSON.stringify(action);
  const names = new Set([...text.matchAll(/variables(?:\.|\[\\"|\[')([a-z0-9_-]+)/g)].map(([, name = '']) => name));
  if (names.size === 0) return scope;
  const variables: Record<string, unknown> = {};
  for (const name of [...names].slice(0, VARIABLES_MAX)) variables[name] = (await findVariable(sql, workspaceId, name))?.value ?? null;
  return { ...scope, variables };
}

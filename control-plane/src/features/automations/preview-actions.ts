/** What actions would say and do for an event that was: templates filled in, nothing done. */
import { toId, uuidv7 } from '@signalbox/proto';
import {
  type AutomationFiring,
  type Event,
  isEventsTrigger,
  type previewActionsInput,
  type previewedActionsSchema,
  type Trigger,
} from '@signalbox/proto/api';
import type { z } from 'zod';
import type { Scope } from '../../domain/permissions.ts';
import { roleOf } from '../../domain/triggers/index.ts';
import { hideHeaders } from '../../domain/webhook-headers.ts';
import { forbidden, notFound } from '../../platform/errors.ts';
import type { Ctx } from '../../platform/services.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import { allowance } from '../../platform/templates.ts';
import { findEvent, readEvents } from '../events/index.ts';
import { RENDER_MS, templatesOf } from './templates/render.ts';
import { renderAction } from './templates/render-action.ts';
import { scopeOf, scopesNamed, withNamed } from './templates/scope.ts';

const NEEDED: Partial<Record<Scope, string>> = {
  'runs:read': 'run.parameters: what runs were given is for those who may read runs (runs:read).',
  'variables:read': 'variables: what they hold is for those who may read variables (variables:read).',
  'events:read': 'A preview shows an event, which is for those who may read events (events:read).',
};

/** The newest of the feed among which one that fits is looked for. */
const LOOKED_AT = 1_000;

export async function previewActions(
  ctx: Ctx,
  { actions, event: id, trigger }: z.output<typeof previewActionsInput>,
): Promise<z.output<typeof previewedActionsSchema>> {
  const sql = sqlOfTx(ctx.tx);
  for (const scope of [...scopesNamed(actions), 'events:read' as const])
    if (!ctx.workspace.scopes.has(scope)) throw forbidden(NEEDED[scope] ?? `A preview asks for ${scope}.`, { scope });
  const event = id === undefined ? await newestFor(ctx, trigger) : await findEvent(sql, ctx.workspace.id, id);
  if (id !== undefined && !event) throw notFound('event', id);
  const at = new Date().toISOString();
  const scope = scopeOf({
    automation: { id: toId('automation', uuidv7(Date.now())), name: 'preview' },
    firing: { id: toId('automationFiring', uuidv7(Date.now())), kind: 'triggered', at, firedAt: at, key: [], why: 'preview' },
    event,
    parts: trigger && event ? await partsFor(ctx, trigger, event) : [],
  });
  const templates = templatesOf(ctx.settings.publicUrl);
  // Of all actions together: nobody who only looks keeps others waiting.
  const allowed = allowance(ctx.workspace.id, RENDER_MS);
  return {
    event,
    actions: await Promise.all(
      actions.map(async (action) => {
        const { action: rendered, problems } = renderAction(
          templates,
          action,
          await withNamed(sql, ctx.workspace.id, action, scope),
          allowed,
        );
        return { type: action.type, rendered: hideHeaders(rendered), problems: [...problems] };
      }),
    ),
  };
}

/** Of a compound or a sequence: the newest that fits each part, the event that was chosen in the part that it fits. */
async function partsFor(ctx: Ctx, trigger: Trigger, event: Event): Promise<AutomationFiring['parts']> {
  if (trigger.type !== 'compound' && trigger.type !== 'sequence') return [];
  const events = [event, ...(await newest(ctx))];
  return trigger.triggers.flatMap((child, part) => {
    const found = events.find((each) => fits(child, each));
    return found ? [{ part, at: found.occurredAt, event: found }] : [];
  });
}

const newest = (ctx: Ctx): Promise<Event[]> =>
  readEvents(sqlOfTx(ctx.tx), ctx.workspace.id, {}, { cursor: null, after: null, limit: LOOKED_AT });

function fits(one: Trigger, event: Event): boolean {
  if (one.type === 'event') return roleOf(one, event)?.counts ?? false;
  return isEventsTrigger(one) && one.triggers.some((child) => fits(child, event));
}

async function newestFor(ctx: Ctx, trigger: Trigger | undefined): Promise<Event | null> {
  const events = await newest(ctx);
  return (trigger && events.find((event) => fits(trigger, event))) ?? events[0] ?? null;
}

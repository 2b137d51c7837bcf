/** A request to an event by templates, bounded as a whole. */
import type { WebhookTemplate } from '@signalbox/proto/api';
import type { HookEvent, HookRequest } from '../../domain/webhooks/presets.ts';
import { type Allowance, allowance, fillIn, openLiquid } from '../../platform/templates.ts';

/** All texts of a template together. */
const RENDER_MS = 50;
const liquid = openLiquid();

/** For one request to a webhook of this workspace. @throws LIMIT_EXCEEDED while its templates have to wait */
export const allowanceOf = (workspaceId: string): Allowance => allowance(workspaceId, RENDER_MS);

/** What is in the scope: the request, without what proves whom it comes from, and what the preset makes of it. */
function scopeOf({ method, headers, query, body }: HookRequest, event: HookEvent | null): object {
  const { authorization: _, cookie: _c, ...open } = headers;
  return { method, headers: open, query, body, event };
}

/** @throws Error that names the place of a template which cannot be filled in */
export function eventBy(template: WebhookTemplate, request: HookRequest, event: HookEvent | null, allowed: Allowance): HookEvent {
  const scope = scopeOf(request, event);
  const render = (text: string, path: string) => renderText(text, { scope, path, allowed });
  const name = textOf(render(template.name, 'name'));
  const resource = Object.fromEntries(
    Object.entries(template.resource).map(([key, text]) => [key, textOf(render(text, `resource.${key}`))]),
  );
  const payload = renderAll(template.payload, render, 'payload') as Record<string, unknown>;
  return { name: name.trim(), resource, payload, occurredAt: event?.occurredAt ?? null };
}

type Render = (text: string, path: string) => unknown;

function renderAll(value: unknown, render: Render, path: string): unknown {
  if (typeof value === 'string') return render(value, path);
  if (Array.isArray(value)) return value.map((each, i) => renderAll(each, render, `${path}.${i}`));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, renderAll(each, render, `${path}.${key}`)]));
}

function renderText(text: string, { scope, path, allowed }: { scope: object; path: string; allowed: Allowance }): unknown {
  try {
    return fillIn(liquid, text, scope, allowed);
  } catch (error) {
    throw new Error(`${path}: ${(error as Error).message.split('\n')[0]?.slice(0, 200)}`);
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value));

/** A request to an event by templates: Liquid without files or partials, bounded in length, time and memory. */
import type { WebhookTemplate } from '@signalbox/proto/api';
import { Liquid } from 'liquidjs';
import type { HookEvent, HookRequest } from '../../domain/webhooks/presets.ts';

const liquid = openLiquid();

function openLiquid(): Liquid {
  const engine = new Liquid({
    templates: {},
    ownPropertyOnly: true,
    strictFilters: true,
    strictVariables: false,
    parseLimit: 10_000,
    renderLimit: 50,
    memoryLimit: 1_000_000,
    timezoneOffset: 'UTC',
  });
  for (const tag of ['include', 'render', 'layout', 'block']) delete engine.tags[tag];
  return engine;
}

/** What is in the scope: the request, without what proves whom it comes from, and what the preset makes of it. */
function scopeOf({ method, headers, query, body }: HookRequest, event: HookEvent | null): object {
  const { authorization: _, cookie: _c, ...open } = headers;
  return { method, headers: open, query, body, event };
}

/** @throws Error that names the place of a template which cannot be filled in */
export function fillIn(template: WebhookTemplate, request: HookRequest, event: HookEvent | null): HookEvent {
  const scope = scopeOf(request, event);
  const name = textOf(render(template.name, scope, 'name'));
  const resource = Object.fromEntries(
    Object.entries(template.resource).map(([key, text]) => [key, textOf(render(text, scope, `resource.${key}`))]),
  );
  const payload = renderAll(template.payload, scope, 'payload') as Record<string, unknown>;
  return { name: name.trim(), resource, payload, occurredAt: event?.occurredAt ?? null };
}

function renderAll(value: unknown, scope: object, path: string): unknown {
  if (typeof value === 'string') return render(value, scope, path);
  if (Array.isArray(value)) return value.map((each, i) => renderAll(each, scope, `${path}.${i}`));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, renderAll(each, scope, `${path}.${key}`)]));
}

function render(text: string, scope: object, path: string): unknown {
  if (!text.includes('{{') && !text.includes('{%')) return text;
  const [, alone] = /^\s*\{\{-?((?:(?!\}\}|\{\{)[\s\S])+?)-?\}\}\s*$/.exec(text) ?? [];
  try {
    // Copied, so that nothing of ours hangs on it.
    if (alone !== undefined) return JSON.parse(JSON.stringify(liquid.evalValueSync(alone.trim(), scope) ?? null));
    return String(liquid.parseAndRenderSync(text, scope));
  } catch (error) {
    throw new Error(`${path}: ${(error as Error).message.split('\n')[0]?.slice(0, 200)}`);
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value));

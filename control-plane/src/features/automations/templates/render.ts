/** Texts of actions filled in. One that is one expression alone (`{{ event.payload.rows }}`) keeps the type of its value. */
import type { Liquid } from 'liquidjs';
import { type Allowance, allowanceOfNobody, fillIn, isTemplate, openLiquid, RENDERED_MAX_BYTES } from '../../../platform/templates.ts';

/** All texts of an action together. */
export const RENDER_MS = 100;

export type TemplateProblem = { readonly field: string; readonly message: string };
/** What templates see. */
export type TemplateScope = Readonly<Record<string, unknown>>;

const engine = openEngine('');

function openEngine(publicUrl: string): Liquid {
  const liquid = openLiquid({ locale: 'en-US', dateFormat: '%Y-%m-%dT%H:%M:%SZ' });
  liquid.registerFilter('ui_url', (thing: unknown) => urlOf(publicUrl, thing));
  liquid.registerFilter('events_url', (thing: unknown) => `${publicUrl}/events?about=${encodeURIComponent(idOf(thing))}`);
  liquid.registerFilter('humanize', humanize);
  return liquid;
}

/** A filler-in whose links lead to this address. */
export function templatesOf(publicUrl: string): Templates {
  return { engine: openEngine(publicUrl) };
}
export type Templates = { readonly engine: Liquid };

/** @throws with a message for people */
export function renderText(
  { engine: liquid }: Templates,
  text: string,
  scope: TemplateScope,
  allowed: Allowance = allowanceOfNobody(RENDER_MS),
): unknown {
  return fillIn(liquid, text, scope, allowed);
}

/** Every text in `value`, at any depth; what cannot be filled in is named with its place. */
export function renderAll(
  templates: Templates,
  value: unknown,
  scope: TemplateScope,
  allowed: Allowance = allowanceOfNobody(RENDER_MS),
): { readonly value: unknown; readonly problems: readonly TemplateProblem[] } {
  const problems: TemplateProblem[] = [];
  const walk = (each: unknown, path: string): unknown => {
    if (typeof each === 'string') {
      try {
        return renderText(templates, each, scope, allowed);
      } catch (error) {
        problems.push({ field: path, message: messageOf(error) });
        return null;
      }
    }
    if (Array.isArray(each)) return each.map((one, i) => walk(one, path === '' ? String(i) : `${path}.${i}`));
    if (typeof each !== 'object' || each === null) return each;
    return Object.fromEntries(Object.entries(each).map(([key, one]) => [key, walk(one, path === '' ? key : `${path}.${key}`)]));
  };
  const rendered = walk(value, '');
  const bytes = Buffer.byteLength(JSON.stringify(rendered) ?? '');
  if (bytes > RENDERED_MAX_BYTES)
    problems.push({ field: '', message: `expected at most ${RENDERED_MAX_BYTES / 1024} KB when filled in, got ${bytes} bytes` });
  return { value: rendered, problems };
}

/** Whether a text is a template at all that can be read; null: it can. */
export function problemOfTemplate(text: string): string | null {
  if (!isTemplate(text)) return null;
  try {
    engine.parse(text);
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

function messageOf(error: unknown): string {
  return (error as Error).message.split('\n')[0]?.slice(0, 300) ?? 'cannot be filled in';
}

const idOf = (thing: unknown): string => (typeof thing === 'string' ? thing : String((thing as { id?: unknown } | null)?.id ?? ''));

const PAGES: Readonly<Record<string, string>> = {
  run: 'runs',
  dep: 'deployments',
  pool: 'work-pools',
  agt: 'agents',
  auto: 'automations',
  flow: 'flows',
  inc: 'incidents',
  fail: 'failures',
};

/** Where a thing is shown: by its id, or by an object that has one. */
function urlOf(publicUrl: string, thing: unknown): string {
  const id = idOf(thing);
  const page = PAGES[id.slice(0, id.indexOf('_'))];
  // Of a task run it is that of its run.
  return page === undefined ? publicUrl : `${publicUrl}/${page}/${encodeURIComponent(id.split('/')[0] ?? id)}`;
}

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const;

/** Seconds as people say them: `3725` is `1 h 2 min`. */
function humanize(seconds: unknown): string {
  let left = Math.round(Number(seconds));
  if (!Number.isFinite(left)) return '';
  const parts: string[] = [];
  for (const [unit, size] of UNITS) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0 && parts.length < 2) parts.push(`${count} ${unit}`);
  }
  return parts.join(' ') || '0 s';
}

/**
 * Templates that customers write: Liquid without files, prototypes or partials. All texts of one thing share a bound of time and of size; and
 * a workspace whose templates take long again and again waits, so that it does not stand in the way of others.
 */
import { Liquid } from 'liquidjs';
import { limitExceeded } from './errors.ts';
import { tokenBuckets } from './token-bucket.ts';

/** Characters of one template, and characters of memory that filling in one takes. */
export const TEMPLATE_MAX = 10_000;
const MEMORY_MAX = 1_000_000;
/** Bytes of JSON of a thing when it is filled in. */
export const RENDERED_MAX_BYTES = 256 * 1024;
/** Milliseconds of one thing that are counted for nobody: what people write takes less. */
const FREE_MS = 5;
export function openLiquid(options: ConstructorParameters<typeof Liquid>[0] = {}): Liquid {
  const liquid = new Liquid({
    // No file is read: there is nothing but these.
    templates: {},
    ownPropertyOnly: true,
    strictFilters: true,
    strictVariables: false,
    timezoneOffset: 'UTC',
    parseLimit: TEMPLATE_MAX,
    memoryLimit: MEMORY_MAX,
    ...options,
  });
  for (const tag of ['include', 'render', 'layout', 'block']) delete liquid.tags[tag];
  return liquid;
}

/** What the texts of one thing may take together. */
export type Allowance = { readonly ms: number; readonly count: (ms: number) => void; spentMs: number; bytes: number; isOver: boolean };

/** Of nobody's: of a text that is looked at alone. */
export const allowanceOfNobody = (ms: number): Allowance => ({ ms, count: () => {}, spentMs: 0, bytes: 0, isOver: false });

/** Gives a workspace its allowances while what was counted of it leaves any: `capacity` ms at once, `refillPerSecond` in the long run. */
export function openAllowances(bounds: { readonly capacity: number; readonly refillPerSecond: number }) {
  const counted = tokenBuckets(bounds);
  /** @throws LIMIT_EXCEEDED while the workspace has to wait */
  return (workspaceId: string, ms: number): Allowance => {
    const waitMs = counted.spend(workspaceId, 0);
    if (waitMs !== null)
      throw limitExceeded('Templates of this workspace took too long: simpler ones are filled in at once.', { retryAfterMs: waitMs });
    return { ...allowanceOfNobody(ms), count: (spentMs) => void counted.spend(workspaceId, spentMs) };
  };
}

/** Of this replica: a fifth of a processor in the long run. */
export const allowance = openAllowances({ capacity: 2_000, refillPerSecond: 200 });

export const isTemplate = (text: string): boolean => text.includes('{{') || text.includes('{%');

/** A text that is one expression alone keeps the type of its value. @throws with a message for people */
export function fillIn(liquid: Liquid, text: string, scope: object, allowed: Allowance): unknown {
  if (!isTemplate(text)) return text;
  if (text.length > TEMPLATE_MAX) throw new Error(`expected at most ${TEMPLATE_MAX} characters of a template`);
  const left = allowed.ms - allowed.spentMs;
  if (left <= 0 || allowed.isOver) throw new Error(`expected all templates to be filled in within ${allowed.ms} ms`);
  // Of this thread alone: on a busy machine nobody is charged for waiting.
  const begun = process.threadCpuUsage();
  try {
    const filled = render(liquid, text, scope, left);
    allowed.bytes += JSON.stringify(filled)?.length ?? 0;
    if (allowed.bytes > RENDERED_MAX_BYTES) throw new Error(`expected at most ${RENDERED_MAX_BYTES / 1024} KB when filled in`);
    return filled;
  } catch (error) {
    allowed.isOver = String(error).includes('render limit exceeded');
    throw error;
  } finally {
    const { user, system } = process.threadCpuUsage(begun);
    spend(allowed, (user + system) / 1_000);
  }
}

function render(liquid: Liquid, text: string, scope: object, renderLimit: number): unknown {
  const [, alone] = /^\s*\{\{-?((?:(?!\}\}|\{\{)[\s\S])+?)-?\}\}\s*$/.exec(text) ?? [];
  // Whatever comes of it is data: copied, so that nothing of ours hangs on it.
  if (alone !== undefined) return copyOf(liquid.evalValueSync(alone.trim(), scope));
  return String(liquid.parseAndRenderSync(text, scope, { renderLimit }));
}

function spend(allowed: Allowance, ms: number): void {
  const before = Math.max(FREE_MS, allowed.spentMs);
  allowed.spentMs += ms;
  if (allowed.spentMs > before) allowed.count(allowed.spentMs - before);
}

function copyOf(value: unknown): unknown {
  return value === undefined ? null : JSON.parse(JSON.stringify(value) ?? 'null');
}

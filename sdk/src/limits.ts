/** Limits that runs share: slots held while code runs, and rates. */
import type { Duration } from './duration.ts';
import { toMs } from './duration.ts';
import { findEngineContext } from './engine/context.ts';
import { declaredLimits } from './engine/declared-limits.ts';
import { contextOutsideRun } from './engine/outside-run.ts';
import { takeSlots } from './engine/slots.ts';

/** The contract's bounds; written out, since a cold start pays for every module. */
const MAX_SLOTS = 10_000;
const MAX_LIMITS_AT_ONCE = 20;
const NAME_MAX = 120;

export interface LimitOptions {
  /** 1 to 120 characters. `tag:db` limits tasks with the tag `db`. */
  readonly name: string;
  /** How many may hold one at once; 0 to 10,000. 0: closed, everybody waits. */
  readonly slots: number;
  /** Makes it a rate: slots are not given back, so many come back by themselves each second. Default: none. */
  readonly decayPerSecond?: number;
  readonly description?: string;
}

/** A declared limit; takes the place of its name. */
export interface Limit {
  readonly name: string;
}
export type LimitRef = string | Limit;

export interface ConcurrencyOptions {
  /** Slots of each limit, 1 to 10,000. Default 1. */
  readonly occupy?: number;
  /** Longest wait; then `LimitTimeoutError`. 0: only if there is room now. Default: as long as it takes. */
  readonly timeout?: Duration;
  /** Whether a name that nobody made a limit of is an error. Default: it limits nobody, and a warning says so once. */
  readonly strict?: boolean;
}

/** Slots that are held until it is disposed, or the run ends. */
export interface Slots extends AsyncDisposable {
  /** Names of the limits. */
  readonly limits: readonly string[];
}

/**
 * Declares a limit. `signalbox deploy` makes it when it is missing, and changes nothing when it is there: people may have
 * set it otherwise. Without an agent it holds within the process.
 * @example const db = limit({ name: 'db', slots: 5 });
 * @throws RangeError when an option is out of range, or the name is declared already with other options.
 */
export function limit(options: LimitOptions): Limit {
  const { name, slots, decayPerSecond = null, description = '' } = options;
  checkLimitName(name);
  if (!Number.isInteger(slots) || slots < 0 || slots > MAX_SLOTS) {
    throw new RangeError(`limit "${name}": slots: expected a whole number from 0 to ${MAX_SLOTS}, got ${slots}`);
  }
  if (decayPerSecond !== null && !(decayPerSecond >= 0.000_001 && decayPerSecond <= 1_000_000)) {
    throw new RangeError(`limit "${name}": decayPerSecond: expected a number from 0.000001 to 1000000, got ${decayPerSecond}`);
  }
  const known = declaredLimits.get(name);
  if (known && (known.slots !== slots || known.decayPerSecond !== decayPerSecond)) {
    throw new RangeError(`limit "${name}": declared already with other options (slots ${known.slots}, now ${slots})`);
  }
  declaredLimits.set(name, { name, slots, decayPerSecond, description });
  return Object.freeze({ name });
}

/**
 * Holds slots of one or several limits while `body` runs: of all or of none, in the order of asking. Rates among them are
 * taken and come back by themselves. Without `body`, until what it gives is disposed. Slots are given back in any case,
 * also when the process dies or its agent is lost; they are kept while the run waits for a child.
 *
 * @example
 * await concurrency('db', async () => copyRows());
 * await concurrency(['db', 'warehouse'], { occupy: 2, timeout: '5m' }, async () => copyRows());
 * await using slots = await concurrency('db');
 * @throws LimitTimeoutError; UnknownLimitError with `strict`; RangeError for an option out of range; SignalboxError when more is
 *   asked for than the limit has; CancelledError or TimeoutError, the reason of the run's signal.
 */
export function concurrency(limits: LimitRef | readonly LimitRef[], options?: ConcurrencyOptions): Promise<Slots>;
export function concurrency<R>(limits: LimitRef | readonly LimitRef[], body: () => R | PromiseLike<R>): Promise<R>;
export function concurrency<R>(
  limits: LimitRef | readonly LimitRef[],
  options: ConcurrencyOptions,
  body: () => R | PromiseLike<R>,
): Promise<R>;
export async function concurrency<R>(
  limits: LimitRef | readonly LimitRef[],
  first: ConcurrencyOptions | (() => R | PromiseLike<R>) = {},
  second?: () => R | PromiseLike<R>,
): Promise<R | Slots> {
  const [options, body] = typeof first === 'function' ? [{}, first] : [first, second];
  const names = namesOf(limits, 'concurrency');
  const held = await takeSlots(currentContext(), { ...requestOf(names, options, 'concurrency'), rateOnly: false });
  if (!body) return { limits: names, [Symbol.asyncDispose]: async () => held.release() };
  try {
    return await body();
  } finally {
    held.release();
  }
}

/**
 * Waits until one or several rates let it pass: all of them, or it waits. A rate is a limit with `decayPerSecond`: as many
 * pass at once as it has slots, then so many a second.
 * @example await rateLimit('github-api'); await fetch('https://api.github.com/...');
 * @throws as {@link concurrency}; SignalboxError when a limit is none with a decay.
 */
export async function rateLimit(limits: LimitRef | readonly LimitRef[], options: ConcurrencyOptions = {}): Promise<void> {
  const names = namesOf(limits, 'rateLimit');
  await takeSlots(currentContext(), { ...requestOf(names, options, 'rateLimit'), rateOnly: true });
}

function requestOf(limits: readonly string[], { occupy = 1, timeout, strict = false }: ConcurrencyOptions, what: string) {
  if (!Number.isInteger(occupy) || occupy < 1 || occupy > MAX_SLOTS) {
    throw new RangeError(`${what}: occupy: expected a whole number from 1 to ${MAX_SLOTS}, got ${occupy}`);
  }
  const timeoutMs = timeout === undefined ? null : toMs(timeout, `${what}: timeout`);
  return { limits, slots: occupy, strict, timeoutMs, warns: true };
}

function namesOf(limits: LimitRef | readonly LimitRef[], what: string): readonly string[] {
  const list = Array.isArray(limits) ? (limits as readonly LimitRef[]) : [limits as LimitRef];
  const names = [...new Set(list.map((one) => (typeof one === 'string' ? one : one.name)))];
  if (names.length < 1 || names.length > MAX_LIMITS_AT_ONCE) {
    throw new RangeError(`${what}: expected 1 to ${MAX_LIMITS_AT_ONCE} limits, got ${names.length}`);
  }
  for (const name of names) checkLimitName(name);
  return names;
}

function checkLimitName(name: unknown): void {
  const isFine = typeof name === 'string' && name.length >= 1 && name.length <= NAME_MAX && name.trim() === name && !/\p{Cc}/u.test(name);
  if (!isFine) throw new RangeError(`limit: name: expected 1 to ${NAME_MAX} characters without outer spaces, got ${JSON.stringify(name)}`);
}

let outside: ReturnType<typeof contextOutsideRun> | undefined;

function currentContext() {
  const ctx = findEngineContext();
  if (ctx) return ctx;
  outside ??= contextOutsideRun();
  return outside;
}

/** How often, and after what pause, something is tried again. */
import type { Duration } from './duration.ts';
import { toMs } from './duration.ts';

/** Options with which a flow or a task is tried again. */
export interface FlowRetryOptions {
  /** Further attempts after the first, 0 to 100. Default 0. */
  readonly retries?: number;
  /**
   * Pause before each further attempt: one, a list whose last value repeats, or a function of the attempt that failed (from
   * 1) and its error. Default 0. @see exponentialBackoff
   */
  readonly retryDelay?: Duration | readonly Duration[] | ((attempt: number, error: unknown) => Duration);
  /** Part of each pause that is random, 0 to 1: with 0.2 a pause of 10 s takes 8 to 12 s. Default 0. */
  readonly retryJitter?: number;
  /**
   * Whether this error is worth another attempt; `attempt` is the one that failed, from 1. Default: all but
   * `NonRetryableError`. Throwing means no. Of a flow it is asked in the flow's own process: a process that died, and a
   * flow that took longer than its timeout and was killed, are not asked.
   */
  readonly retryWhen?: (error: unknown, attempt: number) => boolean;
}

/** Options with which a task is tried again. */
export type TaskRetryOptions = FlowRetryOptions;

/** A checked policy; durations in milliseconds. */
export interface RetryPolicy {
  readonly retries: number;
  /** At least one value; the last repeats. */
  readonly delaysMs: readonly number[];
  readonly jitter: number;
  /** Instead of `delaysMs`. */
  readonly delay?: (attempt: number, error: unknown) => Duration;
  readonly when: ((error: unknown, attempt: number) => boolean) | null;
}

const MAX_RETRIES = 100;
const MAX_DELAYS = 50;

/** The policy of some options. `owner` names whose they are in errors. @throws RangeError on a value out of range. */
export function retryPolicy(options: FlowRetryOptions, owner: string): RetryPolicy {
  const retries = options.retries ?? 0;
  if (!Number.isInteger(retries) || retries < 0 || retries > MAX_RETRIES) {
    throw new RangeError(`${owner}: retries: expected a whole number from 0 to ${MAX_RETRIES}, got ${retries}`);
  }
  const given = options.retryDelay ?? 0;
  const jitter = options.retryJitter ?? (given as { [JITTER]?: number })[JITTER] ?? 0;
  if (!(jitter >= 0 && jitter <= 1)) {
    throw new RangeError(`${owner}: retryJitter: expected a number from 0 to 1, got ${jitter}`);
  }
  const when = options.retryWhen ?? null;
  if (typeof given === 'function') return { retries, delaysMs: [0], jitter, when, delay: given };
  const delays = typeof given === 'object' ? given : [given];
  if (delays.length === 0 || delays.length > MAX_DELAYS) {
    throw new RangeError(`${owner}: retryDelay: expected 1 to ${MAX_DELAYS} values, got ${delays.length}`);
  }
  const delaysMs = delays.map((delay) => toMs(delay, `${owner}: retryDelay`));
  return { retries, delaysMs, jitter, when };
}

/**
 * Milliseconds to wait after the failure of attempt `failedAttempt` (from 1).
 * @param random a number from 0 up to 1, which places the pause inside its jitter.
 */
export function retryDelayMs(policy: RetryPolicy, failedAttempt: number, random: number, error?: unknown): number {
  const base = policy.delay
    ? chosenDelay(policy.delay, failedAttempt, error)
    : (policy.delaysMs[Math.min(failedAttempt, policy.delaysMs.length) - 1] ?? 0);
  return Math.round(base * (1 + policy.jitter * (2 * random - 1)));
}

/** What an author's function says; one that throws, or says no duration, means at once. */
function chosenDelay(delay: NonNullable<RetryPolicy['delay']>, attempt: number, error: unknown): number {
  try {
    return toMs(delay(attempt, error), 'retryDelay');
  } catch {
    return 0;
  }
}

/** Whether the author's condition lets attempt `failedAttempt` be followed by another; throwing means no. */
export function wantsRetry({ when }: RetryPolicy, error: unknown, failedAttempt: number): boolean {
  try {
    return when === null || when(error, failedAttempt);
  } catch {
    return false;
  }
}

const JITTER = Symbol.for('@signalbox/sdk.jitter');

export interface BackoffOptions {
  /** At least 1. Default 2. */
  readonly factor?: number;
  /** Longest pause. Default 1 min. */
  readonly max?: Duration;
  /** The policy's `retryJitter`, where it names none. Default 0. */
  readonly jitter?: number;
}

/**
 * Pauses that grow by `factor` from the first and stay at `max`: `exponentialBackoff()` is 1, 2, 4 ... 60 s.
 *
 * @example task({ name: 'fetch', retries: 5, retryDelay: exponentialBackoff('200ms', { factor: 3, jitter: 0.2 }) }, fetchPage)
 * @throws RangeError when `factor` is below 1.
 */
export function exponentialBackoff(initial?: Duration, options?: BackoffOptions): readonly number[];
export function exponentialBackoff(options: BackoffOptions & { readonly initial?: Duration }): readonly number[];
export function exponentialBackoff(
  first: Duration | (BackoffOptions & { readonly initial?: Duration }) = '1s',
  second: BackoffOptions = {},
): readonly number[] {
  const { initial = '1s', factor = 2, max = '1m', jitter } = typeof first === 'object' ? first : { ...second, initial: first };
  const initialMs = toMs(initial, 'initial');
  const maxMs = toMs(max, 'max');
  if (!(factor >= 1)) throw new RangeError(`factor: expected a number of at least 1, got ${factor}`);
  const delays: number[] = [];
  for (let step = 0; step < MAX_DELAYS; step++) {
    const delay = Math.min(maxMs, Math.round(initialMs * factor ** step));
    if (delays.at(-1) === delay) break;
    delays.push(delay);
  }
  // Not seen in the list: it is a property of it.
  return jitter === undefined ? delays : Object.defineProperty(delays, JITTER, { value: jitter });
}

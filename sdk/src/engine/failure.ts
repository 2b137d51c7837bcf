/** Errors as they cross a process. */
import type { RunFailure } from '@signalbox/proto';
import { isCancelled, isNonRetryable, isParameterError, isRetryAfter, isTaskFailed, isTimeout } from '../errors.ts';
import { knownSecrets } from './redaction.ts';
import { cleanText } from './text.ts';

const MESSAGE_MAX = 10_000;
const STACK_MAX = 32_000;
const NAME_MAX = 200;
/** A chain of causes is followed this far: it may be a circle. */
const MAX_CAUSES = 10;

/** An error and what caused it, outermost first. */
export function causes(error: unknown): readonly unknown[] {
  const chain: unknown[] = [];
  let current = error;
  while (current !== undefined && current !== null && chain.length < MAX_CAUSES) {
    chain.push(current);
    current = typeof current === 'object' ? (current as { cause?: unknown }).cause : undefined;
  }
  return chain;
}

/** Whether another attempt may help: nothing in the chain says that it cannot. */
export function isRetryable(error: unknown): boolean {
  return !causes(error).some((link) => isNonRetryable(link) || isParameterError(link));
}

/** The pause an author asked for, anywhere in the chain. */
export function retryAfterMs(error: unknown): number | undefined {
  return causes(error).find(isRetryAfter)?.retryAfterMs;
}

export function describeError(error: unknown): string {
  if (error instanceof Error) return error.message || error.name;
  return typeof error === 'string' ? error : `a value that is no Error was thrown: ${String(error)}`;
}

/** The wire form of what user code threw. */
export function toFailure(error: unknown, kind?: RunFailure['kind']): RunFailure {
  const failure: RunFailure = {
    kind: kind ?? (isCancelled(error) ? 'cancelled' : isTimeout(error) ? 'timed-out' : 'application'),
    message: knownSecrets.mask(cleanText(describeError(error), MESSAGE_MAX)),
    retryable: isRetryable(error),
  };
  const stack = stackOf(error);
  if (stack) failure.stack = knownSecrets.mask(stack);
  if (error instanceof Error) failure.name = cleanText(error.name, NAME_MAX);
  const after = retryAfterMs(error);
  if (after !== undefined) failure.retryAfterMs = after;
  return failure;
}

/** Stacks of the chain, outermost first. A task's failure adds its sentence only: its stack is ours, not the author's. */
function stackOf(error: unknown): string {
  const stacks = causes(error).map((link) => {
    if (!(link instanceof Error)) return '';
    return isTaskFailed(link) ? `${link.name}: ${link.message}` : (link.stack ?? link.message);
  });
  const joined = stacks.filter((stack) => stack !== '').join('\ncaused by ');
  return cleanText(joined, STACK_MAX);
}

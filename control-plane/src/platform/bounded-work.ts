/**
 * Synchronous work over what tenants wrote (their JSON Schemas, with their patterns), with a bound in time: a pattern
 * that backtracks for ever must not stop the process that serves everybody.
 */
import { createContext, Script } from 'node:vm';
import { limitExceeded } from './errors.ts';

const context = createContext({ work: null as (() => unknown) | null });
const script = new Script('work()');

/** What `work` returns. V8 ends it after `maxMs`, patterns included. @throws LIMIT_EXCEEDED with `what` then. */
export function runBounded<T>(maxMs: number, what: string, work: () => T): T {
  context['work'] = work;
  try {
    return script.runInContext(context, { timeout: maxMs }) as T;
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    throw limitExceeded(`${what} took longer than ${maxMs} ms and was given up.`);
  } finally {
    context['work'] = null;
  }
}

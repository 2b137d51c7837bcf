/** A context for what is called outside any run: nobody is told, and what is logged goes to the console. */
import type { EngineContext } from './context.ts';
import { localCalls } from './local-calls.ts';
import { QUIET_REPORTER } from './quiet-reporter.ts';
import { NO_POLICY } from './results/result-policy.ts';
import { RunSession } from './session.ts';

export function contextOutsideRun(): EngineContext {
  const run = {
    id: 'local_none',
    name: '',
    epoch: 1,
    fencingToken: '1',
    attempt: 1,
    flow: '',
    deployment: null,
    parameters: {},
    tags: [],
  };
  const session = new RunSession(run, QUIET_REPORTER, localCalls());
  return { session, run, task: null, signal: session.signal, results: NO_POLICY };
}

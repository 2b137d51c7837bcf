/** A run that could not be started on an agent: tried elsewhere, then later, and at last given up. */
import type { RunFailure } from '@signalbox/proto';
import type { Facts, Rule, RunSnapshot, Verdict } from '../run-snapshot.ts';
import { requeue } from './requeue.ts';
import { accept, later, reject } from './verdict.ts';

/** Failed starts after which a run is given up once two agents have tried it. */
export const MAX_START_FAILURES = 10;
/** How long a single agent may go on failing to start it before it is given up. */
export const SINGLE_AGENT_PATIENCE_MS = 30 * 60_000;
const MAX_DELAY_MS = 60_000;

/** The first failure goes to another agent at once; from the second on the wait doubles from 1 s to a minute. */
export function startFailureDelayMs(failures: number): number {
  return failures <= 1 ? 0 : Math.min(1_000 * 2 ** (failures - 2), MAX_DELAY_MS);
}

/** Counts a failed start, excludes the agent for this run, and gives up by the rule above. */
export function countStartFailure(run: RunSnapshot, failure: RunFailure, { now, policy }: Facts): Verdict {
  const excludedAgents = [...new Set(run.agentId ? [...run.excludedAgents, run.agentId] : run.excludedAgents)];
  const startFailures = run.startFailures + 1;
  const firstStartFailureAt = run.firstStartFailureAt ?? now;
  const counted = { excludedAgents, startFailures, firstStartFailureAt };
  const patienceOver = now.getTime() - firstStartFailureAt.getTime() >= SINGLE_AGENT_PATIENCE_MS;
  const triedElsewhere = startFailures >= MAX_START_FAILURES && excludedAgents.length >= 2;
  if (triedElsewhere || patienceOver || failure.retryable === false) {
    const message = `could not be started: ${failure.message}`;
    const crashed = { type: 'CRASHED', name: 'Crashed', message, owner: 'release', slots: 'free' } as const;
    return accept(run, { ...crashed, ...counted, failure: { ...failure, kind: 'crashed', message } }, [
      'wake-waiters',
      'count-start-failure',
    ]);
  }
  return requeue(
    run,
    {
      ...counted,
      message: `start ${startFailures} failed, to be tried again: ${failure.message}`,
      dueAt: later(now, startFailureDelayMs(startFailures)),
      expiresInMs: policy.retentionMs,
    },
    ['count-start-failure'],
  );
}

/** An agent says that it could not start the run. User code that was called is no failed start. */
export const startFailed: Rule<'start-failed'> = (run, intent, facts) =>
  run.startedAt ? reject('not-now', 'user code had started') : countStartFailure(run, intent.failure, facts);

/** A process that dies before it got the permit is a failed start, whatever the agent calls it. */
export const crashedUnstarted: Rule<'crash'> = (run, intent, facts) => countStartFailure(run, intent.failure, facts);

/** PENDING for longer than the launcher may take. */
export const startTimedOut: Rule<'start-timeout'> = (run, _intent, facts) => {
  const message = `did not start within ${Math.round(facts.policy.startTimeoutMs / 1_000)} s`;
  return countStartFailure(run, { kind: 'timed-out', message }, facts);
};

/** Granted, but no start was reported: the grant was lost on its way. Nobody's failure. */
export const grantUnused: Rule<'start-timeout'> = (run, _intent, { timings }) =>
  run.startedAt
    ? reject('not-now', 'user code has started')
    : requeue(run, { message: `no start was reported within ${timings.startReportMs / 1_000} s of the permit; to be claimed again` });

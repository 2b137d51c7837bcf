/** What is reported as a run's end, from what its child said and how its process went. Pure. */
import type { FromChild } from '@signalbox/proto/messages';
import type { ChildExit } from '../launchers/launcher.ts';
import type { StopReason } from '../spool/facts.ts';
import { type ExitEvidence, exitFailure } from './exit-cause.ts';
import type { LastWordBody } from './run-reporter.ts';
import { GiveBackError, StartFailedError } from './startup.ts';

export type Verdict = LastWordBody;
type EndedFrame = Extract<FromChild, { type: 'ended' }>;

/** How a stop went, for the words people read. */
export interface StopFacts {
  readonly reason: StopReason | null;
  readonly wasKilled: boolean;
  readonly graceMs: number;
}

/** Whether a child's last frame says that its process leaves and its run does not end. */
export function isLeaving(frame: EndedFrame, stopped: StopReason | null): boolean {
  return frame.state === 'SUSPENDED' || (frame.state === 'CANCELLED' && stopped === 'suspended');
}

/** User code's own word holds, but for the reason it was stopped for, which it cannot know. */
export function frameVerdict(frame: EndedFrame, stopped: StopReason | null): Verdict {
  const { type: _type, n: _n, at: _at, state, ...said } = frame;
  // One that leaves is told of when it has left: `isLeaving` is asked first.
  const end = { ...said, state: state === 'SUSPENDED' ? ('CANCELLED' as const) : state };
  const wasStopped = frame.state !== 'COMPLETED' && stopped === 'timed-out';
  if (!wasStopped) return { type: 'run.ended', ...end };
  return timedOut(frame.message);
}

/** It did not get as far as user code. Null: nothing is to be said, the run is somebody else's. */
export function startVerdict(error: unknown, stopped: StopReason | null): Verdict | null {
  if (stopped === 'not-yours') return null;
  if (stopped === 'cancelled') return { type: 'run.ended', state: 'CANCELLED', message: 'cancelled before it started' };
  if (stopped === 'suspended') return { type: 'run.suspended' };
  if (error instanceof GiveBackError) return { type: 'run.given-back', reason: error.message };
  if (error instanceof StartFailedError) return { type: 'run.start-failed', failure: error.failure };
  return { type: 'run.start-failed', failure: { kind: 'crashed', message: `could not be started: ${String(error)}` } };
}

/** The process went without a word of its own. */
export function exitVerdict(exit: ChildExit, phase: string, stop: StopFacts, evidence: ExitEvidence = {}): Verdict {
  const hasBegun = phase === 'running';
  if (stop.reason === 'timed-out') return timedOut(howItWent(stop));
  if (stop.reason === 'cancelled') return { type: 'run.ended', state: 'CANCELLED', message: `cancelled; ${howItWent(stop)}` };
  if (stop.reason === 'suspended') return { type: 'run.suspended', ...(stop.wasKilled ? { message: howItWent(stop) } : {}) };
  if (stop.reason === 'agent-stopped') {
    const message = `its agent was stopped; ${howItWent(stop)}`;
    return { type: 'run.ended', state: 'CRASHED', message, failure: { kind: 'crashed', message } };
  }
  const failure = exitFailure(exit, evidence);
  if (!hasBegun) return { type: 'run.start-failed', failure };
  return { type: 'run.ended', state: 'CRASHED', message: failure.message, failure };
}

function timedOut(detail: string | undefined): Verdict {
  const message = `ran longer than its timeout${detail ? `; ${detail}` : ''}`;
  return { type: 'run.ended', state: 'FAILED', name: 'TimedOut', message, failure: { kind: 'timed-out', message } };
}

function howItWent(stop: StopFacts): string {
  return stop.wasKilled ? `it did not end within the ${stop.graceMs / 1000} s of grace and was killed` : 'its process ended on TERM';
}

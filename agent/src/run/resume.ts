/**
 * What to do after the agent's own restart with a run the journal still holds. Pure.
 *
 * | the journal says        | a child is known | then |
 * |---|---|---|
 * | its last word           | any              | only its storing is waited for |
 * | claimed or granted      | any              | given back: user code was surely not called |
 * | starting                | no               | given back: nobody can say it began, and the control plane thinks so too |
 * | starting                | yes              | the child says whether it has begun |
 * | started                 | no               | crashed: its process is gone |
 * | started                 | yes              | goes on; if it ended meanwhile, its exit tells how |
 */
import type { OutputOffsets } from '../launchers/launcher.ts';
import type { HeldRun } from '../spool/facts.ts';
import type { Verdict } from './last-word.ts';

export interface ResumePlan {
  readonly phase: 'claimed' | 'starting' | 'running' | 'ended';
  readonly lastWord: Verdict | null;
  /** Milliseconds of its timeout that are left; null without one. */
  readonly timeoutLeftMs: number | null;
}

const LOST = 'its process is gone: the machine restarted, or it was killed together with its keeper';

export function planResume(held: HeldRun, hasChild: boolean, nowMs: number = Date.now()): ResumePlan {
  const none = { lastWord: null, timeoutLeftMs: null };
  if (held.endedN !== null) return { ...none, phase: 'ended' };
  if (held.startingAt === null || (!hasChild && !held.hasStarted)) {
    return { ...none, phase: 'claimed', lastWord: { type: 'run.given-back', reason: 'the agent restarted before user code was called' } };
  }
  if (!hasChild) {
    const failure = { kind: 'crashed', message: LOST } as const;
    return { ...none, phase: 'running', lastWord: { type: 'run.ended', state: 'CRASHED', message: LOST, failure } };
  }
  const { timeoutMs } = held.claim;
  const timeoutLeftMs = timeoutMs === null ? null : timeoutMs - (nowMs - held.startingAt);
  return { phase: held.hasStarted ? 'running' : 'starting', lastWord: null, timeoutLeftMs };
}

/** From where a child's output is told on: neither what was told of this run, nor what an earlier run of the child said. */
export function outputToTell({ output }: HeldRun, told: OutputOffsets): OutputOffsets {
  return { stdout: Math.max(told.stdout, output?.stdout ?? 0), stderr: Math.max(told.stderr, output?.stderr ?? 0) };
}

/**
 * What to do after the agent's own restart with a run the journal still holds. Pure.
 *
 * | the journal says        | a child is known | then |
 * |---|---|---|
 * | its last word           | any              | only its storing is waited for |
 * | claimed or granted      | any              | given back: user code was surely not called |
 * | to be suspended         | no               | suspended: its process is gone, as was asked |
 * | starting                | no               | given back: nobody can say it began, and the control plane thinks so too |
 * | starting                | yes              | the child says whether it has begun |
 * | started                 | no               | crashed: its process is gone |
 * | started                 | yes              | goes on; if it ended meanwhile, its exit tells how |
 */
import type { OutputOffsets } from '../launchers/launcher.ts';
import type { HeldRun } from '../spool/facts.ts';
import type { Verdict } from './last-word.ts';
import { bootMs } from './run-clock.ts';

export interface ResumePlan {
  readonly phase: 'claimed' | 'starting' | 'running' | 'ended';
  readonly lastWord: Verdict | null;
  /** When user code was called, since the machine's boot. */
  readonly startedBootMs: number;
}

const LOST = 'its process is gone: the machine restarted, or it was killed together with its keeper';

export function planResume(held: HeldRun, hasChild: boolean, nowBootMs: number = bootMs()): ResumePlan {
  const none = { lastWord: null, startedBootMs: held.startingBootMs ?? nowBootMs };
  if (held.endedN !== null) return { ...none, phase: 'ended' };
  if (held.startingAt === null || (!hasChild && !held.hasStarted)) {
    return { ...none, phase: 'claimed', lastWord: { type: 'run.given-back', reason: 'the agent restarted before user code was called' } };
  }
  if (!hasChild && held.stopping === 'suspended') return { ...none, phase: 'running', lastWord: { type: 'run.suspended' } };
  if (!hasChild) {
    const failure = { kind: 'crashed', message: LOST } as const;
    return { ...none, phase: 'running', lastWord: { type: 'run.ended', state: 'CRASHED', message: LOST, failure } };
  }
  return { ...none, phase: held.hasStarted ? 'running' : 'starting' };
}

/**
 * Whose each child is. One that serves many runs stands beside several in the journal, until their ends are stored: it is the run's that
 * has not ended, else the last one's.
 */
export function ownersOf(held: Iterable<HeldRun>): ReadonlyMap<string, HeldRun> {
  const owners = new Map<string, HeldRun>();
  for (const run of held) {
    if (run.child === null) continue;
    const before = owners.get(run.child);
    if (!before || before.endedN !== null) owners.set(run.child, run);
  }
  return owners;
}

/** From where a child's output is told on: neither what was told of this run, nor what an earlier run of the child said. */
export function outputToTell({ output }: HeldRun, told: OutputOffsets): OutputOffsets {
  return { stdout: Math.max(told.stdout, output?.stdout ?? 0), stderr: Math.max(told.stderr, output?.stderr ?? 0) };
}

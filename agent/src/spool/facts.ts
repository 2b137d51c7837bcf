/**
 * What the journal says of the runs this agent holds: enough to take them up again after its own restart.
 * A run appears with `claimed` and goes with `closed`; between, facts and its own reports move it on.
 */
import type { ClaimedRun, PausedTime, RunEpoch, StateEntry } from '@signalbox/proto/messages';
import type { OutputOffsets } from '../launchers/launcher.ts';
import type { LogRecord } from './record.ts';
import type { LogMemory } from './segment-log.ts';

/** The part of a claim that is kept: no parameters and no variables, which may hold what is secret. */
export type JournalledClaim = Pick<
  ClaimedRun,
  'run' | 'epoch' | 'name' | 'flow' | 'deployment' | 'digest' | 'timeoutMs' | 'graceMs' | 'isolation'
>;

export const STOP_REASONS = ['cancelled', 'timed-out', 'not-yours', 'agent-stopped', 'suspended'] as const;
export type StopReason = (typeof STOP_REASONS)[number];

export type RunFact =
  | { fact: 'claimed'; run: string; epoch: number; claim: JournalledClaim }
  /** `output`: where the run's own begins in the child's files; before it lies that of runs it served earlier. */
  | { fact: 'child'; run: string; epoch: number; child: string; output?: OutputOffsets }
  /** The permit is ours. Without `starting` after it, user code was surely not called. */
  | { fact: 'granted'; run: string; epoch: number }
  /** The child is about to be told to call user code. */
  | { fact: 'starting'; run: string; epoch: number; at: number; bootMs: number }
  /** Its process began to wait in a pause, or goes on. */
  | { fact: 'paused'; run: string; epoch: number; paused: PausedTime }
  | { fact: 'stopping'; run: string; epoch: number; reason: StopReason }
  /** It waits for a child and uses no slot; or it does again. */
  | { fact: 'slot'; run: string; epoch: number; isGiven: boolean }
  /** Nothing is left to do or to say of it. */
  | { fact: 'closed'; run: string; epoch: number }
  | { fact: 'held'; run: string; epoch: number; held: HeldRun };

/** How far into a child's numbered frames the journal reaches: frame `n` whole, and `parts` of the next. */
export interface ChildMark {
  n: number;
  parts: number;
}

export interface HeldRun {
  claim: JournalledClaim;
  child: string | null;
  /** Absent: from the first byte. */
  output?: OutputOffsets;
  isGranted: boolean;
  /** Unix milliseconds, by the agent's clock. */
  startingAt: number | null;
  /** The same instant since the machine's boot; absent in the journal of an older agent. */
  startingBootMs?: number;
  paused?: PausedTime;
  hasStarted: boolean;
  /** Position of its `run.started`. */
  startedN?: number;
  /** Absent: it uses its slot. */
  isSlotGiven?: boolean;
  stopping: StopReason | null;
  /** Position of its last report (`run.ended`, `run.suspended`, `run.start-failed`, `run.given-back`), null while it lives. */
  endedN: number | null;
  mark: ChildMark;
}

/** Beside each entry on disk: whose it is and where it came from. */
export interface EntryMeta {
  k: string;
  t: StateEntry['type'] | 'logs' | 'artifact';
  /** Number of the child's frame it is made from, the part of it from 1, and whether that is the last. */
  c?: number;
  p?: number;
  last?: boolean;
  /** The file the lines are from and the offset they reach. */
  o?: { s: 'stdout' | 'stderr'; to: number };
}

export const runKey = (run: RunEpoch | { run: string; epoch: number }): string => `${run.run}:${run.epoch}`;

const LAST_WORDS: ReadonlySet<string> = new Set(['run.ended', 'run.suspended', 'run.start-failed', 'run.given-back']);

export class RunFacts implements LogMemory {
  readonly held = new Map<string, HeldRun>();

  apply(record: LogRecord): void {
    if (record.kind === 'e') this.#entry(record.n, (record.told ?? JSON.parse(record.meta)) as EntryMeta);
    else this.#fact((record.told ?? JSON.parse(record.body)) as RunFact);
  }

  #entry(n: number, meta: EntryMeta): void {
    const held = this.held.get(meta.k);
    if (!held) return;
    if (meta.t === 'run.started') {
      held.hasStarted = true;
      held.startedN = n;
    }
    if (LAST_WORDS.has(meta.t)) held.endedN = n;
    advanceMark(held.mark, meta);
  }

  #fact(fact: RunFact): void {
    const key = runKey(fact);
    if (fact.fact === 'claimed') this.held.set(key, freshRun(fact.claim));
    if (fact.fact === 'held') this.held.set(key, fact.held);
    if (fact.fact === 'closed') this.held.delete(key);
    const held = this.held.get(key);
    if (!held) return;
    if (fact.fact === 'child') {
      held.child = fact.child;
      if (fact.output) held.output = fact.output;
    }
    if (fact.fact === 'granted') held.isGranted = true;
    if (fact.fact === 'starting') {
      held.startingAt = fact.at;
      held.startingBootMs = fact.bootMs;
    }
    if (fact.fact === 'paused') held.paused = fact.paused;
    if (fact.fact === 'stopping') held.stopping = fact.reason;
    if (fact.fact === 'slot') held.isSlotGiven = fact.isGiven;
  }

  snapshot(): LogRecord[] {
    return [...this.held.values()].map((held) => {
      const fact: RunFact = { fact: 'held', run: held.claim.run, epoch: held.claim.epoch, held };
      return { kind: 'f', n: 0, meta: '', body: JSON.stringify(fact) };
    });
  }
}

export function advanceMark(mark: ChildMark, meta: EntryMeta): void {
  if (meta.c === undefined) return;
  if (meta.last) Object.assign(mark, { n: meta.c, parts: 0 });
  else mark.parts = meta.p ?? 0;
}

function freshRun(claim: JournalledClaim): HeldRun {
  return {
    claim,
    child: null,
    isGranted: false,
    startingAt: null,
    hasStarted: false,
    stopping: null,
    endedN: null,
    mark: { n: 0, parts: 0 },
  };
}

/** What one due schedule does now, decided from facts alone. */
import type { OpenCalendar } from '../../domain/schedule/calendar.ts';
import { owedFires } from '../../domain/schedule/catch-up.ts';
import { checkSpec, describeProblems, isSound } from '../../domain/schedule/check.ts';
import { firesOfPlan } from '../../domain/schedule/next-fires.ts';
import { decideOverlap } from '../../domain/schedule/overlap.ts';
import { skipReason } from '../../domain/schedule/upcoming.ts';
import type { DueSchedule, Moved } from './due-store.ts';
import type { FireRow, Skip } from './fire-store.ts';
import { planOf } from './plan-of.ts';

export type FiringFacts = {
  readonly prefetchMs: number;
  readonly graceMs: number;
  readonly calendars: ReadonlyMap<string, OpenCalendar>;
  /** Of this schedule, by instant. */
  readonly skips: ReadonlyMap<number, Skip>;
  /** Of its open runs, those that have not ended. */
  readonly live: ReadonlySet<string>;
  readonly queued: number;
};

export type Planned = {
  readonly schedule: DueSchedule;
  readonly moved: Moved;
  /** To be noted; `created` ones without a run yet. */
  readonly fires: readonly FireRow[];
  /** Open runs that stay, beside those made now; null: they are not looked at. */
  readonly keepsOpen: readonly string[] | null;
  readonly cancels: readonly string[];
};

/** Instants of one schedule made in one turn; the rest follows at once. */
const MOST_AT_ONCE = 500;

export function decideFires(schedule: DueSchedule, facts: FiringFacts): Planned {
  const still = { schedule, fires: [], keepsOpen: null, cancels: [] };
  const { id } = schedule;
  const [nowMs, lowWaterMs] = [schedule.now.getTime(), schedule.lowWaterAt.getTime()];
  if (!isSound(schedule.spec)) {
    const problem = describeProblems(checkSpec(schedule.spec, schedule.now));
    return { ...still, moved: { id, lowWaterAt: schedule.lowWaterAt, nextFireAt: null, problem, openRuns: null, holdsFrom: null } };
  }
  const fires = firesOfPlan(planOf(schedule, facts.calendars));
  // A paused deployment owes nothing, now or when it is resumed.
  if (schedule.paused) return { ...still, moved: movedTo(id, Math.max(nowMs, lowWaterMs), fires.next(nowMs), schedule.now) };

  const prefetchMs = schedule.overlap === 'allow' ? facts.prefetchMs : 0;
  const rules = { catchUp: schedule.catchUp, windowMs: schedule.catchUpWindowMs, graceMs: facts.graceMs, prefetchMs, most: MOST_AT_ONCE };
  const owed = owedFires(fires, { lowWaterMs, nowMs, rules });
  const wanted = owed.dueMs.filter((at) => !facts.skips.has(at));
  const open = schedule.openRuns.filter((run) => facts.live.has(run));
  const { decisions, cancelsLive } = decideOverlap(schedule.overlap, wanted, { live: open.length, queued: facts.queued });

  const row = (atMs: number, outcome: FireRow['outcome'], reason: string | null, untilMs: number | null = null): FireRow => ({
    workspaceId: schedule.workspaceId,
    scheduleId: id,
    at: new Date(atMs),
    until: untilMs === null ? null : new Date(untilMs),
    outcome,
    reason,
    runId: null,
  });
  const skipped = owed.dueMs.flatMap((at) => {
    const skip = facts.skips.get(at);
    return skip ? [row(at, 'skipped', skipReason(skip))] : [];
  });
  const missed = owed.missed ? [row(owed.missed.firstMs, 'missed', `catch-up: ${schedule.catchUp}`, owed.missed.lastMs)] : [];
  return {
    schedule,
    moved: movedTo(id, owed.lowWaterMs, owed.nextMs, null),
    fires: [
      ...missed,
      ...skipped,
      ...decisions.map((each) => row(each.atMs, each.outcome, each.outcome === 'created' ? null : each.reason)),
    ],
    // The newest stays though it has ended: somebody may retry it by hand.
    keepsOpen: schedule.overlap === 'allow' ? null : schedule.openRuns.filter((run, i, all) => facts.live.has(run) || i === all.length - 1),
    cancels: cancelsLive ? open : [],
  };
}

function movedTo(id: string, lowWaterMs: number, nextMs: number | null, holdsFrom: Date | null): Moved {
  const nextFireAt = nextMs === null ? null : new Date(nextMs);
  return { id, lowWaterAt: new Date(lowWaterMs), nextFireAt, problem: null, openRuns: null, holdsFrom };
}

/** What is seen of the system while faults fly and after them: slots at every look, and the whole history at the end. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toUuid } from '@signalbox/proto';
import type { OnClosedDay, ScheduleSpec } from '@signalbox/proto/api';
import { openCalendar } from '../../control-plane/src/domain/schedule/calendar.ts';
import { firesOfPlan, type Plan } from '../../control-plane/src/domain/schedule/next-fires.ts';
import type { System } from '../test-support/system.ts';
import { type HistoryRun, keyOf, type Seen } from './check-history.ts';
import { pause } from './workload.ts';

const LOOK_EVERY_MS = 300;
/** Fires of the time between the last that is asked for and the end of the schedules. */
const AHEAD_MS = 60_000;

/**
 * Rows that must not be, in one statement and so in one snapshot: slots of runs that are not in a state that occupies one
 * under that epoch, and runs in such a state without their slot (one that waits for a child has none, whatever becomes of it);
 * slots of named limits of runs that nobody holds under that epoch, and limits of which more is taken than there is, by name, by
 * deployment and by key; runs that wait for a limit or for their slots in a state that does not.
 */
const LEAKS = `
  WITH occupying AS (
    SELECT run_id, epoch FROM run_dispatch
    WHERE awaiting_since IS NULL AND ((state_type IN ('PENDING', 'CANCELLING') AND agent_id IS NOT NULL)
      OR state_type = 'RUNNING' OR (state_type = 'PAUSED' AND state_name <> 'Suspended'))
  )
  SELECT (SELECT count(*) FROM holder h WHERE NOT EXISTS (SELECT 1 FROM occupying o WHERE o.run_id = h.run_id AND o.epoch = h.epoch))::int
    + (SELECT count(*) FROM occupying o WHERE NOT EXISTS (SELECT 1 FROM holder h WHERE h.run_id = o.run_id AND h.epoch = o.epoch))::int
    + (SELECT count(*) FROM limit_holder h WHERE NOT EXISTS (
        SELECT 1 FROM run_dispatch d WHERE d.run_id = h.run_id AND d.epoch = h.epoch AND d.agent_id IS NOT NULL))::int
    + (SELECT count(*) FROM named_limit l WHERE l.slots < (SELECT coalesce(sum(h.slots), 0) FROM limit_holder h WHERE h.limit_id = l.id))::int
    + (SELECT count(*) FROM deployment dep WHERE dep.concurrency_limit < (SELECT count(*) FROM holder h WHERE h.deployment_id = dep.id))::int
    + (SELECT count(*) FROM (SELECT 1 FROM holder h JOIN deployment dep ON dep.id = h.deployment_id WHERE h.key_limit_id IS NOT NULL
        GROUP BY h.key_limit_id HAVING count(*) > max(dep.key_limit)) k)::int
    + (SELECT count(*) FROM run_dispatch WHERE (parked_on IS NOT NULL AND state_type <> 'SCHEDULED')
        OR (resume_since IS NOT NULL AND state_name <> 'AwaitingChild'))::int AS leaks`;

/** Looks at the slots until the signal ends; the number of leaks in all looks, and of looks. */
export async function watchSlots(system: System, signal: AbortSignal): Promise<{ leaks: number; looks: number }> {
  const seen = { leaks: 0, looks: 0 };
  while (!signal.aborted) {
    const rows = await system.sql<{ leaks: number }>(LEAKS).catch(() => []);
    if (rows[0]) {
      seen.looks++;
      seen.leaks += rows[0].leaks;
    }
    await pause(LOOK_EVERY_MS, signal);
  }
  return seen;
}

/** Waits until no run is live, as long as they become fewer within `stillMs`: a slow machine is no fault. How many are left. */
export async function drain(system: System, stillMs: number): Promise<number> {
  let [fewest, deadline] = [Number.POSITIVE_INFINITY, performance.now() + stillMs];
  for (;;) {
    const [row] = await system.sql<{ live: number }>('SELECT count(*)::int AS live FROM run_dispatch').catch(() => []);
    if (row !== undefined && row.live < fewest) [fewest, deadline] = [row.live, performance.now() + stillMs];
    if (row?.live === 0 || performance.now() > deadline) return row?.live ?? -1;
    await pause(250, new AbortController().signal);
  }
}

export async function readHistory(
  system: System,
  {
    notes,
    accepted,
    leakedHolders,
    plannedFires,
  }: { notes: string; accepted: ReadonlySet<string>; leakedHolders: number; plannedFires: Seen['plannedFires'] },
): Promise<Seen> {
  const runs = await system.sql<HistoryRun & { epoch: string }>(
    `SELECT r.id, d.run_id IS NOT NULL AS "isLive", coalesce(d.state_type, r.state_type) AS "stateType",
       coalesce(d.epoch, r.epoch) AS epoch, coalesce(d.states, r.states) AS states
     FROM run r LEFT JOIN run_dispatch d ON d.run_id = r.id`,
  );
  const stored = await system.sql<{ run: string; epoch: string; tasks: number; lines: number; different: number }>(
    `SELECT r.id AS run, r.epoch, (SELECT count(*) FROM task_run t WHERE t.run_id = r.id AND t.epoch = r.epoch)::int AS tasks,
       count(l.message)::int AS lines, count(DISTINCT l.message)::int AS different
     FROM run r LEFT JOIN (
       SELECT g.run_id, g.epoch, line ->> 'message' AS message FROM log g, jsonb_array_elements(g.lines -> 'body') AS line
       WHERE line ->> 'message' LIKE 'chaos line %'
     ) l ON l.run_id = r.id AND l.epoch = r.epoch
     WHERE r.state_type = 'COMPLETED' GROUP BY r.id, r.epoch`,
  );
  return {
    accepted: new Set([...accepted].map((id) => toUuid('run', id))),
    runs: runs.map((run) => ({ ...run, epoch: Number(run.epoch) })),
    starts: notesOf(notes, 'starts').map(([run, epoch]) => ({ run: toUuid('run', run ?? ''), epoch: Number(epoch) })),
    ends: notesOf(notes, 'ends').map(([run, epoch, tasks]) => ({
      run: toUuid('run', run ?? ''),
      epoch: Number(epoch),
      tasks: Number(tasks),
    })),
    lines: countBy(notesOf(notes, 'lines').map(([run, epoch]) => keyOf(toUuid('run', run ?? ''), Number(epoch)))),
    leakedHolders,
    stored: new Map(
      stored.map(({ run, epoch, tasks, lines, different }) => [keyOf(run, Number(epoch)), { tasks, lines, differentLines: different }]),
    ),
    fires: await readFires(system),
    plannedFires,
  };
}

async function readFires(system: System): Promise<Seen['fires']> {
  const rows = await system.sql<{ schedule: string; at: string }>(
    'SELECT schedule_id AS schedule, extract(epoch FROM due_at) * 1000 AS at FROM run WHERE schedule_id IS NOT NULL',
  );
  return rows.map(({ schedule, at }) => ({ schedule, at: Math.round(Number(at)) }));
}

export type StoredPlan = { readonly schedule: string; readonly holdsFrom: Date; readonly plan: Plan };

/** What says when schedules fire, and since when. */
export async function readPlans(system: System): Promise<StoredPlan[]> {
  const rows = await system.sql<{
    schedule: string;
    holdsFrom: Date;
    spec: ScheduleSpec;
    onClosedDay: OnClosedDay;
    calendar: Parameters<typeof openCalendar>[0] | null;
  }>(
    `SELECT s.id AS schedule, s.holds_from AS "holdsFrom", s.spec, s.on_closed_day AS "onClosedDay", to_jsonb(c) AS calendar
     FROM schedule s LEFT JOIN calendar c ON c.id = s.calendar_id`,
  );
  return rows.map(({ schedule, holdsFrom, spec, onClosedDay, calendar }) => ({
    schedule,
    holdsFrom,
    plan: { spec, onClosedDay, calendar: calendar && openCalendar(calendar) },
  }));
}

/** By the pure function alone. An outage may delay a run, and must not lose, double or add one; what comes after `until` may have fired. */
export function plannedFires(plans: readonly StoredPlan[], until: number): Seen['plannedFires'] {
  return plans.flatMap(({ schedule, plan, holdsFrom }) => {
    const firesUpTo = (of: Plan) => {
      const { next } = firesOfPlan(of);
      const fires: number[] = [];
      for (let at = next(holdsFrom.getTime()); at !== null && at <= until + AHEAD_MS; at = next(at)) fires.push(at);
      return fires;
    };
    const own = new Set(firesUpTo({ ...plan, onClosedDay: 'skip' }));
    return firesUpTo(plan).map((at) => ({ schedule, at, isDue: at <= until, isRolled: !own.has(at) }));
  });
}

/** What no outage explains: an error of the language itself, as a control plane logged it. */
const BUG = /"level":50.*"type":"(?:TypeError|RangeError|ReferenceError|SyntaxError)","message":"([^"]{0,200})/;

/** One of each kind: a message, less its numbers. */
export function readBugs(system: System): string[] {
  const found = new Map<string, string>();
  for (const name of readdirSync(system.folder).filter((file) => /^control-plane.*\.log$/.test(file))) {
    for (const line of readFileSync(join(system.folder, name), 'utf8').split('\n')) {
      const message = BUG.exec(line)?.[1];
      if (message !== undefined) found.set(message.replace(/\d+/g, 'n'), message);
    }
  }
  return [...found.values()];
}

function notesOf(folder: string, kind: string): string[][] {
  try {
    return readFileSync(join(folder, kind), 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split(' '));
  } catch {
    return [];
  }
}

function countBy(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

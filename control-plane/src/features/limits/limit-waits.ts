/** For which limits a run waits, as the gate sees it: what is explained of a run whose tasks do not go on. */
import type { Sql } from '../../platform/sql.ts';

/** Holders of a limit that are named; more are counted. */
const NAMED_HOLDERS = 10;

export type LimitWait = {
  readonly name: string;
  readonly slots: number;
  /** Null: slots come back when they are given back. */
  readonly decayPerSecond: number | null;
  /** Taken now; of a rate its level. */
  readonly taken: number;
  /** What the run asks for, oldest first; `task` null: the flow's own code. */
  readonly requests: readonly { readonly task: string | null; readonly slots: number; readonly since: Date }[];
  /** Requests that stand before its first one, up to 1,000, and the slots that they want. */
  readonly ahead: { readonly count: number; readonly slots: number };
  readonly holderCount: number;
  /** Those that hold it longest. */
  readonly holders: readonly {
    readonly runId: string;
    readonly runName: string;
    readonly flow: string | null;
    readonly deployment: string | null;
    readonly agent: string | null;
    readonly task: string | null;
    readonly since: Date;
  }[];
};

type Row = {
  id: string;
  name: string;
  slots: number;
  decay: number | null;
  taken: number;
  requests: { task: string | null; slots: number; since: string }[];
  ahead_count: number;
  ahead_slots: number;
  holder_count: number;
};

// Indexes: the waiters' primary key (its first column), limit_waiter_line, limit_holder_limit.
const WAITS = `
  SELECT l.id, l.name, l.slots, l.decay_per_second AS decay, mine.requests, ahead.count AS ahead_count, ahead.slots AS ahead_slots,
         held.count AS holder_count, CASE WHEN l.decay_per_second IS NULL THEN held.slots
           ELSE bucket_now(l.bucket_level, l.bucket_at, l.decay_per_second, clock_timestamp()) END AS taken
    FROM (SELECT w.limit_id, min(w.line) AS line,
                 jsonb_agg(jsonb_build_object('task', w.task_name, 'slots', w.slots, 'since', iso_instant(w.since)) ORDER BY w.line) AS requests
            FROM limit_waiter w WHERE w.run_id = $1::uuid GROUP BY w.limit_id) mine
    JOIN named_limit l ON l.id = mine.limit_id AND l.active
    CROSS JOIN LATERAL (
      SELECT count(*)::int AS count, coalesce(sum(x.slots), 0)::int AS slots FROM (
        SELECT w.slots FROM limit_waiter w
         WHERE w.limit_id = l.id AND w.line < mine.line AND w.asked_at > served_now() - waiter_silence() ORDER BY w.line LIMIT 1000) x) ahead
    CROSS JOIN LATERAL (SELECT count(*)::int AS count, coalesce(sum(h.slots), 0)::float8 AS slots FROM limit_holder h WHERE h.limit_id = l.id) held
   ORDER BY l.name LIMIT 50`;

/** Limits without room for what the run asks of them. */
export async function readLimitWaits(sql: Sql, runId: string): Promise<LimitWait[]> {
  const rows = await sql.query<Row>(WAITS, [runId], 'limit-waits');
  const waits: LimitWait[] = [];
  for (const row of rows) {
    const wanted = row.ahead_slots + (row.requests[0]?.slots ?? 0);
    if (row.taken + wanted <= row.slots) continue;
    waits.push({
      name: row.name,
      slots: row.slots,
      decayPerSecond: row.decay,
      taken: row.taken,
      requests: row.requests.map((request) => ({ ...request, since: new Date(request.since) })),
      ahead: { count: row.ahead_count, slots: row.ahead_slots },
      holderCount: row.holder_count,
      holders: row.decay === null ? await readNamedHolders(sql, row.id) : [],
    });
  }
  return waits;
}

function readNamedHolders(sql: Sql, limitId: string): Promise<LimitWait['holders'][number][]> {
  return sql.query(
    `SELECT h.run_id AS "runId", r.name AS "runName", f.name AS flow, dep.name AS deployment, a.name AS agent, h.task_name AS task, h.taken_at AS since
       FROM (SELECT * FROM limit_holder WHERE limit_id = $1::uuid ORDER BY taken_at, request_id LIMIT ${NAMED_HOLDERS}) h
       JOIN run_dispatch d ON d.run_id = h.run_id
       JOIN run r ON r.retention_class = d.retention_class AND r.id = h.run_id
       LEFT JOIN deployment dep ON dep.id = d.deployment_id LEFT JOIN flow f ON f.id = dep.flow_id LEFT JOIN agent a ON a.id = d.agent_id
      ORDER BY h.taken_at, h.request_id`,
    [limitId],
  );
}

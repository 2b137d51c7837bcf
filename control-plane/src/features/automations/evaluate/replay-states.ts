/** Would a figure or a deadline have fired? Asked of the runs that were. */
import type { DeadlineTrigger, MetricTrigger, replayedTriggerSchema } from '@signalbox/proto/api';
import type { z } from 'zod';
import { replayFigure, type Span } from '../../../domain/triggers/index.ts';
import type { Ctx } from '../../../platform/services.ts';
import { type Sql, sqlOfTx } from '../../../platform/sql.ts';
import { eventOf, nameOf } from './evaluate-states.ts';
import {
  aboutOf,
  BEFORE_RANGE_MS,
  COST,
  floorOf,
  JOINS,
  PLACE,
  type Place,
  placeOf,
  readOverdue,
  rowsOf,
  runOf,
  type Subject,
  subjectOf,
} from './figures.ts';

type Replayed = z.output<typeof replayedTriggerSchema>;
type Fired = { readonly subject: Subject; readonly at: number; readonly value: number };

const DAY_MS = 86_400_000;
/** Runs that are looked at, the newest. */
const MOST_RUNS = 50_000;
const MOST_SHOWN = 100;

export async function replayStates(ctx: Ctx, trigger: MetricTrigger | DeadlineTrigger, days: number): Promise<Replayed> {
  const toMs = Date.now();
  const fromMs = toMs - days * DAY_MS;
  const sql = sqlOfTx(ctx.tx);
  const { fired, looked, sinceMs } =
    trigger.type === 'metric'
      ? await figuresThen(sql, ctx.workspace.id, trigger, fromMs, toMs)
      : await overdueThen(sql, ctx.workspace.id, trigger, fromMs, toMs);
  return {
    since: new Date(sinceMs).toISOString(),
    events: looked,
    count: fired.length,
    firings: fired.slice(-MOST_SHOWN).map(({ subject, at, value }) => ({
      at: new Date(at).toISOString(),
      key: JSON.stringify([subject.key]),
      event: eventOf(nameOf(trigger), subject, value, at),
    })),
  };
}

async function figuresThen(sql: Sql, workspaceId: string, trigger: MetricTrigger, fromMs: number, toMs: number) {
  const { metric, each, rangeSeconds, about } = trigger;
  const rangeMs = rangeSeconds * 1_000;
  const values: unknown[] = [workspaceId];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const fits = aboutOf(about, bind);
  const rows = metric === 'queue-depth' ? waitsOf(bind, new Date(fromMs)) : rowsOf(metric, bind, new Date(fromMs - rangeMs));
  const until = metric === 'queue-depth' ? 'm.until' : 'NULL::timestamptz';
  const found = await sql.query<Place & { value: number; at: Date; until: Date | null }>(
    `SELECT ${placeOf(each)}, ${metric === 'cost' ? COST : 'm.value'} AS value, m.at, ${until} AS until
       FROM (${rows}) m ${JOINS('m')} WHERE ${fits} ${metric === 'cost' ? 'AND p.cost_per_hour IS NOT NULL' : ''} ORDER BY m.at DESC LIMIT ${MOST_RUNS + 1}`,
    values,
  );
  const isCut = found.length > MOST_RUNS;
  const oldest = found.at(-1);
  const sinceMs = isCut && oldest ? Math.min(toMs, oldest.at.getTime() + rangeMs) : fromMs;
  const subjects = new Map<string, Subject>();
  const spans = found.slice(0, MOST_RUNS).map(({ value, at, until: left, ...place }): Span => {
    const subject = subjectOf(place);
    subjects.set(subject.key, subject);
    const untilMs = metric === 'queue-depth' ? (left?.getTime() ?? Number.POSITIVE_INFINITY) : at.getTime() + rangeMs;
    return { key: subject.key, value, fromMs: at.getTime(), untilMs };
  });
  const fired = replayFigure(trigger, spans, { fromMs: sinceMs, toMs }).map(({ key, ...firing }) => ({
    ...firing,
    subject: subjects.get(key) as Subject,
  }));
  return { fired, looked: spans.length, sinceMs };
}

/** Runs that waited since then: from when they were due to their start, or their end without one. */
function waitsOf(bind: (value: unknown) => string, since: Date): string {
  const from = () => `${bind(since)}::timestamptz`;
  return `SELECT r.deployment_id, r.pool_id, 1::float8 AS value, r.due_at AS at, coalesce(r.started_at, r.ended_at) AS until FROM run r
      WHERE r.workspace_id = $1::uuid AND r.id >= ${bind(floorOf(since.getTime() - BEFORE_RANGE_MS))}::uuid AND r.ended_at > ${from()}
        AND coalesce(r.started_at, r.ended_at) > greatest(r.due_at, ${from()})
    UNION ALL SELECT x.deployment_id, x.pool_id, 1, x.due_at, x.first_started_at FROM run_dispatch x
      WHERE x.workspace_id = $1::uuid AND x.retention_class <> '' AND x.due_at <= now() AND coalesce(x.first_started_at, now()) > ${from()}`;
}

async function overdueThen(sql: Sql, workspaceId: string, trigger: DeadlineTrigger, fromMs: number, toMs: number) {
  const values: unknown[] = [workspaceId];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const [from, secondsMs] = [new Date(fromMs), trigger.seconds * 1_000];
  const within = () => `make_interval(secs => ${bind(trigger.seconds)}::float8)`;
  const since = () => `${bind(from)}::timestamptz`;
  const fits = aboutOf(trigger.about, bind);
  if (trigger.condition === 'no-success-within') {
    const gaps = await sql.query<Place & { at: Date }>(
      `SELECT ${PLACE}, g.at + ${within()} AS at FROM deployment d JOIN flow f ON f.id = d.flow_id LEFT JOIN work_pool p ON p.id = d.pool_id,
         LATERAL (SELECT s.at, lead(s.at) OVER (ORDER BY s.at) AS next FROM (
           SELECT d.created_at AS at UNION ALL
           SELECT r.ended_at FROM run r WHERE r.deployment_id = d.id AND r.id >= ${bind(floorOf(fromMs - secondsMs - DAY_MS))}::uuid
             AND r.state_type = 'COMPLETED') s) g
        WHERE d.workspace_id = $1::uuid AND ${fits} AND coalesce(g.next, now()) > g.at + ${within()} AND g.at + ${within()} > ${since()}
        ORDER BY 7 DESC LIMIT ${MOST_RUNS}`,
      values,
    );
    const fired = gaps.reverse().map(({ at, ...place }) => ({ subject: subjectOf(place), at: at.getTime(), value: trigger.seconds }));
    return { fired, looked: gaps.length, sinceMs: fromMs };
  }
  const [began, ended] =
    trigger.condition === 'running-longer-than' ? ['r.started_at', 'r.ended_at'] : ['r.due_at', 'coalesce(r.started_at, r.ended_at)'];
  const rows = await sql.query<Place & { runId: string; run: string; at: Date }>(
    `SELECT ${PLACE}, r.id AS "runId", r.name AS run, ${began} + ${within()} AS at FROM run r ${JOINS('r')}
      WHERE r.workspace_id = $1::uuid AND r.id >= ${bind(floorOf(fromMs - secondsMs - BEFORE_RANGE_MS))}::uuid AND ${fits}
        AND ${ended} > ${began} + ${within()} AND ${began} + ${within()} > ${since()} ORDER BY 9 DESC LIMIT ${MOST_RUNS}`,
    values,
  );
  const over = rows.map(
    ({ runId, run, at, ...place }): Fired => ({ subject: runOf(runId, run, place), at: at.getTime(), value: trigger.seconds }),
  );
  const now = (await readOverdue(sql, workspaceId, trigger, from)).map(
    ({ seconds, ...subject }): Fired => ({ subject, at: toMs - seconds * 1_000 + secondsMs, value: seconds }),
  );
  const fired = [...over, ...now].filter(({ at }) => at > fromMs).sort((a, b) => a.at - b.at);
  return { fired, looked: over.length + now.length, sinceMs: fromMs };
}

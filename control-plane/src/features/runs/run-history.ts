/**
 * How many runs there were over time, by the state they are in now, and how long they took: for charts.
 *
 * Runs are counted in the bucket they were created in, since that is where their records lie: the range opens its days
 * and no others. Read straight from the records, within a budget of time.
 */
import { RUN_STATES, type RunStateType } from '@signalbox/proto';
import type { RunHistory, runHistoryInput } from '@signalbox/proto/api';
import type { z } from 'zod';
import { invalidInput, limitExceeded } from '../../platform/errors.ts';
import type { Ctx } from '../../platform/services.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import { durationOf, floorOf, idBoundsOf, matching, resolveFilter, SCAN_BUDGET_MS, statement, withinMs } from './filter/index.ts';

const RANGE_MAX_MS = 400 * 86_400_000;

type Row = { bucket: number; state_type: RunStateType; n: number };
type Took = { bucket: number; average: number; p50: number; p95: number };

export async function runHistory(ctx: Ctx, input: z.output<typeof runHistoryInput>): Promise<RunHistory> {
  const [fromMs, toMs] = [Date.parse(input.from), Date.parse(input.to)];
  if (toMs <= fromMs || toMs - fromMs > RANGE_MAX_MS)
    throw invalidInput([{ field: 'to', expected: 'an instant after `from`, by at most 400 days', received: `"${input.to}"` }]);
  // Whole milliseconds, so that the last bucket may reach a little past `to`.
  const bucketMs = Math.ceil((toMs - fromMs) / input.buckets);
  const sql = sqlOfTx(ctx.tx);
  const resolved = await resolveFilter(sql, ctx.workspace.id, input.filter);
  const asked = idBoundsOf(resolved);
  const bounds = {
    from: [asked.from ?? '', floorOf(fromMs)].sort().at(-1),
    below: [...(asked.below ? [asked.below] : []), floorOf(toMs)].sort()[0],
  };
  const query = statement((bind) => {
    const fitting = matching(
      { workspaceId: ctx.workspace.id, resolved, bounds, bind },
      (
        side,
      ) => `r.created_at, ${side === 'ended' ? 'r.state_type' : side === 'live' ? 'd.state_type' : 'coalesce(d.state_type, r.state_type)'} AS state_type,
        CASE WHEN r.ended_at IS NOT NULL THEN extract(epoch FROM ${durationOf(side)}) * 1000 END::float8 AS took_ms`,
      { withLive: true },
    );
    const bucket = `(extract(epoch FROM date_bin(${bind(`${bucketMs} milliseconds`)}::interval, created_at, ${bind(input.from)}::timestamptz) - ${bind(input.from)}::timestamptz) * 1000 / ${bind(bucketMs)}::bigint)::int`;
    // One pass: counts by state, and over all states of a bucket how long they took.
    return `SELECT ${bucket} AS bucket, state_type, count(*)::int AS n, avg(took_ms) AS average,
        percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY took_ms) AS parts
      FROM (${fitting}) x GROUP BY GROUPING SETS ((1, 2), (1))`;
  });
  const rows = await withinMs<Row & { average: number | null; parts: (number | null)[] | null }>(sql, SCAN_BUDGET_MS, query);
  if (rows === null) throw limitExceeded('This history has too many runs to count in time. Ask for less time, or for a deployment.');

  const buckets = Array.from({ length: input.buckets }, (_, i) => ({
    from: new Date(fromMs + i * bucketMs).toISOString(),
    states: {} as Partial<Record<RunStateType, number>>,
    durationMs: null as Omit<Took, 'bucket'> | null,
  }));
  for (const { bucket, state_type: type, n, average, parts } of rows) {
    const into = buckets[bucket];
    if (!into) continue;
    // The grouping over all states has none.
    if (type !== null) into.states[type] = n;
    else if (average !== null) into.durationMs = { average, p50: parts?.[0] ?? average, p95: parts?.[1] ?? average };
  }
  return { bucketMs, buckets: buckets.map(({ states, ...rest }) => ({ ...rest, states: inOrder(states) })) };
}

function inOrder(states: Partial<Record<RunStateType, number>>): Partial<Record<RunStateType, number>> {
  return Object.fromEntries(RUN_STATES.filter((type) => states[type]).map((type) => [type, states[type]]));
}

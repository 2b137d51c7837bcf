/** How many runs fit, up to a bound: whoever needs the rest would wait for it. */
import { COUNT_MAX, type countRunsInput, type RunFilter } from '@signalbox/proto/api';
import type { z } from 'zod';
import type { Ctx } from '../../platform/services.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import { IN_ORDER, idBoundsOf, matching, resolveFilter, scanBack, statement } from './filter/index.ts';

type Count = { count: number; isMore: boolean };

export async function countRuns(ctx: Ctx, input: z.output<typeof countRunsInput>): Promise<Count> {
  return countFitting(ctx, input.filter, COUNT_MAX);
}

/** Newest first, by the indexes that carry lists, one past `most`. */
export async function countFitting(ctx: Pick<Ctx, 'tx' | 'workspace'>, filter: RunFilter, most: number, below?: string): Promise<Count> {
  const sql = sqlOfTx(ctx.tx);
  const resolved = await resolveFilter(sql, ctx.workspace.id, filter);
  await sql.query(IN_ORDER);
  const { rows, lookedTo } = await scanBack<{ n: number }>(sql, idBoundsOf(resolved, below), {
    enough: most + 1,
    amount: ({ n }) => n,
    nowMs: Date.now(),
    window: (bounds, missing) =>
      statement((bind) => {
        const limit = `LIMIT ${bind(missing)}`;
        const fitting = matching({ workspaceId: ctx.workspace.id, resolved, bounds, bind }, () => '1 AS one', { tail: () => limit });
        return `SELECT count(*)::int AS n FROM (SELECT FROM (${fitting}) x ${limit}) x`;
      }),
  });
  const count = rows.reduce((sum, { n }) => sum + n, 0);
  return { count: Math.min(count, most), isMore: count > most || lookedTo !== null };
}

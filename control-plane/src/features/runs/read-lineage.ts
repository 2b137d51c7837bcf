/** Who started a run, and which runs it started. */
import { toId, toUuid } from '@signalbox/proto';
import type { ChildRunSummary, listChildrenInput, ParentRun } from '@signalbox/proto/api';
import type { z } from 'zod';
import { notFound } from '../../platform/errors.ts';
import { cursorUuid, type Page, pageOf } from '../../platform/pagination.ts';
import type { SqlCtx } from '../../platform/services.ts';
import { SUMMARY_COLUMNS, SUMMARY_JOINS, type SummaryRow, showSummary } from './read-summaries.ts';
import { findRecord } from './store.ts';

type ChildRow = SummaryRow & { step: string; parent_epoch: bigint | string; parent_ordinal: number };

/** @throws NOT_FOUND when the workspace has no such run. */
export async function listChildren(ctx: SqlCtx, input: z.output<typeof listChildrenInput>): Promise<Page<ChildRunSummary>> {
  const runId = toUuid('run', input.run);
  if (!(await findRecord(ctx.sql, ctx.workspace.id, runId))) throw notFound('run', input.run);
  return readChildren(ctx, runId, cursorUuid('run', input.cursor), input.limit);
}

/** Oldest first. Index: run_parent, by keyset on the id; no day before the parent's own has any. */
export async function readChildren(ctx: SqlCtx, runId: string, after: string | null, limit: number): Promise<Page<ChildRunSummary>> {
  const rows = await ctx.sql.query<ChildRow>(
    `SELECT ${SUMMARY_COLUMNS}, r.parent_step AS step, r.parent_epoch, r.parent_ordinal FROM run r ${SUMMARY_JOINS}
     WHERE r.workspace_id = $1::uuid AND r.parent_run_id = $2::uuid AND r.id > $3::uuid ORDER BY r.id LIMIT $4::int`,
    [ctx.workspace.id, runId, after ?? runId, limit + 1],
    'read-children',
  );
  const show = (row: ChildRow): ChildRunSummary => ({
    ...showSummary(row),
    step: row.step,
    parentEpoch: Number(row.parent_epoch),
    parentOrdinal: row.parent_ordinal,
  });
  return pageOf('run', rows, limit, (row) => row.id, show);
}

/** Whether there is any, which most runs have not, without what a list joins to it. The workspace is row-level security's alone. */
export async function hasChildren({ sql }: SqlCtx, runId: string): Promise<boolean> {
  const rows = await sql.query('SELECT 1 FROM run WHERE parent_run_id = $1::uuid AND id > $1::uuid LIMIT 1', [runId], 'has-children');
  return rows.length > 0;
}

/** Null when it was deleted. Primary key; the id names the day. */
export async function readParent(ctx: SqlCtx, parentId: string, step: string): Promise<ParentRun | null> {
  const [row] = await ctx.sql.query<SummaryRow>(
    `SELECT ${SUMMARY_COLUMNS} FROM run r ${SUMMARY_JOINS} WHERE r.id = $1::uuid AND r.workspace_id = $2::uuid`,
    [parentId, ctx.workspace.id],
    'read-parent',
  );
  if (!row) return null;
  const { name, flow, deployment, state } = showSummary(row);
  return { id: toId('run', parentId), name, flow, deployment, state, step };
}

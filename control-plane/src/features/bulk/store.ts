/** Jobs as they are stored. The loop's own statements are in run-batch.ts. */
import { type RetryMode, type TerminalStateType, toId } from '@signalbox/proto';
import {
  BULK_SKIPS,
  type BulkAction,
  type BulkJob,
  type BulkSkip,
  type BulkStatus,
  formatRunFilter,
  type RunFilter,
} from '@signalbox/proto/api';
import type { Prisma, BulkJob as Row } from '../../generated/prisma/client.ts';
import type { Tx } from '../../platform/db.ts';

/** A run that was not changed, in a few words. */
export type Sample = { readonly run: string; readonly outcome: 'skipped' | 'failed'; readonly reason: string };
export type Skipped = Partial<Record<BulkSkip, number>>;
export type JobOptions = { readonly mode?: RetryMode; readonly type?: TerminalStateType; readonly name?: string };

/** The job's row, locked; null when the workspace has none. A batch of it, if one is under way, is waited for. */
export async function lockJob(tx: Tx, workspaceId: string, id: string): Promise<Row | null> {
  await tx.$queryRaw`SELECT 1 FROM bulk_job WHERE id = ${id}::uuid AND workspace_id = ${workspaceId}::uuid FOR UPDATE`;
  return tx.bulkJob.findFirst({ where: { id, workspaceId } });
}

export function storedFilter(filter: RunFilter): Prisma.InputJsonObject {
  return filter as Prisma.InputJsonObject;
}

export function showJob(row: Row): BulkJob {
  const skipped = row.skipped as Skipped;
  const filter = row.filter as RunFilter;
  const { type, name } = row.options as JobOptions;
  return {
    id: toId('bulkJob', row.id),
    action: row.action as BulkAction,
    status: row.status as BulkStatus,
    state: type ? { type, ...(name ? { name } : {}) } : null,
    filter,
    filterText: formatRunFilter(filter),
    reason: row.reason,
    startedBy: row.actorName,
    expected: { count: row.expected, isMore: row.expectedMore },
    done: row.done,
    failed: row.failed,
    skipped: (Object.keys(BULK_SKIPS) as BulkSkip[]).flatMap((why) => (skipped[why] ? [{ why, count: skipped[why] }] : [])),
    samples: (row.samples as Sample[]).map((sample) => ({ ...sample, run: toId('run', sample.run) })),
    problem: row.problem,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
    endedAt: row.endedAt?.toISOString() ?? null,
  };
}

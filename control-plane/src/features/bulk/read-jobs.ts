import { toUuid } from '@signalbox/proto';
import type { BulkJob, listBulkJobsInput } from '@signalbox/proto/api';
import type { z } from 'zod';
import { notFound } from '../../platform/errors.ts';
import { cursorUuid, type Page, pageOf } from '../../platform/pagination.ts';
import type { Ctx } from '../../platform/services.ts';
import { showJob } from './store.ts';

/** Newest first, by keyset on the id. */
export async function listJobs(ctx: Ctx, input: z.output<typeof listBulkJobsInput>): Promise<Page<BulkJob>> {
  const before = cursorUuid('bulkJob', input.cursor);
  const rows = await ctx.tx.bulkJob.findMany({
    where: {
      workspaceId: ctx.workspace.id,
      ...(before ? { id: { lt: before } } : {}),
      ...(input.status ? { status: { in: input.status } } : {}),
    },
    orderBy: { id: 'desc' },
    take: input.limit + 1,
  });
  return pageOf('bulkJob', rows, input.limit, (row) => row.id, showJob);
}

export async function getJob(ctx: Ctx, input: { job: string }): Promise<BulkJob> {
  const row = await ctx.tx.bulkJob.findFirst({ where: { id: toUuid('bulkJob', input.job), workspaceId: ctx.workspace.id } });
  if (!row) throw notFound('job', input.job);
  return showJob(row);
}

/** Flows: named functions. They come to be with their first deployment. */
import { toId } from '@signalbox/proto';
import type { Flow } from '@signalbox/proto/api';
import { cursorUuid, type Page, pageOf } from '../../platform/pagination.ts';
import type { Ctx } from '../../platform/services.ts';

/** Newest first, each with the number of its deployments. */
export async function listFlows(ctx: Ctx, input: { cursor?: string | undefined; limit: number }): Promise<Page<Flow>> {
  const before = cursorUuid('flow', input.cursor);
  const rows = await ctx.tx.flow.findMany({
    where: { workspaceId: ctx.workspace.id, ...(before ? { id: { lt: before } } : {}) },
    orderBy: { id: 'desc' },
    take: input.limit + 1,
    include: { _count: { select: { deployments: true } } },
  });
  return pageOf(
    'flow',
    rows,
    input.limit,
    (row) => row.id,
    (row) => ({
      id: toId('flow', row.id),
      name: row.name,
      deployments: row._count.deployments,
      createdAt: row.createdAt.toISOString(),
    }),
  );
}

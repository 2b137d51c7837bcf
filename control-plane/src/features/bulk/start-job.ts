/** A job to be: its filter is checked and counted before anything is written. */
import { isTerminal, RUN_STATES, type RunStateType, toId, uuidv7 } from '@signalbox/proto';
import {
  type BulkAction,
  type BulkJob,
  COUNT_MAX,
  formatRunFilter,
  isEmptyFilter,
  type previewBulkInput,
  type RunFilter,
  type startBulkInput,
} from '@signalbox/proto/api';
import type { z } from 'zod';
import { type Audited, audited } from '../../platform/audit.ts';
import { invalidInput, limitExceeded } from '../../platform/errors.ts';
import type { CommandCtx, Ctx } from '../../platform/services.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import { actorName, countFitting, floorOf } from '../runs/index.ts';
import { type JobOptions, showJob, storedFilter } from './store.ts';

/** Jobs of a workspace that are not over. */
const OPEN_MAX = 20;

/** States that an action changes; asked for no states, a job looks at these alone. */
const CHANGES: Readonly<Record<BulkAction, readonly RunStateType[]>> = {
  cancel: RUN_STATES.filter((state) => !isTerminal(state) && state !== 'CANCELLING'),
  retry: ['FAILED', 'CRASHED', 'CANCELLED'],
  delete: RUN_STATES.filter(isTerminal),
  // Those an agent may hold are skipped by the run machine, one by one: a lost run is RUNNING too.
  'set-state': RUN_STATES.filter((state) => state !== 'PENDING' && state !== 'CANCELLING'),
};

export async function previewJob(ctx: Ctx, input: z.output<typeof previewBulkInput>): Promise<{ count: number; isMore: boolean }> {
  return countFitting(ctx, filterFor(input.action, input), COUNT_MAX);
}

/** @throws INVALID_INPUT for a filter that fits everything, unless `all` says so; NOT_FOUND for names in it. */
export async function startJob(
  ctx: CommandCtx,
  action: BulkAction,
  input: z.output<typeof startBulkInput>,
  options: JobOptions = {},
): Promise<Audited<BulkJob>> {
  const workspaceId = ctx.workspace.id;
  const filter = filterFor(action, input);
  const open = await ctx.tx.bulkJob.count({ where: { workspaceId, status: { in: ['running', 'paused'] } } });
  if (open >= OPEN_MAX)
    throw limitExceeded(`${open} bulk jobs of this workspace are not over yet. Wait, or stop some.`, { details: { open } });
  // Runs of this very millisecond are its business too.
  const [clock] = await sqlOfTx(ctx.tx).query<{ ms: string }>(
    'SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint::text AS ms',
  );
  const nowMs = Number(clock?.ms);
  const beforeId = floorOf(nowMs + 1);
  const { count, isMore } = await countFitting(ctx, filter, COUNT_MAX, beforeId);
  const row = await ctx.tx.bulkJob.create({
    data: {
      id: uuidv7(nowMs),
      workspaceId,
      action,
      filter: storedFilter(filter),
      reason: input.reason ?? null,
      options,
      actorKind: ctx.actor.kind,
      actorId: ctx.actor.id,
      actorName: actorName(ctx),
      beforeId,
      cursorId: beforeId,
      expected: count,
      expectedMore: isMore,
    },
  });
  const job = showJob(row);
  ctx.afterCommit(() => ctx.bus.live(workspaceId, { kind: 'bulk', id: toId('bulkJob', row.id) }));
  return audited(job, {
    target: { kind: 'bulk-job', id: row.id },
    before: null,
    after: { action, filter: formatRunFilter(withoutValues(filter)), expected: count, isMore, reason: row.reason, ...options },
  });
}

/** Values of parameters stay out of the audit. */
function withoutValues(filter: RunFilter): RunFilter {
  if (!filter.parameters) return filter;
  return { ...filter, parameters: Object.fromEntries(Object.keys(filter.parameters).map((name) => [name, '***'])) };
}

function filterFor(action: BulkAction, { filter, all }: { filter: RunFilter; all: boolean }): RunFilter {
  if (isEmptyFilter(filter) && !all) {
    throw invalidInput([{ field: 'filter', expected: 'at least one condition, or `all: true` for every run of the workspace' }]);
  }
  return filter.states?.length || filter.stateNames?.length ? filter : { ...filter, states: [...CHANGES[action]] };
}

/** Limits as people and programs steer them. */
import { toId, toUuid, uuidv7 } from '@signalbox/proto';
import type {
  createLimitInput,
  ensuredLimitsSchema,
  ensureLimitsInput,
  freeSlotsInput,
  Limit,
  LimitHolder,
  LimitWaiter,
  limitOccupantsInput,
  updateLimitInput,
} from '@signalbox/proto/api';
import type { z } from 'zod';
import { type Audited, audited } from '../../platform/audit.ts';
import { conflict, invalidInput, notFound, shorten } from '../../platform/errors.ts';
import { cursorUuid, type Page, pageOf } from '../../platform/pagination.ts';
import type { CommandCtx, Ctx } from '../../platform/services.ts';
import { afterCommit } from '../dispatch/index.ts';
import { deleteHolder, limitIdOf, readHolders, readLimits, readWaiters, settleBucket, waitingRuns } from './store.ts';

type Ref = { readonly limit: string };

export async function listLimits(ctx: Ctx, input: { cursor?: string | undefined; limit: number }): Promise<Page<Limit>> {
  const before = cursorUuid('limit', input.cursor);
  const rows = await readLimits(ctx.tx, { workspaceId: ctx.workspace.id, onlyId: null, before, limit: input.limit + 1 });
  return pageOf(
    'limit',
    rows,
    input.limit,
    (row) => row.id,
    (row) => row.shown,
  );
}

export async function getLimit(ctx: Ctx, input: Ref): Promise<Limit> {
  return readLimit(ctx, await limitIdOf(ctx.tx, ctx.workspace.id, input.limit));
}

export async function listLimitHolders(ctx: Ctx, input: z.output<typeof limitOccupantsInput>): Promise<Page<LimitHolder>> {
  const limitId = await limitIdOf(ctx.tx, ctx.workspace.id, input.of);
  const [at = '', request = '', ...rest] = input.cursor?.split('|') ?? [];
  const isPlace = rest.length === 0 && !Number.isNaN(Date.parse(at)) && /^[0-9a-f-]{36}$/.test(request);
  if (input.cursor !== undefined && !isPlace) throw notACursor(input.cursor);
  const rows = await readHolders(ctx.tx, { limitId, after: input.cursor === undefined ? null : { at, request }, limit: input.limit + 1 });
  return cutToPage(rows, input.limit);
}

export async function listLimitWaiters(ctx: Ctx, input: z.output<typeof limitOccupantsInput>): Promise<Page<LimitWaiter>> {
  const limitId = await limitIdOf(ctx.tx, ctx.workspace.id, input.of);
  if (input.cursor !== undefined && !/^\d{1,18}$/.test(input.cursor)) throw notACursor(input.cursor);
  return cutToPage(await readWaiters(ctx.tx, { limitId, after: input.cursor ?? null, limit: input.limit + 1 }), input.limit);
}

export async function createLimit(ctx: CommandCtx, input: z.output<typeof createLimitInput>): Promise<Audited<Limit>> {
  const id = uuidv7(Date.now());
  // The unique index decides between two that come at once.
  const { count } = await ctx.tx.namedLimit.createMany({ data: { ...input, id, workspaceId: ctx.workspace.id }, skipDuplicates: true });
  if (count === 0) throw conflict(`Limit "${input.name}" exists already.`, { name: input.name });
  const limit = await readLimit(ctx, id);
  return audited(limit, { target: { kind: 'limit', id }, before: null, after: settingsOf(limit) });
}

/** Who waits for room, and finds some now, is woken. Who holds more than there is by now keeps it until it is given back. */
export async function updateLimit(ctx: CommandCtx, input: z.output<typeof updateLimitInput>): Promise<Audited<Limit>> {
  const { limit: ref, ...changes } = input;
  const id = await limitIdOf(ctx.tx, ctx.workspace.id, ref, 'lock');
  const before = await readLimit(ctx, id);
  if (changes.decayPerSecond !== undefined && changes.decayPerSecond !== before.decayPerSecond) await settleBucket(ctx.tx, id);
  await ctx.tx.namedLimit.updateMany({ where: { id }, data: { ...changes, updatedAt: new Date() } });
  const after = await readLimit(ctx, id);
  ctx.afterCommit(() => afterCommit(ctx, [{ kind: 'wake-line', limitIds: [id] }]));
  return audited(after, { target: { kind: 'limit', id }, before: settingsOf(before), after: settingsOf(after) });
}

/** Whoever holds or waits goes on: a limit that is gone limits nobody. */
export async function deleteLimit(ctx: CommandCtx, input: Ref): Promise<Audited<{ deleted: true }>> {
  const id = await limitIdOf(ctx.tx, ctx.workspace.id, input.limit, 'lock');
  const before = settingsOf(await readLimit(ctx, id));
  const waiting = await waitingRuns(ctx.tx, id);
  await ctx.tx.namedLimit.deleteMany({ where: { id } });
  const wakes = waiting.map((run) => ({ kind: 'wake-run' as const, ...run }));
  ctx.afterCommit(() => afterCommit(ctx, wakes));
  return audited({ deleted: true as const }, { target: { kind: 'limit', id }, before, after: null });
}

/** For code that hangs with a slot: the slot is free, the code goes on. */
export async function freeSlots(ctx: CommandCtx, input: z.output<typeof freeSlotsInput>): Promise<Audited<Limit>> {
  const limitId = await limitIdOf(ctx.tx, ctx.workspace.id, input.limit, 'lock');
  const isFreed = await deleteHolder(ctx.tx, { limitId, runId: toUuid('run', input.run), requestId: input.request });
  if (!isFreed) throw notFound('holder of this limit', `${input.run} ${input.request}`);
  ctx.afterCommit(() => afterCommit(ctx, [{ kind: 'wake-line', limitIds: [limitId] }]));
  const { run, request } = input;
  return audited(await readLimit(ctx, limitId), {
    target: { kind: 'limit', id: limitId },
    before: { holder: { run, request } },
    after: null,
  });
}

/** What code declares: made when missing; what is there is people's to change, and the difference is told. */
export async function ensureLimits(
  ctx: CommandCtx,
  input: z.output<typeof ensureLimitsInput>,
): Promise<Audited<z.output<typeof ensuredLimitsSchema>>> {
  const { id: workspaceId } = ctx.workspace;
  const data = input.limits.map((limit) => ({ ...limit, id: uuidv7(Date.now()), workspaceId }));
  const made = new Set(
    (await ctx.tx.namedLimit.createManyAndReturn({ data, skipDuplicates: true, select: { name: true } })).map(({ name }) => name),
  );
  const there = await ctx.tx.namedLimit.findMany({ where: { workspaceId, name: { in: data.map(({ name }) => name) } } });
  const limits = input.limits.map((limit) => {
    const stored = there.find(({ name }) => name === limit.name);
    const differs = (['slots', 'decayPerSecond'] as const)
      .filter((field) => stored && stored[field] !== limit[field])
      .map((field) => `${field}: ${limit[field] ?? 'none'} in code, ${stored?.[field] ?? 'none'} here, which stays`);
    return { name: limit.name, created: made.has(limit.name), differs };
  });
  const after = { created: [...made] };
  return audited({ limits }, { target: { kind: 'limit', id: null }, before: null, after });
}

async function readLimit(ctx: Ctx, id: string): Promise<Limit> {
  const [row] = await readLimits(ctx.tx, { workspaceId: ctx.workspace.id, onlyId: id, before: null, limit: 1 });
  if (!row) throw notFound('limit', toId('limit', id));
  return row.shown;
}

/** What people set; occupancy does not belong into an audit row. */
function settingsOf({ name, description, slots, active, decayPerSecond }: Limit): Partial<Limit> {
  return { name, description, slots, active, decayPerSecond };
}

function cutToPage<T>(rows: readonly { place: string; shown: T }[], limit: number): Page<T> {
  const shown = rows.slice(0, limit);
  return { items: shown.map((row) => row.shown), nextCursor: rows.length > limit ? (shown.at(-1)?.place ?? null) : null };
}

function notACursor(cursor: string) {
  return invalidInput([{ field: 'cursor', expected: 'the nextCursor of the page before', received: shorten(JSON.stringify(cursor)) }]);
}

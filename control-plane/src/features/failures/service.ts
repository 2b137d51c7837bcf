/** The verbs of the failure inbox. */
import { randomUUID } from 'node:crypto';
import { isId, toId, toUuid } from '@signalbox/proto';
import type {
  assignFailureGroupInput,
  BulkJob,
  FailureGroup,
  FailureGroupDetail,
  listFailureGroupsInput,
  muteFailureGroupInput,
  resolveFailureGroupInput,
  retryFailureGroupInput,
} from '@signalbox/proto/api';
import type { z } from 'zod';
import { type Audited, audited } from '../../platform/audit.ts';
import { invalidInput, notFound, preconditionFailed } from '../../platform/errors.ts';
import { badCursor, type Page } from '../../platform/pagination.ts';
import type { CommandCtx, Ctx } from '../../platform/services.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import { startJob } from '../bulk/index.ts';
import { appendEvents } from '../events/index.ts';
import {
  findGroup,
  type GroupRow,
  readDeployments,
  readGroups,
  readNewestVersions,
  readRuns,
  showGroup,
  type Triage,
  writeTriage,
} from './store.ts';

const RUNS_SHOWN = 20;
const MUTED_AT_MOST_MS = 366 * 86_400_000;

/** Those that failed most lately first. */
export async function listFailureGroups(ctx: Ctx, input: z.output<typeof listFailureGroupsInput>): Promise<Page<FailureGroup>> {
  const { statuses, deployment, run, text = null, cursor, limit } = input;
  const sql = sqlOfTx(ctx.tx);
  const { rows, next } = await readGroups(sql, ctx.workspace.id, {
    statuses: statuses?.length ? statuses : ['open', 'acknowledged', 'muted'],
    deploymentId: deployment ? toUuid('deployment', deployment) : null,
    runId: run ? toUuid('run', run) : null,
    text,
    before: cursor === undefined ? null : readCursor(cursor),
    limit,
  });
  const deployments = await readDeployments(
    sql,
    rows.map(({ id }) => id),
  );
  return {
    items: rows.map((row) => showGroup(row, deployments.get(row.id) ?? [])),
    nextCursor: next && `${next.at} ${toId('failureGroup', next.id)}`,
  };
}

function readCursor(cursor: string): { at: string; id: string } {
  const [at = '', id = ''] = cursor.split(' ');
  // As it was given, to the letter: Date reads much that Postgres does not.
  const isGiven = /^\d{4}-/.test(at) && !Number.isNaN(Date.parse(at)) && new Date(at).toISOString() === at;
  if (!isGiven || !isId('failureGroup', id)) throw badCursor(cursor);
  return { at, id: toUuid('failureGroup', id) };
}

/** @throws NOT_FOUND */
export async function getFailureGroup(ctx: Ctx, { group: id }: { group: string }): Promise<FailureGroupDetail> {
  return detailOf(ctx, await findOrThrow(ctx, id));
}

/** Somebody looks at it. Once more: by somebody else. @throws NOT_FOUND, PRECONDITION_FAILED when it is resolved */
export function acknowledgeGroup(ctx: CommandCtx, { group: id }: { group: string }): Promise<Audited<FailureGroupDetail>> {
  return change(ctx, id, (group) => {
    if (group.resolvedAt) throw preconditionFailed('The group is resolved.');
    return { acknowledgedAt: new Date(), acknowledgedBy: nameOf(ctx) };
  });
}

/** @throws NOT_FOUND */
export function assignGroup(
  ctx: CommandCtx,
  { group: id, owner }: z.output<typeof assignFailureGroupInput>,
): Promise<Audited<FailureGroupDetail>> {
  return change(ctx, id, () => ({ owner }));
}

/** @throws NOT_FOUND, INVALID_INPUT for an instant that is past, or over a year ahead */
export function muteGroup(
  ctx: CommandCtx,
  { group: id, until }: z.output<typeof muteFailureGroupInput>,
): Promise<Audited<FailureGroupDetail>> {
  const at = until === null ? null : new Date(until);
  const ahead = at ? at.getTime() - Date.now() : 1;
  if (ahead <= 0 || ahead > MUTED_AT_MOST_MS)
    throw invalidInput([{ field: 'until', expected: 'an instant that is to come, at most a year ahead', received: String(until) }]);
  return change(ctx, id, () => ({ mutedUntil: at }));
}

/** @throws NOT_FOUND */
export async function resolveGroup(
  ctx: CommandCtx,
  { group: id, by }: z.output<typeof resolveFailureGroupInput>,
): Promise<Audited<FailureGroupDetail>> {
  const versions = by === 'next-version' ? await readNewestVersions(sqlOfTx(ctx.tx), toUuid('failureGroup', id)) : null;
  const done = await change(ctx, id, () => ({ resolvedAt: new Date(), resolvedBy: nameOf(ctx), resolvedVersions: versions }));
  await appendEvents(sqlOfTx(ctx.tx), [
    {
      workspaceId: ctx.workspace.id,
      id: randomUUID(),
      name: 'failure-group.resolved',
      resource: { id, kind: 'failure-group', name: done.output.title },
      payload: { title: done.output.title, by: nameOf(ctx), occurrences: done.output.occurrences },
    },
  ]);
  return done;
}

/** @throws NOT_FOUND */
export function reopenGroup(ctx: CommandCtx, { group: id }: { group: string }): Promise<Audited<FailureGroupDetail>> {
  return change(ctx, id, () => ({ resolvedAt: null, resolvedBy: null, resolvedVersions: null }));
}

/** A bulk job that retries every run of the group that is failed or crashed still. @throws NOT_FOUND */
export async function retryGroup(ctx: CommandCtx, { group: id, mode }: z.output<typeof retryFailureGroupInput>): Promise<Audited<BulkJob>> {
  const group = await findOrThrow(ctx, id);
  const filter = { groups: [toId('failureGroup', group.id)], states: ['FAILED' as const, 'CRASHED' as const] };
  return startJob(ctx, 'retry', { filter, all: false, reason: `all of ${id}` }, mode ? { mode } : {});
}

async function change(ctx: CommandCtx, id: string, to: (group: GroupRow) => Partial<Triage>): Promise<Audited<FailureGroupDetail>> {
  const sql = sqlOfTx(ctx.tx);
  const before = await findOrThrow(ctx, id, 'lock');
  await writeTriage(sql, before.id, { ...before, ...to(before) });
  const after = await findOrThrow(ctx, id);
  return audited(await detailOf(ctx, after), {
    target: { kind: 'failure-group', id: before.id },
    before: facts(before),
    after: facts(after),
  });
}

function facts({ owner, acknowledgedBy, mutedUntil, resolvedBy, resolvedVersions }: GroupRow) {
  return { owner, acknowledgedBy, mutedUntil, resolvedBy, resolvedVersions };
}

async function detailOf(ctx: Ctx, group: GroupRow): Promise<FailureGroupDetail> {
  const sql = sqlOfTx(ctx.tx);
  const deployments = await readDeployments(sql, [group.id]);
  const shown = showGroup(group, deployments.get(group.id) ?? []);
  return { ...shown, message: group.message, frames: group.frames, runs: await readRuns(sql, group.id, RUNS_SHOWN) };
}

async function findOrThrow(ctx: Ctx, id: string, how?: 'lock'): Promise<GroupRow> {
  const found = await findGroup(sqlOfTx(ctx.tx), ctx.workspace.id, toUuid('failureGroup', id), how);
  if (!found) throw notFound('failure group', id);
  return found;
}

const nameOf = ({ actor }: Ctx) => (actor.kind === 'user' ? actor.email : actor.name);

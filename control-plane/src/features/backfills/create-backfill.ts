import { toId, uuidv7 } from '@signalbox/proto';
import type { Backfill, createBackfillInput } from '@signalbox/proto/api';
import type { z } from 'zod';
import { checkSpec, isSound } from '../../domain/schedule/check.ts';
import { actorName } from '../../platform/actor.ts';
import { type Audited, audited } from '../../platform/audit.ts';
import { invalidInput, limitExceeded, notFound, preconditionFailed } from '../../platform/errors.ts';
import { checkParameters, sizeOfParameters } from '../../platform/parameter-schema.ts';
import type { CommandCtx } from '../../platform/services.ts';
import { type DeploymentForSchedule, lockDeploymentFor, schedulesOf } from '../schedules/index.ts';
import { type BackfillPlan, firesOfBackfill, instantsAfter } from './plan.ts';
import { getBackfill } from './service.ts';
import { insertBackfill } from './store.ts';

/** Runs of one backfill. */
const MOST_RUNS = 10_000;
/** Backfills of one workspace that are not over. */
const MOST_OPEN = 50;

type Input = z.output<typeof createBackfillInput>;
type Source = {
  readonly scheduleId: string | null;
  readonly slug: string | null;
  readonly plan: BackfillPlan;
  readonly parameters: Record<string, unknown>;
  readonly instantParameter: string | null;
};

/**
 * Makes runs for the instants of a past range, a few at a time; it begins at once.
 * @throws NOT_FOUND; INVALID_INPUT for a range that is not past or has no instants, or parameters that break the schema;
 *   LIMIT_EXCEEDED for more than 10,000 instants
 */
export async function createBackfill(ctx: CommandCtx, input: Input): Promise<Audited<Backfill>> {
  const deployment = await lockDeploymentFor(ctx.tx, ctx.workspace.id, input.deployment);
  const now = new Date();
  const [from, to] = [new Date(input.from), new Date(input.to)];
  if (to <= from) throw invalidInput([{ field: 'to', expected: `an instant after from (${input.from})`, received: input.to }]);
  if (to > now)
    throw invalidInput([{ field: 'to', expected: 'an instant of the past: what is to come fires by itself', received: input.to }]);
  const source = await sourceOf(ctx, deployment, input, from);
  const instantParameter = input.instantParameter === undefined ? source.instantParameter : input.instantParameter;
  const parameters = { ...source.parameters, ...input.parameters };
  const merged = { ...deployment.parameters, ...parameters, ...(instantParameter ? { [instantParameter]: input.from } : {}) };
  const issues = [...sizeOfParameters(merged, 'parameters'), ...(await checkParameters(deployment.parameterSchema, merged))];
  if (issues.length > 0) throw invalidInput(issues);

  const range = { fromMs: from.getTime(), toMs: to.getTime(), newestFirst: false };
  const total = instantsAfter(firesOfBackfill(source.plan), range, null, MOST_RUNS + 1).length;
  if (total === 0) throw invalidInput([{ field: 'from', expected: 'a range in which it fires', received: `${input.from} to ${input.to}` }]);
  if (total > MOST_RUNS) throw limitExceeded(`The range holds more than ${MOST_RUNS} instants: make several backfills of shorter ranges.`);
  const open = await ctx.tx.backfill.count({ where: { workspaceId: ctx.workspace.id, state: { in: ['running', 'paused'] } } });
  if (open >= MOST_OPEN) throw limitExceeded(`A workspace has at most ${MOST_OPEN} backfills that are not over.`);

  const id = uuidv7(now.getTime());
  await insertBackfill(ctx.tx, {
    id,
    workspaceId: ctx.workspace.id,
    deploymentId: deployment.id,
    scheduleId: source.scheduleId,
    scheduleSlug: source.slug,
    plan: source.plan,
    fromAt: from,
    toAt: to,
    parameters,
    instantParameter,
    newestFirst: input.order === 'newest',
    maxInFlight: input.maxInFlight,
    rerun: input.rerun,
    total,
    createdBy: actorName(ctx.actor),
  });
  const backfill = await getBackfill(ctx, { backfill: toId('backfill', id) });
  const { from: begin, to: end, maxInFlight, order, rerun } = backfill;
  return audited(backfill, {
    target: { kind: 'backfill', id },
    before: null,
    after: { deployment: toId('deployment', deployment.id), schedule: source.slug, from: begin, to: end, total, maxInFlight, order, rerun },
  });
}

async function sourceOf(ctx: CommandCtx, deployment: DeploymentForSchedule, input: Input, from: Date): Promise<Source> {
  if ((input.schedule === undefined) === (input.spec === undefined))
    throw invalidInput([{ field: 'schedule', expected: "the slug of one of the deployment's schedules, or else spec" }]);
  if (input.spec) {
    const issues = checkSpec(input.spec, from);
    if (issues.length > 0) throw invalidInput(issues.map((issue) => ({ ...issue, field: `spec.${issue.field}` })));
    return { scheduleId: null, slug: null, plan: { spec: input.spec, dst: {}, calendar: null }, parameters: {}, instantParameter: null };
  }
  const all = (await schedulesOf(ctx.sql, ctx.workspace.id, [deployment.id])).get(deployment.id) ?? [];
  const schedule = all.find(({ slug }) => slug === input.schedule);
  if (!schedule) {
    const slugs = all.map(({ slug }) => slug);
    throw notFound(
      'schedule',
      input.schedule as string,
      slugs.length > 0 ? `the deployment has ${slugs.join(', ')}` : 'the deployment has none',
    );
  }
  if (!isSound(schedule.spec))
    throw preconditionFailed(`Schedule "${schedule.slug}" is broken: ${schedule.problem ?? 'its pattern is not valid'}.`);
  const { spec, dstGap: gap, dstOverlap: overlap, onClosedDay, slug, parameters, instantParameter } = schedule;
  const calendar =
    schedule.calendar === null
      ? null
      : await ctx.tx.calendar.findFirst({
          where: { workspaceId: ctx.workspace.id, name: schedule.calendar },
          select: { name: true, timezone: true, rules: true },
        });
  const plan = { spec, dst: { gap, overlap }, calendar: calendar as BackfillPlan['calendar'], onClosedDay };
  const { id } = await ctx.tx.schedule.findFirstOrThrow({ where: { deploymentId: deployment.id, slug }, select: { id: true } });
  return { scheduleId: id, slug, plan, parameters, instantParameter };
}

/** Schedules that people make, change and delete. What came from code is changed in the code. */
import { toId, toUuid, uuidv7 } from '@signalbox/proto';
import { type createScheduleInput, describeSpec, type Schedule, type updateScheduleInput } from '@signalbox/proto/api';
import type { z } from 'zod';
import { type Audited, audited } from '../../platform/audit.ts';
import { conflict, invalidInput, limitExceeded, notFound, preconditionFailed } from '../../platform/errors.ts';
import { checkParameters, sizeOfParameters } from '../../platform/parameter-schema.ts';
import type { CommandCtx } from '../../platform/services.ts';
import { calendarIdOf } from '../calendars/index.ts';
import { problemsOf, restartAt } from './check-schedule.ts';
import { type DeploymentForSchedule, lockDeploymentFor } from './deployment-of.ts';
import { rewriteSchedule, rulesOf } from './schedules-of-code.ts';
import { showSchedule } from './show-schedule.ts';
import {
  databaseNow,
  deleteSchedules,
  findSchedule,
  insertSchedule,
  listByDeployments,
  lockSchedule,
  type ScheduleRow,
  type Written,
} from './store.ts';

/** Schedules of one deployment, those of its code included. */
const MOST = 100;

/** @throws NOT_FOUND, INVALID_INPUT, or CONFLICT when the slug is taken */
export async function createSchedule(ctx: CommandCtx, input: z.output<typeof createScheduleInput>): Promise<Audited<Schedule>> {
  const { tx } = ctx;
  const workspaceId = ctx.workspace.id;
  const deployment = await lockDeploymentFor(tx, workspaceId, input.deployment);
  const now = await databaseNow(tx);
  const written = await checked(ctx, deployment, input, now);
  const siblings = await listByDeployments(ctx.sql, workspaceId, [deployment.id]);
  if (siblings.some(({ slug }) => slug === input.slug))
    throw conflict(`The deployment has a schedule "${input.slug}" already.`, { slug: input.slug });
  if (siblings.length >= MOST) throw limitExceeded(`A deployment has at most ${MOST} schedules.`);
  const id = uuidv7(now.getTime());
  const key = { id, workspaceId, deploymentId: deployment.id, slug: input.slug, origin: 'operator' as const };
  await insertSchedule(tx, key, { ...written, restart: await restartAt(tx, written, input.active, now) });
  return told(ctx, id, null);
}

/** What is absent stays. @throws NOT_FOUND, INVALID_INPUT, CONFLICT for a slug that is taken, PRECONDITION_FAILED for one of code */
export async function updateSchedule(ctx: CommandCtx, input: z.output<typeof updateScheduleInput>): Promise<Audited<Schedule>> {
  const { tx } = ctx;
  // The deployment ahead of its schedules, as a deploy and a delete do.
  const found = await findSchedule(tx, ctx.workspace.id, toUuid('schedule', input.schedule));
  if (!found) throw notFound('schedule', input.schedule);
  const deployment = await lockDeploymentFor(tx, ctx.workspace.id, toId('deployment', found.deploymentId));
  const before = await lockOperators(ctx, input.schedule);
  const { schedule: _, slug = before.slug, spec = before.spec, parameters = before.parameters, ...rules } = input;
  const given = Object.fromEntries(Object.entries(rules).filter(([, value]) => value !== undefined));
  const now = await databaseNow(tx);
  const written = await checked(ctx, deployment, { ...before.rules, ...given, spec, parameters, active: before.active }, now);
  if (slug !== before.slug && (await listByDeployments(ctx.sql, ctx.workspace.id, [deployment.id])).some((other) => other.slug === slug))
    throw conflict(`The deployment has a schedule "${slug}" already.`, { slug });
  await rewriteSchedule(tx, before, { ...written, slug }, now);
  return told(ctx, before.id, before);
}

/** Runs it made stay. @throws NOT_FOUND, or PRECONDITION_FAILED for one of code */
export async function deleteSchedule(ctx: CommandCtx, input: { schedule: string }): Promise<Audited<{ deleted: true }>> {
  const before = await lockOperators(ctx, input.schedule);
  await deleteSchedules(ctx.tx, [before.id]);
  ctx.afterCommit(() => ctx.bus.live(ctx.workspace.id, { kind: 'deployment', id: toId('deployment', before.deploymentId) }));
  return audited({ deleted: true as const }, { target: { kind: 'schedule', id: before.id }, before: factsOf(before), after: null });
}

type Asked = Parameters<typeof rulesOf>[0] & Pick<Written, 'spec' | 'parameters' | 'active'>;

async function checked(ctx: CommandCtx, deployment: DeploymentForSchedule, asked: Asked, now: Date): Promise<Written> {
  const { spec, parameters, active } = asked;
  const rules = rulesOf(asked);
  const merged = {
    ...deployment.parameters,
    ...parameters,
    ...(rules.instantParameter ? { [rules.instantParameter]: now.toISOString() } : {}),
  };
  const issues = [
    ...sizeOfParameters(merged, 'parameters'),
    ...problemsOf({ spec, rules }, '', now),
    ...(await checkParameters(deployment.parameterSchema, merged)),
  ];
  if (issues.length > 0) throw invalidInput(issues);
  return { spec, parameters, active, rules, calendarId: await calendarIdOf(ctx.tx, ctx.workspace.id, rules.calendar, 'calendar') };
}

async function lockOperators(ctx: CommandCtx, schedule: string): Promise<ScheduleRow> {
  const row = await lockSchedule(ctx.tx, ctx.workspace.id, toUuid('schedule', schedule));
  if (!row) throw notFound('schedule', schedule);
  if (row.origin === 'operator') return row;
  throw preconditionFailed(`Schedule "${row.slug}" comes from the deployment's code: change it there and deploy, or switch it off here.`, {
    schedule,
  });
}

async function told(ctx: CommandCtx, id: string, before: ScheduleRow | null): Promise<Audited<Schedule>> {
  const after = await findSchedule(ctx.tx, ctx.workspace.id, id);
  if (!after) throw notFound('schedule', toId('schedule', id));
  ctx.afterCommit(() => ctx.bus.live(ctx.workspace.id, { kind: 'deployment', id: toId('deployment', after.deploymentId) }));
  return audited(showSchedule(after), { target: { kind: 'schedule', id }, before: before && factsOf(before), after: factsOf(after) });
}

/** For the audit: no parameters' values. */
function factsOf({ slug, spec, rules, deploymentId }: ScheduleRow) {
  return { slug, fires: describeSpec(spec), ...rules, deployment: toId('deployment', deploymentId) };
}

/** Calendars as people keep them. A change reaches every schedule that goes by it within a turn of the firing loop. */
import { isId, toId, toUuid, uuidv7 } from '@signalbox/proto';
import type { Calendar, createCalendarInput, updateCalendarInput } from '@signalbox/proto/api';
import type { z } from 'zod';
import { checkCalendar } from '../../domain/schedule/calendar.ts';
import { type Audited, audited } from '../../platform/audit.ts';
import type { Tx } from '../../platform/db.ts';
import { conflict, invalidInput, limitExceeded, notFound, preconditionFailed } from '../../platform/errors.ts';
import type { CommandCtx, Ctx } from '../../platform/services.ts';
import { insertCalendar, lockCalendar, readCalendar, readCalendars, usersOf, wakeSchedulesOf, writeCalendar } from './store.ts';

/** Calendars of one workspace. */
const MOST = 200;

export async function listCalendars(ctx: Ctx): Promise<Calendar[]> {
  return readCalendars(ctx.tx, ctx.workspace.id);
}

/** By name or id. @throws NOT_FOUND */
export async function getCalendar(ctx: Ctx, { calendar }: { calendar: string }): Promise<Calendar> {
  return findOrThrow(ctx.tx, ctx.workspace.id, calendar);
}

/** @throws INVALID_INPUT, or CONFLICT when the name is taken */
export async function createCalendar(ctx: CommandCtx, input: z.output<typeof createCalendarInput>): Promise<Audited<Calendar>> {
  check(input);
  const workspaceId = ctx.workspace.id;
  if ((await ctx.tx.calendar.count({ where: { workspaceId } })) >= MOST) throw limitExceeded(`A workspace has at most ${MOST} calendars.`);
  const id = uuidv7(Date.now());
  const isNew = await insertCalendar(ctx.tx, { id, workspaceId }, input);
  if (!isNew) throw conflict(`There is a calendar "${input.name}" already.`, { name: input.name });
  const calendar = await findOrThrow(ctx.tx, workspaceId, toId('calendar', id));
  return audited(calendar, { target: { kind: 'calendar', id }, before: null, after: input });
}

/** What is absent stays. @throws NOT_FOUND, INVALID_INPUT, or CONFLICT when the new name is taken */
export async function updateCalendar(ctx: CommandCtx, input: z.output<typeof updateCalendarInput>): Promise<Audited<Calendar>> {
  const before = await locked(ctx, input.calendar);
  const { name = before.name, description = before.description, timezone = before.timezone, rules = before.rules } = input;
  check({ timezone, rules });
  const id = toUuid('calendar', before.id);
  if (name !== before.name && (await readCalendar(ctx.tx, ctx.workspace.id, { name })))
    throw conflict(`There is a calendar "${name}" already.`, { name });
  await writeCalendar(ctx.tx, id, { name, description, timezone, rules });
  await wakeSchedulesOf(ctx.tx, id);
  const after = await findOrThrow(ctx.tx, ctx.workspace.id, before.id);
  const facts = ({ schedules: _, createdAt: _c, updatedAt: _u, id: _i, ...rest }: Calendar) => rest;
  return audited(after, { target: { kind: 'calendar', id }, before: facts(before), after: facts(after) });
}

/** @throws NOT_FOUND, or PRECONDITION_FAILED that names schedules which go by it */
export async function deleteCalendar(ctx: CommandCtx, input: { calendar: string }): Promise<Audited<{ deleted: true }>> {
  const before = await locked(ctx, input.calendar);
  const id = toUuid('calendar', before.id);
  const users = await usersOf(ctx.tx, id);
  if (users.length > 0)
    throw preconditionFailed(`Calendar "${before.name}" is used by ${before.schedules} schedules, such as ${users.join(', ')}.`, { users });
  await ctx.tx.calendar.delete({ where: { id } });
  return audited({ deleted: true as const }, { target: { kind: 'calendar', id }, before: { name: before.name }, after: null });
}

/** The id of a calendar that a schedule names, held until the commit. @throws INVALID_INPUT at `field` when there is none */
export async function calendarIdOf(tx: Tx, workspaceId: string, name: string | null, field: string): Promise<string | null> {
  if (name === null) return null;
  const [row] = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM calendar WHERE workspace_id = ${workspaceId}::uuid AND name = ${name} FOR KEY SHARE`;
  if (!row) throw invalidInput([{ field, expected: 'the name of a calendar of this workspace', received: JSON.stringify(name) }]);
  return row.id;
}

async function locked(ctx: CommandCtx, ref: string): Promise<Calendar> {
  const found = await findOrThrow(ctx.tx, ctx.workspace.id, ref);
  if (!(await lockCalendar(ctx.tx, toUuid('calendar', found.id)))) throw notFound('calendar', ref);
  return findOrThrow(ctx.tx, ctx.workspace.id, found.id);
}

async function findOrThrow(tx: Tx, workspaceId: string, ref: string): Promise<Calendar> {
  const calendar = await readCalendar(tx, workspaceId, isId('calendar', ref) ? { id: toUuid('calendar', ref) } : { name: ref });
  if (!calendar) throw notFound('calendar', ref);
  return calendar;
}

function check(calendar: Parameters<typeof checkCalendar>[0]): void {
  const issues = checkCalendar(calendar);
  if (issues.length > 0) throw invalidInput(issues);
}

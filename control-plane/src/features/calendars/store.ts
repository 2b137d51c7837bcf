/** Every query of calendars. */
import { toId } from '@signalbox/proto';
import type { Calendar, CalendarRules } from '@signalbox/proto/api';
import { type OpenCalendar, openCalendar } from '../../domain/schedule/calendar.ts';
import type { Prisma } from '../../generated/prisma/client.ts';
import type { Tx } from '../../platform/db.ts';
import type { Sql } from '../../platform/sql.ts';

type Stored = Prisma.CalendarGetPayload<{ include: { _count: { select: { schedules: true } } } }>;
const withCount = { _count: { select: { schedules: true } } } as const;

/** By name, all of a workspace: they are few (see MOST). */
export async function readCalendars(tx: Tx, workspaceId: string): Promise<Calendar[]> {
  return (await tx.calendar.findMany({ where: { workspaceId }, include: withCount, orderBy: { name: 'asc' } })).map(show);
}

/** By name or id. */
export async function readCalendar(tx: Tx, workspaceId: string, where: { id: string } | { name: string }): Promise<Calendar | null> {
  const row = await tx.calendar.findFirst({ where: { ...where, workspaceId }, include: withCount });
  return row && show(row);
}

export type Written = { readonly name: string; readonly description: string; readonly timezone: string; readonly rules: CalendarRules };

/** False when the workspace has a calendar of this name: the unique index decides. */
export async function insertCalendar(tx: Tx, key: { id: string; workspaceId: string }, written: Written): Promise<boolean> {
  const { count } = await tx.calendar.createMany({ data: { ...key, ...columnsOf(written) }, skipDuplicates: true });
  return count === 1;
}

export async function writeCalendar(tx: Tx, id: string, written: Written): Promise<void> {
  await tx.calendar.update({ where: { id }, data: { ...columnsOf(written), updatedAt: new Date() } });
}

function columnsOf({ rules, ...rest }: Written) {
  return { ...rest, rules: rules as unknown as Prisma.InputJsonObject };
}

/** Locks one calendar: of two changes, or a change and a delete, one waits. */
export async function lockCalendar(tx: Tx, id: string): Promise<boolean> {
  return (await tx.$queryRaw<unknown[]>`SELECT 1 FROM calendar WHERE id = ${id}::uuid FOR UPDATE`).length > 0;
}

/**
 * Schedules that go by a changed calendar are looked at anew by the firing loop, at once. What it left out before the
 * change stays left out: their low-water instant moves up to now, save where a fire is owed already.
 */
export async function wakeSchedulesOf(tx: Tx, calendarId: string): Promise<void> {
  // schedule_calendar; locked in the order of ids, as everywhere.
  await tx.$executeRaw`
    UPDATE schedule s SET holds_from = now(), problem = NULL, failures = 0, retry_at = NULL,
      low_water_at = CASE WHEN s.next_fire_at <= now() THEN s.low_water_at ELSE greatest(s.low_water_at, now()) END,
      next_fire_at = CASE WHEN coalesce(s.operator_active, s.active) THEN least(s.next_fire_at, now()) END
    FROM (SELECT id FROM schedule WHERE calendar_id = ${calendarId}::uuid ORDER BY id FOR UPDATE) locked WHERE s.id = locked.id`;
}

/** Slugs of schedules that go by a calendar, with their deployments: a few, to name them. */
export async function usersOf(tx: Tx, calendarId: string): Promise<string[]> {
  const rows = await tx.schedule.findMany({
    where: { calendarId },
    select: { slug: true, deployment: { select: { name: true, flow: { select: { name: true } } } } },
    take: 5,
  });
  return rows.map(({ slug, deployment }) => `${deployment.flow.name}/${deployment.name} ${slug}`);
}

/** Read and compiled once a version. */
const opened = new Map<string, OpenCalendar>();
const KEPT = 500;

/** Calendars ready to be asked, by id. Rules that were read before are not read again until they change. */
export async function openCalendars(sql: Sql, ids: readonly string[]): Promise<Map<string, OpenCalendar>> {
  const found = new Map<string, OpenCalendar>();
  if (ids.length === 0) return found;
  const versions = await sql.query<{ id: string; version: string }>(
    'SELECT id, id::text || updated_at::text AS version FROM calendar WHERE id = ANY ($1::uuid[])',
    [[...new Set(ids)]],
  );
  const missing = versions.filter(({ version }) => !opened.has(version));
  if (missing.length > 0) {
    if (opened.size > KEPT) opened.clear();
    const rows = await sql.query<{ version: string; name: string; timezone: string; rules: CalendarRules }>(
      'SELECT id::text || updated_at::text AS version, name, timezone, rules FROM calendar WHERE id = ANY ($1::uuid[])',
      [missing.map(({ id }) => id)],
    );
    for (const row of rows) opened.set(row.version, openCalendar(row));
  }
  for (const { id, version } of versions) {
    const calendar = opened.get(version);
    if (calendar) found.set(id, calendar);
  }
  return found;
}

function show({ _count, ...row }: Stored): Calendar {
  return {
    id: toId('calendar', row.id),
    name: row.name,
    description: row.description,
    timezone: row.timezone,
    rules: row.rules as unknown as CalendarRules,
    schedules: _count.schedules,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

import { randomUUID } from 'node:crypto';
import type {
  countEventsInput,
  Event,
  EventCounts,
  EventPage,
  emitEventsInput,
  emittedEventsSchema,
  findEventInput,
  listEventsInput,
} from '@signalbox/proto/api';
import type { z } from 'zod';
import { type Audited, audited } from '../../platform/audit.ts';
import { invalidInput } from '../../platform/errors.ts';
import type { CommandCtx, SqlCtx } from '../../platform/services.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import { requireUsage } from '../../platform/usage.ts';
import { foreignName } from './catalogue.ts';
import { countRows } from './feed-counts.ts';
import { readPage, readPagePatiently, receivedAt } from './feed-page.ts';
import { appendEvents, findEvent } from './store.ts';

/** How far ahead of our clock a sender's may be. */
export const AHEAD_MS = 60_000;

export async function emitEvents(
  ctx: CommandCtx,
  { events }: z.output<typeof emitEventsInput>,
): Promise<Audited<z.output<typeof emittedEventsSchema>>> {
  const latest = Date.now() + AHEAD_MS;
  const ahead = events.findIndex(({ occurredAt }) => occurredAt !== undefined && Date.parse(occurredAt) > latest);
  if (ahead >= 0)
    throw invalidInput([
      { field: `events.${ahead}.occurredAt`, expected: 'an instant at most a minute ahead', received: String(events[ahead]?.occurredAt) },
    ]);
  const rows = events.map((event) => ({
    ...event,
    name: foreignName(event.name),
    id: event.id ?? randomUUID(),
    workspaceId: ctx.workspace.id,
  }));
  requireUsage(ctx.usage, ctx.workspace.id, 'events', rows.length);
  await appendEvents(sqlOfTx(ctx.tx), rows);
  ctx.afterCommit(() => ctx.usage.count(ctx.workspace.id, 'events', rows.length));
  return audited(
    { ids: rows.map(({ id }) => id) },
    { target: { kind: 'event', id: rows[0]?.id ?? null }, before: null, after: { names: [...new Set(rows.map(({ name }) => name))] } },
  );
}

export async function listEvents({ sql, workspace }: SqlCtx, input: z.output<typeof listEventsInput>): Promise<EventPage> {
  const cursor = input.cursor === undefined ? null : Number(input.cursor);
  if (cursor !== null && !Number.isSafeInteger(cursor))
    throw invalidInput([{ field: 'cursor', expected: 'the nextCursor of the page before', received: input.cursor ?? '' }]);
  const page = { cursor, after: input.after ?? null, limit: input.limit + 1 };
  // Who follows the feed oldest first may know nothing of early ends, and ask for the same again.
  const read = input.after === undefined ? readPage : readPagePatiently;
  const { events, searched } = await read(sql, workspace.id, input, page);
  const items = events.slice(0, input.limit);
  const more = events.length > input.limit ? items.at(-1)?.position : searched;
  return {
    items,
    nextCursor: more == null ? null : String(more),
    searchedTo: searched === null ? null : await receivedAt(sql, workspace.id, searched),
  };
}

/** Null: there is none, or none yet: it is put in order a moment after it was taken. */
export function findEventById({ sql, workspace }: SqlCtx, { id, since }: z.output<typeof findEventInput>): Promise<Event | null> {
  return findEvent(sql, workspace.id, id, since);
}

export async function countEvents({ sql, workspace }: SqlCtx, input: z.output<typeof countEventsInput>): Promise<EventCounts> {
  return countRows(sql, workspace.id, input, input);
}

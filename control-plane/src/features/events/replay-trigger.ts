/** Would a trigger have fired? Asked of the events that were. */
import { type Event, isEventsTrigger, type replayedTriggerSchema, type replayTriggerInput } from '@signalbox/proto/api';
import type { z } from 'zod';
import { namesOf, replay } from '../../domain/triggers/index.ts';
import { invalidInput } from '../../platform/errors.ts';
import type { Ctx } from '../../platform/services.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import { readPagePatiently, receivedAt } from './feed-page.ts';

const DAY_MS = 86_400_000;
/** Most events that are played, the newest. */
const MOST_EVENTS = 20_000;
const MOST_SHOWN = 100;

export async function replayTrigger(
  ctx: Ctx,
  { trigger, days }: z.output<typeof replayTriggerInput>,
): Promise<z.output<typeof replayedTriggerSchema>> {
  if (!isEventsTrigger(trigger))
    throw invalidInput([
      {
        field: 'trigger.type',
        expected: 'a trigger of events; automations.test replays figures and deadlines too',
        received: trigger.type,
      },
    ]);
  const toMs = Date.now();
  const fromMs = toMs - days * DAY_MS;
  const sql = sqlOfTx(ctx.tx);
  const names = [...new Set(namesOf(trigger))];
  // Only what may matter to it is read, so that the days behind a busy one are reached.
  const isNarrow = names.every((name) => name !== '*' && !name.startsWith('!'));
  const { events: newest, searched } = await readPagePatiently(
    sql,
    ctx.workspace.id,
    { from: new Date(fromMs).toISOString(), ...(isNarrow ? { names } : {}) },
    { cursor: null, after: null, limit: MOST_EVENTS + 1 },
  );
  const isCut = newest.length > MOST_EVENTS;
  const events: Event[] = newest.slice(0, MOST_EVENTS).reverse();
  const begin = isCut ? (events[0]?.receivedAt ?? null) : searched === null ? null : await receivedAt(sql, ctx.workspace.id, searched);
  const since = begin === null ? fromMs : Date.parse(begin);
  const firings = replay(trigger, events, { fromMs: since, toMs });
  return {
    since: new Date(since).toISOString(),
    events: events.length,
    count: firings.length,
    firings: firings.slice(-MOST_SHOWN).map(({ at, key, event }) => ({ at: new Date(at).toISOString(), key, event })),
  };
}

import { setTimeout as sleep } from 'node:timers/promises';
import { cloudEventOf } from '@signalbox/proto';
import type { Event } from '@signalbox/proto/api';
import type { Context } from '../../context.ts';
import { eventLine, type FilterOptions, filterOf } from './list-events.ts';

const EVERY_MS = 500;

/** From now on. By position, so that nothing is missed or shown twice however often the line breaks. */
export async function streamEvents(context: Context, options: FilterOptions): Promise<void> {
  const [client, { url }] = [await context.client(), await context.settings()];
  const show = (event: Event) => {
    if (options.cloudevents) context.printJson(cloudEventOf(event, url), 'compact');
    else if (context.json) context.printJson(event, 'compact');
    else context.print(eventLine(event));
  };
  const newest = await client.events.list.query({ limit: 1 });
  let after = newest.items[0]?.position ?? 0;
  for (;;) {
    const { items, nextCursor } = await client.events.list.query({ ...filterOf(options), after, limit: 200 });
    for (const event of items) show(event);
    // What was looked through and has none need not be looked through again.
    after = nextCursor === null ? (items.at(-1)?.position ?? after) : Number(nextCursor);
    if (nextCursor === null) await sleep(EVERY_MS);
  }
}

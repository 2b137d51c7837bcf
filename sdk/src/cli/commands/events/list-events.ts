import { cloudEventOf } from '@signalbox/proto';
import type { Event } from '@signalbox/proto/api';
import type { Context, GlobalOptions } from '../../context.ts';
import { parseInstant } from '../../parameters/parse-instant.ts';

export type FilterOptions = GlobalOptions & {
  name?: string[];
  about?: string;
  text?: string;
  resource?: string;
  from?: string;
  to?: string;
  limit?: number;
  cursor?: string;
  cloudevents?: boolean;
};

export const filterOf = ({ name, about, text }: FilterOptions) => ({ names: name, about, text });

/** `2026-01-02T03:04:05.000Z  run.Failed  run_...  brave-otter`. */
export function eventLine({ occurredAt, name, resource }: Event): string {
  return [occurredAt, name, resource.id, resource.name].filter(Boolean).join('  ');
}

/** Pages that are asked for where one ended before it was full: of a text that is seldom, a few seconds. */
const PAGES_MAX = 50;

export async function listEvents(context: Context, options: FilterOptions): Promise<void> {
  const client = await context.client();
  const limit = options.limit ?? 50;
  const instant = (option: 'from' | 'to') => {
    const text = options[option];
    return text === undefined ? {} : { [option]: parseInstant(option, text, context.host.now()) };
  };
  const filter = {
    ...filterOf(options),
    ...(options.resource === undefined ? {} : { resource: options.resource }),
    ...instant('from'),
    ...instant('to'),
  };
  const items: Event[] = [];
  let [cursor, searchedTo]: [string | null | undefined, string | null] = [options.cursor, null];
  for (let pages = 0; pages < PAGES_MAX && items.length < limit && cursor !== null; pages++) {
    const page = await client.events.list.query({ ...filter, cursor, limit: limit - items.length });
    items.push(...page.items);
    // A control plane before this one searches all of it at once.
    [cursor, searchedTo] = [page.nextCursor, page.searchedTo ?? null];
    if (searchedTo === null) break;
  }
  if (options.cloudevents) {
    const { url } = await context.settings();
    context.printJson(items.map((event) => cloudEventOf(event, url)));
  } else if (context.json) context.printJson({ items, nextCursor: cursor, searchedTo });
  else for (const event of items) context.print(eventLine(event));
  if (items.length === 0 && searchedTo === null) context.note('No events.');
  if (searchedTo !== null && items.length < limit) context.note(`Searched back to ${searchedTo}. Go on with --cursor ${cursor}`);
}

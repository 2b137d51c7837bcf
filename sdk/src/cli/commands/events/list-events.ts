import { cloudEventOf } from '@signalbox/proto';
import type { Event } from '@signalbox/proto/api';
import type { Context, GlobalOptions } from '../../context.ts';

export type FilterOptions = GlobalOptions & { name?: string[]; about?: string; text?: string; limit?: number; cloudevents?: boolean };

export const filterOf = ({ name, about, text }: FilterOptions) => ({ names: name, about, text });

/** `2026-01-02T03:04:05.000Z  run.Failed  run_...  brave-otter`. */
export function eventLine({ occurredAt, name, resource }: Event): string {
  return [occurredAt, name, resource.id, resource.name].filter(Boolean).join('  ');
}

export async function listEvents(context: Context, options: FilterOptions): Promise<void> {
  const page = await (await context.client()).events.list.query({ ...filterOf(options), limit: options.limit ?? 50 });
  if (options.cloudevents) {
    const { url } = await context.settings();
    return context.printJson(page.items.map((event) => cloudEventOf(event, url)));
  }
  if (context.json) return context.printJson(page);
  for (const event of page.items) context.print(eventLine(event));
}

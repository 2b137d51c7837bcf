/** Which events are meant: as a predicate, for those that are packed in blocks. `store.ts` asks the same of rows in SQL. */
import type { Event, eventFilter } from '@signalbox/proto/api';
import type { z } from 'zod';
import { fitsPattern } from '../../domain/triggers/match.ts';

export type EventFilter = z.output<z.ZodObject<typeof eventFilter>>;

/** Patterns of LIKE: any of `wanted` when there are some, none of `unwanted`. */
export function likePatterns(names: readonly string[] = []): { wanted: string[]; unwanted: string[] } {
  const likeOf = (pattern: string) => pattern.replace(/[\\%_]/g, '\\$&').replaceAll('*', '%');
  return {
    wanted: names.filter((name) => !name.startsWith('!')).map(likeOf),
    unwanted: names.filter((name) => name.startsWith('!')).map((name) => likeOf(name.slice(1))),
  };
}

/** Whether a name is one of those wanted, where some are, and none of those left out. Linear, whatever the pattern: one of many stars keeps nobody busy. */
export function fitsNames(names: readonly string[] = []): (name: string) => boolean {
  const wanted = names.filter((name) => !name.startsWith('!'));
  const unwanted = names.filter((name) => name.startsWith('!'));
  return (name) =>
    (wanted.length === 0 || wanted.some((pattern) => fitsPattern(pattern, name))) &&
    unwanted.every((pattern) => fitsPattern(pattern, name));
}

/** All but `from` and `to`, which are asked of whole blocks. */
export function matches({ names, resource, about, text }: EventFilter): (event: Event) => boolean {
  const fits = fitsNames(names);
  const part = text?.toLowerCase();
  return (event) =>
    fits(event.name) &&
    (resource === undefined || event.resource.id === resource) &&
    (about === undefined || event.resource.id === about || event.related.some(({ id }) => id === about)) &&
    (part === undefined || textOf(event).includes(part));
}

/** As Postgres writes jsonb as text: blanks behind colons and commas. */
export function textOf({ name, resource, related, payload }: Event): string {
  const parts = [resource, related, payload].map((part) =>
    JSON.stringify(part).replaceAll('":', '": ').replaceAll(',"', ', "').replaceAll(',{', ', {'),
  );
  return [name, ...parts].join(' ').toLowerCase();
}

import { createLoader, parseAsString, parseAsStringLiteral } from 'nuqs/server';
import { EVENT_RANGES, type EventRange, NO_EVENT_FILTER } from '../../../features/events/event-filter.ts';

/** `?name=run.*&about=dep_…&text=timeout&range=24h&from=…&to=…` */
export const eventSearchParams = {
  name: parseAsString.withDefault(''),
  about: parseAsString.withDefault(''),
  text: parseAsString.withDefault(''),
  range: parseAsStringLiteral(Object.keys(EVENT_RANGES) as EventRange[]).withDefault(NO_EVENT_FILTER.range),
  from: parseAsString.withDefault(''),
  to: parseAsString.withDefault(''),
};

export const loadEventFilter = createLoader(eventSearchParams);

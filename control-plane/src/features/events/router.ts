import { countEventsInput, emitEventsInput, findEventInput, listEventsInput, replayTriggerInput } from '@signalbox/proto/api';
import { command, query, sqlQuery } from '../../platform/command.ts';
import { replayTrigger } from './replay-trigger.ts';
import { countEvents, emitEvents, findEventById, listEvents } from './service.ts';

export const eventsRouter = {
  list: sqlQuery({ scope: 'events:read', input: listEventsInput, run: listEvents }),
  find: sqlQuery({ scope: 'events:read', input: findEventInput, run: findEventById }),
  count: sqlQuery({ scope: 'events:read', input: countEventsInput, run: countEvents }),
  replay: query({ scope: 'events:read', input: replayTriggerInput, run: replayTrigger }),
  emit: command({ scope: 'events:emit', action: 'event.emit', input: emitEventsInput, run: emitEvents }),
};

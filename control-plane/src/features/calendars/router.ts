import { calendarRefInput, createCalendarInput, updateCalendarInput } from '@signalbox/proto/api';
import { z } from 'zod';
import { command, query } from '../../platform/command.ts';
import { createCalendar, deleteCalendar, getCalendar, listCalendars, updateCalendar } from './service.ts';

export const calendarsRouter = {
  list: query({ scope: 'deployments:read', input: z.void(), run: listCalendars }),
  get: query({ scope: 'deployments:read', input: calendarRefInput, run: getCalendar }),
  create: command({ scope: 'deployments:operate', action: 'calendar.create', input: createCalendarInput, run: createCalendar }),
  update: command({ scope: 'deployments:operate', action: 'calendar.update', input: updateCalendarInput, run: updateCalendar }),
  delete: command({ scope: 'deployments:operate', action: 'calendar.delete', input: calendarRefInput, run: deleteCalendar }),
};

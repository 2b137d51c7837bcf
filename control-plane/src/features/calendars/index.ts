/** Named calendars that schedules go by. */
export { calendarsRouter } from './router.ts';
export { calendarIdOf } from './service.ts';
export { openCalendars } from './store.ts';

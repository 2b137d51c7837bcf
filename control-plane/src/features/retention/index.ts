/** How long things are kept: days of history made ahead and dropped, legal holds, and rows whose time is over swept. */
export { dropDays } from './drop-days.ts';
export { ensureDays } from './ensure-days.ts';
export { startRetention } from './loop.ts';
export { retentionRouter } from './router.ts';

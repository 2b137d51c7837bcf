/** How long things are kept: days of history made ahead, and rows whose time is over swept. */
export { ensureDays } from './ensure-days.ts';
export { startRetention } from './loop.ts';

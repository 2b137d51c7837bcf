/** What agents report: stored in order, once, many batches a transaction. */
export { openReports, type Reports, serveReports } from './handler.ts';

/** What agents report: stored in order, once, many batches a transaction. */
export { openReports, type ReportDeps, type Reports, serveReports } from './handler.ts';

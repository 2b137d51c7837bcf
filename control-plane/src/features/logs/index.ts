/** Logs of runs: what agents report, and reading it line by line. */
export { listLogs } from './list-logs.ts';
export { insertLogs, type LogRow } from './store.ts';

/** Who is there, which runs are whose, and what happens when nobody answers: hello, renew, bye, served time, reaper. */
export { openIdleRenewals, serveLeases } from './handler.ts';
export { startLeaseLoops } from './loops.ts';

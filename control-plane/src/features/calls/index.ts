/** What other rooms may use of calls. Not `serveCalls`: it knows the rooms that answer, and they know this file. */
export type { Caller, CallsCtx, OpOf } from './call.ts';
export { requireHolding } from './holding.ts';

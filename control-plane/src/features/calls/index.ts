/** What other rooms may use of calls. */
export type { Caller, CallsCtx, OpOf } from './call.ts';
export { requireHolding } from './holding.ts';
export { serveCalls } from './serve-calls.ts';

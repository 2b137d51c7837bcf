/** What other rooms may call of dispatch. */
export { type AfterCommit, type AfterCommitCtx, afterCommit, afterFreeing, isFreeing } from './after-commit.ts';
export type { ClaimFreed, GiveFreed } from './carry-out-claim.ts';
export { serveDispatch } from './handler.ts';
export { effectsOfMove } from './moves.ts';
export { startOfferLoops } from './offer-loop.ts';
export { resumeParents } from './resume-parents.ts';
export type { DispatchCtx, DispatchSettings } from './settings.ts';
export type { CarryOutClaim } from './standing-claims.ts';
export { effectsOfInsert, type InsertedRun, insertRuns, type NewRun, newRunIds } from './store/insert-runs.ts';
export { type LoadedRun, lockLiveRuns } from './store/load-runs.ts';
export { startSweepLoop } from './sweep-loop.ts';
export { type Decided, decideRuns, maySendTogether, sendDecided, transitionRun, transitionRuns, writeDecided } from './transition.ts';

/** What the handler of a call is given. */
import type { CallOp } from '@signalbox/proto/messages';
import type { DispatchCtx } from '../dispatch/index.ts';

export type CallsCtx = DispatchCtx;

/** Who asks: an agent, as the message server vouches for it, for a run it says it holds. See `requireHolding`. */
export type Caller = {
  readonly workspaceId: string;
  readonly agentId: string;
  readonly session: number;
  readonly runId: string;
  readonly epoch: number;
};

export type OpOf<Name extends CallOp['name']> = Extract<CallOp, { name: Name }>;

/** One handler an operation; a missing one does not compile. */
export type CallHandlers = {
  readonly [Name in CallOp['name']]: (ctx: CallsCtx, caller: Caller, op: OpOf<Name>) => Promise<unknown>;
};

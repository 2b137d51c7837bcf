/** What a source of blockers is asked, and what it answers. */
import type { RunStateType } from '@signalbox/proto';
import type { Blocker } from '@signalbox/proto/api';
import type { SqlCtx } from '../../../platform/services.ts';

/** A run that has not ended, as it stands. */
export type LiveRun = {
  readonly runId: string;
  readonly state: { readonly type: RunStateType; readonly name: string };
  /** Since when it is in this state. */
  readonly stateAt: Date;
  readonly dueAt: Date;
  readonly epoch: number;
  readonly deploymentId: string;
  readonly poolId: string | null;
  readonly queueId: string | null;
  /** The agent that has it; null while none does. */
  readonly agent: { readonly id: string; readonly name: string } | null;
  /** Postgres' clock. */
  readonly now: Date;
};

/** Reads, within the workspace, what keeps this run from going on; nothing when it knows of nothing. */
export type BlockerSource = (ctx: SqlCtx, run: LiveRun) => Promise<readonly Blocker[]>;

/** A blocker without runs in the way. */
export function blocker(kind: string, message: string, frees: string, since: Date | null = null): Blocker {
  return { kind, message, since: since?.toISOString() ?? null, holders: [], holderCount: 0, frees };
}

/** What is done to runs: the same verbs as by hand, each once by the id of the delivery. */
import type { Audited } from '../../../platform/audit.ts';
import type { CommandCtx } from '../../../platform/services.ts';
import { cancelRun, deleteRun, resumeRun, retryRun, setRunState, suspendRun } from '../../runs/index.ts';
import { type ActionOf, type Fired, type InsideKind, type Reference, runTarget } from './action-kind.ts';

type Moves = ActionOf<'cancel-run' | 'suspend-run' | 'resume-run' | 'retry-run' | 'set-run-state' | 'delete-run'>;
type Verb<A> = (ctx: CommandCtx, at: { run: `run_${string}`; transitionId: string }, action: A) => Promise<Audited<unknown>>;

function ofRun<A extends Moves>(scope: InsideKind<A>['scope'], done: string, verb: Verb<A>): InsideKind<A> {
  return {
    scope,
    audit: `run.${scope.slice('runs:'.length)}`,
    references: ({ run }): Reference[] => (run === undefined ? [] : [{ field: 'run', kind: 'run', ref: run }]),
    async inside(ctx, action, fired: Fired) {
      const run = runTarget(action, fired);
      const { facts } = await verb(ctx, { run, transitionId: fired.deliveryUuid }, action);
      return { outcome: { message: `${done} ${run}`, target: { kind: 'run', id: run } }, facts };
    },
  };
}

export const cancelRunKind = ofRun<ActionOf<'cancel-run'>>('runs:cancel', 'Canceled', cancelRun);
export const resumeRunKind = ofRun<ActionOf<'resume-run'>>('runs:operate', 'Resumed', (ctx, at) => resumeRun(ctx, { ...at, input: {} }));
export const suspendRunKind = ofRun<ActionOf<'suspend-run'>>('runs:operate', 'Suspended', (ctx, at, { reason }) =>
  suspendRun(ctx, { ...at, ...(reason ? { message: reason } : {}) }),
);
export const retryRunKind = ofRun<ActionOf<'retry-run'>>('runs:retry', 'Retried', (ctx, at, { mode }) => retryRun(ctx, { ...at, mode }));
export const setRunStateKind = ofRun<ActionOf<'set-run-state'>>('runs:set-state', 'Set the state of', (ctx, at, { state, name, reason }) =>
  setRunState(ctx, { ...at, type: state, reason, ...(name ? { name } : {}) }),
);
export const deleteRunKind = ofRun<ActionOf<'delete-run'>>('runs:delete', 'Deleted', deleteRun);

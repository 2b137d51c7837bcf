/** What all moves by a person share: ask the run machine, tell the loser of a race, say what follows the commit. */
import { toUuid } from '@signalbox/proto';
import type { RunSummary } from '@signalbox/proto/api';
import type { Intent } from '../../domain/run-snapshot.ts';
import { actorName as nameOf } from '../../platform/actor.ts';
import { type Audited, audited } from '../../platform/audit.ts';
import { conflict } from '../../platform/errors.ts';
import type { CommandCtx } from '../../platform/services.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import { afterCommit, transitionRun } from '../dispatch/index.ts';
import { readSummary } from './read-summaries.ts';

/** Which run, and the name the requester gave this move. */
export type Moved = { readonly run: string; readonly transitionId?: string | undefined };

type Options = {
  /** In the same transaction, once the machine has accepted. */
  readonly onAccept?: () => Promise<void>;
  /** That it is so already is a conflict too. Default: it is answered as it is. */
  readonly mustMove?: boolean;
};

/** @throws NOT_FOUND, or CONFLICT with the machine's reason when the run is in a state that does not allow it. */
export async function moveRun(ctx: CommandCtx, moved: Moved, intent: Intent, options: Options = {}): Promise<Audited<RunSummary>> {
  const repeated = await wasMoved(ctx, moved);
  if (repeated) return repeated;
  const { run, transitionId } = moved;
  const runId = toUuid('run', run);
  const before = await readSummary(ctx, runId);
  const { verdict, effects } = await transitionRun(sqlOfTx(ctx.tx), { runId, intent, transitionId });
  // Already so: asked for twice, answered as it is.
  if (verdict.kind === 'reject' && (verdict.code !== 'already' || options.mustMove)) throw conflict(`${run}: ${verdict.reason}.`, { run });
  if (verdict.kind === 'wait') throw conflict(`${run} cannot do this before ${verdict.until.toISOString()}.`, { run });
  if (verdict.kind === 'accept') await options.onAccept?.();
  ctx.afterCommit(() => afterCommit(ctx, effects));
  const after = await readSummary(ctx, runId);
  return audited(after, { target: { kind: 'run', id: runId }, before: before.state, after: after.state });
}

/** The run as it stands, when its history has a move of this id: nothing is done twice. */
export async function wasMoved(ctx: CommandCtx, { run, transitionId }: Moved): Promise<Audited<RunSummary> | null> {
  if (transitionId === undefined) return null;
  const runId = toUuid('run', run);
  // Primary key within the id's day.
  const rows = await sqlOfTx(ctx.tx).query(
    `SELECT 1 FROM run r LEFT JOIN run_dispatch d ON d.run_id = r.id
     WHERE r.id = $1::uuid AND r.workspace_id = $2::uuid AND coalesce(d.states, r.states) @> $3::jsonb`,
    [runId, ctx.workspace.id, JSON.stringify([{ transitionId }])],
  );
  if (rows.length === 0) return null;
  const state = await readSummary(ctx, runId);
  return audited(state, { target: { kind: 'run', id: runId }, before: state.state, after: { repeated: true, transitionId } });
}

/** How the actor is named in a run's history. */
export function actorName(ctx: CommandCtx): string {
  return nameOf(ctx.actor);
}

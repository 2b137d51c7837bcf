/** What cancel and retry share: ask the run machine, tell the loser of a race, say what follows the commit. */
import { toUuid } from '@signalbox/proto';
import type { RunSummary } from '@signalbox/proto/api';
import type { Intent } from '../../domain/run-snapshot.ts';
import { type Audited, audited } from '../../platform/audit.ts';
import { conflict } from '../../platform/errors.ts';
import type { CommandCtx } from '../../platform/services.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import { afterCommit, transitionRun } from '../dispatch/index.ts';
import { readSummary } from './read-summaries.ts';

/** @throws NOT_FOUND, or CONFLICT with the machine's reason when the run is in a state that does not allow it. */
export async function moveRun(ctx: CommandCtx, run: string, intent: Intent): Promise<Audited<RunSummary>> {
  const runId = toUuid('run', run);
  const before = await readSummary(ctx, runId);
  const { verdict, effects } = await transitionRun(sqlOfTx(ctx.tx), { runId, intent });
  // Already so: asked for twice, answered as it is.
  if (verdict.kind === 'reject' && verdict.code !== 'already') throw conflict(`${run}: ${verdict.reason}.`, { run });
  if (verdict.kind === 'wait') throw conflict(`${run} cannot do this before ${verdict.until.toISOString()}.`, { run });
  ctx.afterCommit(() => afterCommit(ctx, effects));
  const after = await readSummary(ctx, runId);
  return audited(after, { target: { kind: 'run', id: runId }, before: before.state, after: after.state });
}

/** How the actor is named in a run's history. */
export function actorName(ctx: CommandCtx): string {
  return ctx.actor.kind === 'user' ? ctx.actor.email : `API key "${ctx.actor.name}"`;
}

/** Reads what else is known of a run whose state already tells what it waits for: its deadline, its agent, what was set. */
import type { RunPause } from '@signalbox/proto/api';
import type { RunPolicy } from '../../../domain/run-snapshot.ts';
import type { SqlCtx } from '../../../platform/services.ts';
import { showPause } from '../../pauses/index.ts';
import type { LiveRun } from './blocker-source.ts';

export type StateFacts = {
  readonly run: LiveRun;
  /** What was said when it entered its state. */
  readonly said: string | null;
  /** When its state ends by itself, on the wall clock; null: by its agent's lease alone. */
  readonly deadlineAt: Date | null;
  /** Its agent's lease lives. */
  readonly isAgentOnline: boolean;
  /** Between TERM and KILL. */
  readonly graceMs: number;
  readonly onLostAgent: RunPolicy['onLostAgent'];
  readonly pause: RunPause | null;
};

type Row = Omit<StateFacts, 'run' | 'pause'>;

const DEFAULT_GRACE_MS = 30_000;

// Primary keys. Deadlines are kept in served time; people read the wall clock.
const FACTS = `
  SELECT d.state_message AS said, now() + (CASE WHEN d.agent_id IS NULL THEN d.expires_at ELSE d.deadline_at END - served_now()) AS "deadlineAt",
         coalesce(a.lease_until > served_now(), false) AS "isAgentOnline",
         coalesce((v.config ->> 'graceMs')::float8, ${DEFAULT_GRACE_MS}) AS "graceMs", coalesce(v.config ->> 'onLostAgent', 'crash') AS "onLostAgent"
    FROM run_dispatch d JOIN deployment_version v ON v.id = d.version_id LEFT JOIN agent a ON a.id = d.agent_id
   WHERE d.run_id = $1::uuid AND d.workspace_id = $2::uuid`;

/** Null: it has ended meanwhile. */
export async function readStateFacts(ctx: SqlCtx, run: LiveRun): Promise<StateFacts | null> {
  const [row] = await ctx.sql.query<Row>(FACTS, [run.runId, ctx.workspace.id], 'state-facts');
  if (!row) return null;
  const pause = run.state.type === 'PAUSED' ? await showPause(ctx.sql, ctx.workspace.id, run.runId) : null;
  return { run, ...row, pause };
}

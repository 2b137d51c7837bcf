/** One run with all that its page shows but task runs, logs and artifacts. */
import { type Envelope, type RunFailure, type RunState, toId, toUuid } from '@signalbox/proto';
import type { RunDetail } from '@signalbox/proto/api';
import { notFound } from '../../platform/errors.ts';
import type { SqlCtx } from '../../platform/services.ts';
import { showPause } from '../pauses/index.ts';
import { blockersOf, type LiveRow, liveRunOf } from './explain/explain-run.ts';
import { readAttempts, showAttempts } from './read-attempts.ts';
import { readChildren, readParent } from './read-lineage.ts';
import { joinOne, SUMMARY_COLUMNS, SUMMARY_JOINS, type SummaryRow, showSummary } from './read-summaries.ts';

type Row = SummaryRow &
  LiveRow & {
    is_live: boolean;
    /** It may wait for an answer. */
    may_ask: boolean;
    parameters: Envelope;
    variables: Record<string, unknown> | null;
    result: Envelope | null;
    failure: RunFailure | null;
    digest: string | null;
    pool_id: string | null;
    pool_name: string | null;
    queue_name: string | null;
    states: RunState[] | null;
    parent_run_id: string | null;
    parent_step: string | null;
  };

const CHILDREN_SHOWN = 50;

/** In as few turns as one part needs what another says. */
export async function getRun(ctx: SqlCtx, input: { run: string }): Promise<RunDetail> {
  const runId = toUuid('run', input.run);
  const [[row], children, attempts] = await Promise.all([
    ctx.sql.query<Row>(DETAIL, [runId, ctx.workspace.id], 'get-run'),
    readChildren(ctx, runId, null, CHILDREN_SHOWN),
    readAttempts(ctx.sql, runId),
  ]);
  if (!row) throw notFound('run', input.run);
  const [parent, blockers, pause] = await Promise.all([
    row.parent_run_id ? readParent(ctx, row.parent_run_id, row.parent_step ?? '') : null,
    row.is_live ? blockersOf(ctx, liveRunOf(runId, row)) : [],
    row.may_ask ? showPause(ctx.sql, ctx.workspace.id, runId) : null,
  ]);
  return {
    ...showSummary(row),
    parameters: row.parameters,
    variables: row.variables,
    result: row.result,
    failure: row.failure,
    digest: row.digest ?? '(deleted)',
    pool: row.pool_id && row.pool_name ? { id: toId('workPool', row.pool_id), name: row.pool_name } : null,
    queue: row.queue_name,
    agent: row.agent_id && row.agent_name ? { id: toId('agent', row.agent_id), name: row.agent_name } : null,
    states: row.states ?? [],
    attempts: showAttempts(attempts, row.states ?? []),
    parent,
    children: children.items,
    childrenCursor: children.nextCursor,
    waitingFor: blockers.map(({ message }) => message),
    pause,
  };
}

/** As its live row says, or its record. CASE: row-level security lets no coalesce() come before it, nor so use an index. */
const nowOf = (column: string) => `CASE WHEN d.${column} IS NULL THEN r.${column} ELSE d.${column} END`;

const DETAIL = `
  SELECT ${SUMMARY_COLUMNS}, r.parameters, r.variables, r.result, r.failure, v.digest,
         d.run_id IS NOT NULL AS is_live, d.epoch, d.pool_id AS live_pool_id, d.queue_id AS live_queue_id, now() AS now,
         coalesce(d.state_type = 'PAUSED' OR d.wanted IS NOT NULL, false) AS may_ask,
         r.parent_run_id, r.parent_step,
         p.id AS pool_id, p.name AS pool_name, q.name AS queue_name, a.id AS agent_id, a.name AS agent_name,
         coalesce(d.states, r.states) AS states
    FROM run r ${SUMMARY_JOINS}
    ${joinOne('deployment_version', 'v', 'r.version_id')}
    ${joinOne('work_pool', 'p', nowOf('pool_id'))}
    ${joinOne('work_queue', 'q', nowOf('queue_id'))}
    ${joinOne('agent', 'a', 'd.agent_id')}
   WHERE r.id = $1::uuid AND r.workspace_id = $2::uuid`;

/** One run with all that its page shows but task runs, logs and artifacts. */
import { type Envelope, type RunFailure, type RunState, toId, toUuid } from '@signalbox/proto';
import type { RunDetail } from '@signalbox/proto/api';
import { notFound } from '../../platform/errors.ts';
import type { SqlCtx } from '../../platform/services.ts';
import { joinOne, type Sql } from '../../platform/sql.ts';
import { showPause } from '../pauses/index.ts';
import { blockersOf, type LiveRow, liveRunOf } from './explain/explain-run.ts';
import { type AttemptRow, readAttempts, showAttempts } from './read-attempts.ts';
import { hasChildren, readChildren, readParent } from './read-lineage.ts';
import { SUMMARY_COLUMNS, SUMMARY_JOINS, type SummaryRow, showSummary } from './read-summaries.ts';

type Row = SummaryRow &
  Omit<LiveRow, 'agent_name'> & {
    is_live: boolean;
    /** It may wait for an answer. */
    may_ask: boolean;
    /** When the agent that holds it claimed it; null: none does. */
    held_since: Date | null;
    granted_at: Date | null;
    held_started_at: Date | null;
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

/** In as few turns as one part needs what another says. Most are read when they are over: what only a live one has is asked for apart. */
export async function getRun(ctx: SqlCtx, input: { run: string }): Promise<RunDetail> {
  const runId = toUuid('run', input.run);
  // Attempts after the live row: one that ends in between is in both, and none is in neither.
  const [[row], attempts, isParent] = await Promise.all([
    ctx.sql.query<Row>(DETAIL, [runId, ctx.workspace.id], 'get-run'),
    readAttempts(ctx.sql, runId),
    hasChildren(ctx, runId),
  ]);
  if (!row) throw notFound('run', input.run);
  const agent = row.agent_id ? await nameOfAgent(ctx.sql, row.agent_id) : null;
  const [children, parent, blockers, pause] = await Promise.all([
    isParent ? readChildren(ctx, runId, null, CHILDREN_SHOWN) : { items: [], nextCursor: null },
    row.parent_run_id ? readParent(ctx, row.parent_run_id, row.parent_step ?? '') : null,
    row.is_live ? blockersOf(ctx, liveRunOf(runId, { ...row, agent_name: agent })) : [],
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
    agent: row.agent_id && agent ? { id: toId('agent', row.agent_id), name: agent } : null,
    states: row.states ?? [],
    attempts: showAttempts(withHeld(attempts, row, agent), row.states ?? []),
    parent,
    children: children.items,
    childrenCursor: children.nextCursor,
    waitingFor: blockers.map(({ message }) => message),
    pause,
  };
}

/** With the attempt that an agent holds now, unless that has ended since. */
function withHeld(over: readonly AttemptRow[], row: Row, agent_name: string | null): readonly AttemptRow[] {
  const { held_since, granted_at, held_started_at: started_at, agent_id } = row;
  if (!held_since || over.some(({ epoch }) => Number(epoch) === Number(row.epoch))) return over;
  const attempt = { epoch: row.epoch, attempt: row.attempt ?? 1, agent_id, agent_name, claimed_at: held_since, granted_at, started_at };
  return [...over, { ...attempt, ended_at: null, state_name: null, message: null }];
}

/** Null when it was deleted with its pool. */
async function nameOfAgent(sql: Sql, agentId: string): Promise<string | null> {
  const [agent] = await sql.query<{ name: string }>('SELECT name FROM agent WHERE id = $1::uuid', [agentId], 'name-of-agent');
  return agent?.name ?? null;
}

/** As its live row says, or its record. CASE: row-level security lets no coalesce() come before it, nor so use an index. */
const nowOf = (column: string) => `CASE WHEN d.${column} IS NULL THEN r.${column} ELSE d.${column} END`;

const DETAIL = `
  SELECT ${SUMMARY_COLUMNS}, r.parameters, r.variables, r.result, r.failure, v.digest,
         d.run_id IS NOT NULL AS is_live, d.epoch, CASE WHEN d.agent_id IS NOT NULL THEN d.claimed_at END AS held_since, d.granted_at,
         d.started_at AS held_started_at, d.pool_id AS live_pool_id, d.queue_id AS live_queue_id, now() AS now,
         coalesce(d.state_type = 'PAUSED' OR d.wanted IS NOT NULL, false) AS may_ask,
         r.parent_run_id, r.parent_step,
         p.id AS pool_id, p.name AS pool_name, q.name AS queue_name, d.agent_id,
         coalesce(d.states, r.states) AS states
    FROM run r ${SUMMARY_JOINS}
    ${joinOne('deployment_version', 'v', 'r.version_id')}
    ${joinOne('work_pool', 'p', nowOf('pool_id'))}
    ${joinOne('work_queue', 'q', nowOf('queue_id'))}
   WHERE r.id = $1::uuid AND r.workspace_id = $2::uuid`;

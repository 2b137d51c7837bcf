/** One run with all that its page shows but task runs, logs and artifacts. */
import { type Envelope, type RunFailure, type RunState, toId, toUuid } from '@signalbox/proto';
import type { RunDetail } from '@signalbox/proto/api';
import { notFound } from '../../platform/errors.ts';
import type { Ctx } from '../../platform/services.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import { showPause } from '../pauses/index.ts';
import { waitingFor } from './explain/explain-run.ts';
import { readAttempts } from './read-attempts.ts';
import { readChildren, readParent } from './read-lineage.ts';
import { SUMMARY_COLUMNS, SUMMARY_JOINS, type SummaryRow, showSummary } from './read-summaries.ts';

type Row = SummaryRow & {
  retention_class: string;
  parameters: Envelope;
  variables: Record<string, unknown> | null;
  result: Envelope | null;
  failure: RunFailure | null;
  digest: string | null;
  pool_id: string | null;
  pool_name: string | null;
  queue_name: string | null;
  agent_id: string | null;
  agent_name: string | null;
  states: RunState[] | null;
  live: boolean;
  parent_run_id: string | null;
  parent_step: string | null;
};

const CHILDREN_SHOWN = 50;

export async function getRun(ctx: Ctx, input: { run: string }): Promise<RunDetail> {
  const runId = toUuid('run', input.run);
  const [row] = await sqlOfTx(ctx.tx).query<Row>(DETAIL, [runId, ctx.workspace.id]);
  if (!row) throw notFound('run', input.run);
  const children = await readChildren(ctx, runId, null, CHILDREN_SHOWN);
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
    attempts: await readAttempts(ctx, row.retention_class, runId, row.states ?? []),
    parent: row.parent_run_id ? await readParent(ctx, row.parent_run_id, row.parent_step ?? '') : null,
    children: children.items,
    childrenCursor: children.nextCursor,
    waitingFor: row.live ? await waitingFor(ctx, runId) : [],
    pause: row.live ? await showPause(sqlOfTx(ctx.tx), ctx.workspace.id, runId) : null,
  };
}

const DETAIL = `
  SELECT ${SUMMARY_COLUMNS}, r.retention_class, r.parameters, r.variables, r.result, r.failure, v.digest, d.run_id IS NOT NULL AS live,
         r.parent_run_id, r.parent_step,
         p.id AS pool_id, p.name AS pool_name, q.name AS queue_name, a.id AS agent_id, a.name AS agent_name,
         coalesce(d.states, r.states) AS states
    FROM run r ${SUMMARY_JOINS}
    LEFT JOIN deployment_version v ON v.id = r.version_id
    LEFT JOIN work_pool p ON p.id = coalesce(d.pool_id, r.pool_id)
    LEFT JOIN work_queue q ON q.id = coalesce(d.queue_id, r.queue_id)
    LEFT JOIN agent a ON a.id = d.agent_id
   WHERE r.id = $1::uuid AND r.workspace_id = $2::uuid`;

/** Reads everybody that a run waits for, and whom those wait for, as far as it goes. */
import type { BlockingRun } from '@signalbox/proto/api';
import type { SqlCtx } from '../../../platform/services.ts';
import { readFullPool } from './child-facts.ts';
import type { Family, Waits } from './deadlock.ts';
import { showBlockingRun } from './dispatch-facts.ts';

/** Runs that are followed; more than that, and nothing is said. */
const MOST = 500;

type Row = {
  run_id: string;
  name: string;
  flow: string | null;
  deployment: string | null;
  agent: string | null;
  since: Date;
  state_type: string;
  state_name: string;
  is_due: boolean;
  is_resuming: boolean;
  pool_id: string | null;
};

/**
 * Null when nobody waits, or too many do. A parent waits for its children (any of them ends its wait); one in the line of a
 * named limit for its holders; a scheduled child of a full pool for whoever has a process there.
 */
export async function readFamily(ctx: SqlCtx, runId: string): Promise<Family | null> {
  const runs = new Map<string, { run: BlockingRun; waits: Waits | null }>();
  let next = [runId];
  while (next.length > 0) {
    if (runs.size + next.length > MOST) return null;
    const rows = await ctx.sql.query<Row>(RUNS, [next, ctx.workspace.id], 'family');
    const found: string[] = [];
    for (const row of rows) {
      const waits = await waitsOf(ctx, row);
      runs.set(row.run_id, { run: showBlockingRun(row), waits });
      // Somebody can go on: then so, in time, can all that wait for it.
      if (!waits) return null;
      found.push(...waits.for);
    }
    next = [...new Set(found)].filter((id) => !runs.has(id));
  }
  return runs;
}

async function waitsOf(ctx: SqlCtx, row: Row): Promise<Waits | null> {
  const { sql } = ctx;
  if (row.state_name === 'AwaitingChild') {
    if (row.is_resuming) return null;
    const children = await sql.query<{ id: string }>(
      `SELECT run_id AS id FROM run_dispatch WHERE parent_run_id = $1::uuid AND workspace_id = $2::uuid ORDER BY run_id LIMIT ${MOST}`,
      [row.run_id, ctx.workspace.id],
      'family-children',
    );
    return children.length === 0 ? null : { kind: 'child', for: children.map(({ id }) => id) };
  }
  if (row.state_type === 'RUNNING') {
    const holders = await sql.query<{ id: string; name: string }>(
      `SELECT DISTINCT h.run_id AS id, n.name FROM limit_waiter w JOIN named_limit n ON n.id = w.limit_id JOIN limit_holder h ON h.limit_id = w.limit_id
       WHERE w.run_id = $1::uuid AND w.workspace_id = $2::uuid LIMIT ${MOST}`,
      [row.run_id, ctx.workspace.id],
      'family-limit',
    );
    const [first] = holders;
    return first ? { kind: 'limit', name: first.name, for: [...new Set(holders.map(({ id }) => id))] } : null;
  }
  if (row.state_type !== 'SCHEDULED' || !row.is_due || row.pool_id === null) return null;
  const full = await readFullPool(ctx, row.pool_id);
  if (!full) return null;
  const held = await sql.query<{ id: string }>(
    `SELECT d.run_id AS id FROM agent a JOIN run_dispatch d ON d.agent_id = a.id
     WHERE a.pool_id = $1::uuid AND a.workspace_id = $2::uuid AND a.lease_until > served_now() ORDER BY d.run_id LIMIT ${MOST}`,
    [row.pool_id, ctx.workspace.id],
    'family-processes',
  );
  return { kind: 'process', name: full.pool, for: held.map(({ id }) => id) };
}

const RUNS = `
  SELECT d.run_id, r.name, f.name AS flow, dep.name AS deployment, a.name AS agent, d.state_at AS since, d.state_type, d.state_name,
         d.due_at <= now() AS is_due, d.resume_since IS NOT NULL AS is_resuming, d.pool_id
    FROM run_dispatch d JOIN run r ON r.retention_class = d.retention_class AND r.id = d.run_id
    LEFT JOIN deployment dep ON dep.id = d.deployment_id LEFT JOIN flow f ON f.id = dep.flow_id LEFT JOIN agent a ON a.id = d.agent_id
   WHERE d.run_id = ANY ($1::uuid[]) AND d.workspace_id = $2::uuid ORDER BY d.run_id`;

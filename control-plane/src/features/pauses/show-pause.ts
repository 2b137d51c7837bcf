/** What a run's page says of the question it waits on. */
import type { RunPause } from '@signalbox/proto/api';
import type { Sql } from '../../platform/sql.ts';
import { findOpenPause } from './store.ts';

/** Null while it waits for nobody. Instants are on the wall clock; the deadline itself is kept in served time. */
export async function showPause(sql: Sql, workspaceId: string, runId: string): Promise<RunPause | null> {
  const [run] = await sql.query<{ retentionClass: string; paused: boolean; wanted: { key: string } | null; expiresAt: Date }>(
    `SELECT retention_class AS "retentionClass", state_type = 'PAUSED' AS paused, wanted,
       now() + (CASE WHEN agent_id IS NULL THEN expires_at ELSE deadline_at END - served_now()) AS "expiresAt"
     FROM run_dispatch WHERE run_id = $1::uuid AND workspace_id = $2::uuid AND (state_type = 'PAUSED' OR wanted IS NOT NULL)`,
    [runId, workspaceId],
    'pause-of-run',
  );
  if (!run) return null;
  const row = await findOpenPause(sql, { retentionClass: run.retentionClass, runId }, run.wanted?.key);
  if (!row) return null;
  const { key, how, message, inputSchema, askedBy, askedAt, approvers } = row;
  const inEffect = run.paused && run.wanted === null;
  return {
    key,
    how,
    message,
    inputSchema,
    askedBy,
    askedAt: askedAt.toISOString(),
    expiresAt: inEffect ? run.expiresAt.toISOString() : null,
    inEffect,
    approvers,
  };
}

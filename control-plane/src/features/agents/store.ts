/** Queries of agents. Whether one is online is asked of its lease in served time, as dispatch does. */
import { toId } from '@signalbox/proto';
import type { AGENT_STATUS, Agent } from '@signalbox/proto/api';
import type { Tx } from '../../platform/db.ts';
import { sqlOfTx } from '../../platform/sql.ts';

type Row = {
  id: string;
  name: string;
  pool_id: string;
  pool_name: string;
  status: (typeof AGENT_STATUS)[number];
  version: string | null;
  host: Record<string, unknown> | null;
  slots: number | null;
  held: number;
  warm: number | null;
  spool_bytes: bigint | null;
  clock_offset_ms: bigint | null;
  last_seen_at: Date | null;
  created_at: Date;
  enrolled_via: 'join-code' | 'api-key' | null;
  enrolled_by: string | null;
  enrolled_from: string | null;
};

/** Status of the agent `a`; served time is read once a statement. */
export const AGENT_STATUS_OF_A = `CASE WHEN a.revoked_at IS NOT NULL THEN 'revoked'
                 WHEN a.quarantined_at IS NOT NULL THEN 'quarantined'
                 WHEN coalesce(a.lease_until <= (SELECT served_now()), true) THEN 'offline'
                 WHEN a.drain OR a.draining THEN 'draining'
                 ELSE 'online' END`;

/** Agents of a workspace (of one pool, or one alone), newest first, by keyset on id. */
export async function readAgents(
  tx: Tx,
  page: { workspaceId: string; onlyId: string | null; poolId: string | null; before: string | null; limit: number },
): Promise<{ id: string; agent: Agent }[]> {
  const rows = await sqlOfTx(tx).query<Row>(
    `SELECT a.id, a.name, a.pool_id, p.name AS pool_name, a.version, a.host, a.slots, a.warm, a.spool_bytes, a.clock_offset_ms,
            a.last_seen_at, a.created_at, a.enrolled_via, a.enrolled_by, a.enrolled_from,
            ${AGENT_STATUS_OF_A} AS status,
            (SELECT count(*)::int FROM holder h WHERE h.pool_id = a.pool_id AND h.agent_id = a.id) AS held
       FROM agent a JOIN work_pool p ON p.id = a.pool_id
      WHERE a.workspace_id = $1::uuid AND ($2::uuid IS NULL OR a.id = $2::uuid) AND ($3::uuid IS NULL OR a.pool_id = $3::uuid)
        AND ($4::uuid IS NULL OR a.id < $4::uuid)
      ORDER BY a.id DESC LIMIT $5`,
    [page.workspaceId, page.onlyId, page.poolId, page.before, page.limit],
  );
  return rows.map((row) => ({ id: row.id, agent: show(row) }));
}

function show(row: Row): Agent {
  return {
    id: toId('agent', row.id),
    name: row.name,
    pool: { id: toId('workPool', row.pool_id), name: row.pool_name },
    status: row.status,
    version: row.version,
    host: row.host,
    slots: row.slots,
    held: row.held,
    warm: row.warm,
    spoolBytes: row.spool_bytes === null ? null : Number(row.spool_bytes),
    clockOffsetMs: row.clock_offset_ms === null ? null : Number(row.clock_offset_ms),
    lastSeenAt: row.last_seen_at?.toISOString() ?? null,
    enrolled: row.enrolled_via === null ? null : { via: row.enrolled_via, by: row.enrolled_by, from: row.enrolled_from },
    createdAt: row.created_at.toISOString(),
  };
}

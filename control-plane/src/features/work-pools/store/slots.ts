/** Who holds slots: the rows that the gate counts, with names. */
import { toId, toUuid } from '@signalbox/proto';
import type { SlotHolder } from '@signalbox/proto/api';
import type { Tx } from '../../../platform/db.ts';
import { invalidInput } from '../../../platform/errors.ts';
import type { Page } from '../../../platform/pagination.ts';
import { sqlOfTx } from '../../../platform/sql.ts';

type Row = {
  run_id: string;
  run_name: string;
  state_name: string;
  deployment_id: string;
  deployment_name: string | null;
  flow_name: string | null;
  queue_name: string | null;
  agent_id: string;
  agent_name: string | null;
  taken_at: Date;
};

const DELETED = '(deleted)';

/**
 * Longest held first, by keyset on (taken_at, run_id). Index: holder_pool; the slots of one pool are sorted, and their
 * number is bounded by what its agents can run.
 */
export async function listSlotHolders(
  tx: Tx,
  of: { workspaceId: string; poolId: string; queueId: string | null; agentId: string | null },
  page: { cursor?: string | undefined; limit: number },
): Promise<Page<SlotHolder>> {
  const [after, runId] = readCursor(page.cursor);
  const rows = await sqlOfTx(tx).query<Row>(
    `SELECT h.run_id, r.name AS run_name, d.state_name, h.deployment_id, dep.name AS deployment_name, f.name AS flow_name,
            q.name AS queue_name, h.agent_id, a.name AS agent_name, h.taken_at
       FROM (SELECT * FROM holder
              WHERE workspace_id = $1::uuid AND pool_id = $2::uuid AND ($3::uuid IS NULL OR queue_id = $3::uuid) AND ($7::uuid IS NULL OR agent_id = $7::uuid)
                AND ($4::timestamptz IS NULL OR (date_trunc('milliseconds', taken_at), run_id) > ($4::timestamptz, $5::uuid))
              ORDER BY date_trunc('milliseconds', taken_at), run_id LIMIT $6::int) h
       JOIN run_dispatch d ON d.run_id = h.run_id
       JOIN run r ON r.retention_class = d.retention_class AND r.id = d.run_id
       LEFT JOIN deployment dep ON dep.id = h.deployment_id
       LEFT JOIN flow f ON f.id = dep.flow_id
       LEFT JOIN work_queue q ON q.id = h.queue_id
       LEFT JOIN agent a ON a.id = h.agent_id
      ORDER BY date_trunc('milliseconds', h.taken_at), h.run_id`,
    [of.workspaceId, of.poolId, of.queueId, after, runId, page.limit + 1, of.agentId],
  );
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  return {
    items: shown.map(show),
    nextCursor: rows.length > page.limit && last ? `${last.taken_at.getTime()}.${toId('run', last.run_id)}` : null,
  };
}

function show(row: Row): SlotHolder {
  return {
    run: { id: toId('run', row.run_id), name: row.run_name, state: row.state_name },
    deployment: {
      id: toId('deployment', row.deployment_id),
      flow: row.flow_name ?? DELETED,
      name: row.deployment_name ?? DELETED,
    },
    queue: row.queue_name,
    agent: row.agent_name === null ? null : { id: toId('agent', row.agent_id), name: row.agent_name },
    since: row.taken_at.toISOString(),
  };
}

function readCursor(cursor: string | undefined): [Date | null, string | null] {
  if (cursor === undefined) return [null, null];
  const [, ms, run] = /^(\d{1,15})\.(run_[0-9a-hjkmnp-tv-z]{26})$/.exec(cursor) ?? [];
  if (!ms || !run) throw invalidInput([{ field: 'cursor', expected: 'the nextCursor of the page before', received: cursor.slice(0, 80) }]);
  return [new Date(Number(ms)), toUuid('run', run)];
}

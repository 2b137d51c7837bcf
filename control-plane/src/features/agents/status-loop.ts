/**
 * Tells each change of the status of agents and pools as an event: `agent.offline`, `work-pool.ready`. A status is derived from leases
 * in served time, pauses and drains, so it is compared with what was told last. A status that was over between two looks is not told.
 */
import { randomUUID } from 'node:crypto';
import { toId } from '@signalbox/proto';
import type { AGENT_STATUS } from '@signalbox/proto/api';
import type { Db } from '../../platform/db.ts';
import { type Loop, type LoopLog, startLoop } from '../../platform/loop.ts';
import type { ShardLeases } from '../../platform/shards.ts';
import type { Sql } from '../../platform/sql.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { type AppendedEvent, appendEvents } from '../events/index.ts';
import { POOL_STATUS_OF_P } from '../work-pools/index.ts';
import { AGENT_STATUS_OF_A } from './store.ts';

const EVERY_MS = 1_000;
/** Most agents, and most pools, of one transaction. */
const AT_ONCE = 500;

type Status = { agent: (typeof AGENT_STATUS)[number]; 'work-pool': 'ready' | 'not-ready' | 'paused' };
type Changed<K extends keyof Status = keyof Status> = {
  readonly id: string;
  readonly workspaceId: string;
  readonly name: string;
  readonly was: string;
  readonly status: Status[K];
};

/** Under the rows' locks, those of others left for the next look: each edge is told once, however many replicas look. Answers how many. */
export async function tellStatuses(db: Pick<Db, 'systemSql'>): Promise<number> {
  return inTransaction(db.systemSql, async (sql) => {
    const agents = await changedAgents(sql);
    const pools = await changedPools(sql);
    const events = [
      ...agents.map((agent) =>
        eventOf(`agent.${agent.status}`, toId('agent', agent.id), agent, [
          { role: 'work-pool', id: toId('workPool', agent.poolId), name: agent.poolName },
        ]),
      ),
      ...pools.map((pool) => eventOf(`work-pool.${pool.status}`, toId('workPool', pool.id), pool, [])),
    ];
    await appendEvents(sql, events);
    return events.length;
  });
}

function changedAgents(sql: Sql): Promise<(Changed<'agent'> & { readonly poolId: string; readonly poolName: string })[]> {
  return sql.query(
    `WITH found AS (
       SELECT a.id, a.told_status AS was, ${AGENT_STATUS_OF_A} AS status FROM agent a
        WHERE (a.revoked_at IS NULL OR a.told_status <> 'revoked') AND a.told_status <> ${AGENT_STATUS_OF_A}
        ORDER BY a.id LIMIT ${AT_ONCE} FOR NO KEY UPDATE SKIP LOCKED)
     UPDATE agent a SET told_status = found.status FROM found, work_pool p WHERE a.id = found.id AND p.id = a.pool_id
     RETURNING a.id, a.workspace_id AS "workspaceId", a.name, found.was, found.status, p.id AS "poolId", p.name AS "poolName"`,
  );
}

function changedPools(sql: Sql): Promise<Changed<'work-pool'>[]> {
  return sql.query(
    `WITH found AS (
       SELECT p.id, p.told_status AS was, ${POOL_STATUS_OF_P} AS status FROM work_pool p
        WHERE p.told_status <> ${POOL_STATUS_OF_P} ORDER BY p.id LIMIT ${AT_ONCE} FOR NO KEY UPDATE SKIP LOCKED)
     UPDATE work_pool p SET told_status = found.status FROM found WHERE p.id = found.id
     RETURNING p.id, p.workspace_id AS "workspaceId", p.name, found.was, found.status`,
  );
}

function eventOf(
  event: AppendedEvent['name'],
  id: string,
  { workspaceId, name, was, status }: Changed,
  related: AppendedEvent['related'],
): AppendedEvent {
  return {
    workspaceId,
    id: randomUUID(),
    name: event,
    resource: { id, kind: event.slice(0, event.indexOf('.')), name, status },
    related,
    payload: { was, status },
  };
}

export function startStatusLoop({ db, shards, log }: { db: Pick<Db, 'systemSql'>; shards: ShardLeases; log: LoopLog }): Loop {
  return startLoop({
    name: 'statuses',
    everyMs: EVERY_MS,
    log,
    run: async () => {
      if ((await shards.hold('statuses', 0)) === null) return;
      return (await tellStatuses(db)) >= AT_ONCE ? 'again' : undefined;
    },
  });
}

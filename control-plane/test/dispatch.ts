/** A pool with queues, a deployment and agents, for suites that dispatch runs. Written as `signalbox_system`. */
import { randomUUID } from 'node:crypto';
import { openEnvelope } from '@signalbox/proto';
import type pg from 'pg';
import { DEFAULT_TIMINGS } from '../src/domain/run-snapshot.ts';
import { type DispatchCtx, insertRuns, type NewRun } from '../src/features/dispatch/index.ts';
import { type ClaimedRow, claimRuns, grantPermit, type PermitAnswer } from '../src/features/dispatch/store/claim-runs.ts';
import { runTokensOf } from '../src/features/run-tokens/index.ts';
import { openMeter } from '../src/features/usage/index.ts';
import type { Db } from '../src/platform/db.ts';
import { openLog } from '../src/platform/log.ts';
import { openShardLeases } from '../src/platform/shards.ts';
import { sqlOfClient } from '../src/platform/sql.ts';
import { createTestWorkspace } from './workspaces.ts';

export type Yard = Awaited<ReturnType<typeof createYard>>;
type Gate = { key?: { limit: number; parts: readonly (string | readonly string[])[] }; collision?: string; graceMs?: number };
type Version = {
  digest?: string;
  retry?: { retries: number; delaysMs: number[] };
  onLostAgent?: string;
  startTimeoutMs?: number;
  variables?: object;
};

/** Everything a run needs to be dispatched, in a workspace of its own, or beside what a given one has. */
export async function createYard(db: Db, inWorkspace?: string) {
  const workspaceId = inWorkspace ?? (await createTestWorkspace(db));
  const [poolId, queueId, flowId] = [randomUUID(), randomUUID(), randomUUID()];
  const q = (text: string, values: unknown[] = []) => db.systemSql.query(text, values).then((result: pg.QueryResult) => result.rows);
  await q(`INSERT INTO work_pool (id, workspace_id, name) VALUES ($1, $2, $3)`, [poolId, workspaceId, inWorkspace ? 'yard' : 'local']);
  await q(`INSERT INTO work_queue (id, workspace_id, pool_id, name, priority) VALUES ($1, $2, $3, 'default', 1)`, [
    queueId,
    workspaceId,
    poolId,
  ]);
  await q(`INSERT INTO flow (id, workspace_id, name) VALUES ($1, $2, 'weather')`, [flowId, workspaceId]);

  const yard = {
    workspaceId,
    poolId,
    queueId,
    q,
    /** Queues at this priority and after it make room, as the API does. */
    async addQueue(priority: number, limit: number | null = null): Promise<string> {
      const id = randomUUID();
      await q('UPDATE work_queue SET priority = priority + 1000 WHERE pool_id = $1 AND priority >= $2', [poolId, priority]);
      await q('UPDATE work_queue SET priority = priority - 999 WHERE pool_id = $1 AND priority >= 1000', [poolId]);
      await q('INSERT INTO work_queue (id, workspace_id, pool_id, name, priority, concurrency_limit) VALUES ($1, $2, $3, $4, $5, $6)', [
        id,
        workspaceId,
        poolId,
        `q-${id}`,
        priority,
        limit,
      ]);
      return id;
    },
    async addDeployment(options: Version & Gate & { limit?: number | null; queueId?: string } = {}): Promise<string> {
      const [id, versionId] = [randomUUID(), randomUUID()];
      const { digest = 'd1', limit = null, queueId: queue = queueId, key, collision = 'ENQUEUE', graceMs, ...config } = options;
      await q(
        `WITH v AS (INSERT INTO deployment_version (id, workspace_id, deployment_id, digest, source, config) VALUES ($2, $3, $1, $4, $5, $6))
         INSERT INTO deployment (id, workspace_id, flow_id, name, pool_id, queue_id, version_id, concurrency_limit, key_limit, key_parts, collision, slot_grace_ms)
         VALUES ($1, $3, $7, $8, $9, $10, $2, $11, $12, $13, $14, $15)`,
        [
          id,
          versionId,
          workspaceId,
          digest,
          { kind: 'path', root: '/srv/flows', entrypoint: 'flow.ts', exportName: 'default' },
          config,
          flowId,
          `dep-${id}`,
          poolId,
          queue,
          limit,
          key?.limit ?? null,
          key ? JSON.stringify(key.parts) : null,
          collision,
          graceMs ?? null,
        ],
      );
      return id;
    },
    /** An agent that has said hello: session 1, a lease of a minute. */
    async addAgent(): Promise<string> {
      const id = randomUUID();
      await q(
        `INSERT INTO agent (id, workspace_id, pool_id, name, public_key, session, lease_until, last_seen_at)
         VALUES ($1, $2, $3, $4, $5, 1, served_now() + interval '1 minute', now())`,
        [id, workspaceId, poolId, `agent-${id}`, `U${id}`],
      );
      return id;
    },
    async addRuns(deploymentId: string, count = 1, more: Partial<NewRun> = {}): Promise<string[]> {
      const runs = Array.from({ length: count }, (_, i) => ({
        workspaceId,
        deploymentId,
        name: `run-${i}`,
        parameters: openEnvelope({ n: i }),
        createdBy: 'api',
        ...more,
      }));
      return (await insertRuns(sqlOfClient(db.systemSql), runs)).map((run) => run.id);
    },
    async claim(
      agentId: string,
      free = 10,
      more: {
        claimId?: string;
        warm?: { digest: string; count: number }[];
        session?: number;
        prefetchMs?: number;
        startReportMs?: number;
        leaseMs?: number;
      } = {},
    ) {
      const answer = await claimRuns(sqlOfClient(db.reportSql), {
        workspaceId,
        agentId,
        session: 1,
        claimId: randomUUID(),
        free,
        warm: [],
        prefetchMs: 2_000,
        startReportMs: 15_000,
        leaseMs: 60_000,
        ...more,
      });
      if (answer.refused) throw new Error(`refused: ${answer.refused}`);
      return answer;
    },
    permit(
      agentId: string,
      run: Pick<ClaimedRow, 'runId' | 'epoch'>,
      more: { requestId?: string; session?: number; aheadMs?: number } = {},
    ): Promise<PermitAnswer> {
      return grantPermit(sqlOfClient(db.reportSql), {
        workspaceId,
        agentId,
        session: 1,
        requestId: randomUUID(),
        startReportMs: 15_000,
        aheadMs: 0,
        runId: run.runId,
        epoch: run.epoch,
        ...more,
      });
    },
    async dispatchRow(runId: string) {
      const [row] = await q('SELECT * FROM run_dispatch WHERE run_id = $1', [runId]);
      return row ?? null;
    },
    async record(runId: string) {
      const [row] = await q('SELECT * FROM run WHERE id = $1', [runId]);
      return row ?? null;
    },
    holders: () => q('SELECT * FROM holder WHERE workspace_id = $1 ORDER BY run_id', [workspaceId]),
  };
  return yard;
}

/** A bus that only remembers what it was told, for suites about Postgres. */
export function createQuietBus() {
  const told: { kind: 'nudge' | 'command' | 'live' | 'offer'; workspaceId: string; id: string; verb?: string; messageId?: string }[] = [];
  const listeners = new Set<(nudge: { workspaceId: string; poolId: string }) => void>();
  return {
    told,
    serve: () => {},
    publishOffer: async ({ workspaceId, poolId, messageId }: { workspaceId: string; poolId: string; messageId: string }) =>
      void told.push({ kind: 'offer', workspaceId, id: poolId, messageId }),
    ensurePoolConsumer: async (_workspaceId: string, poolId: string) => ({ stream: 'D0', consumer: poolId }),
    command: async (workspaceId: string, id: string, verb: string) => void told.push({ kind: 'command', workspaceId, id, verb }),
    nudge: (workspaceId: string, id: string) => void told.push({ kind: 'nudge', workspaceId, id }),
    takeNudges: () => {},
    onLost: () => {},
    onNudge: (listener: (nudge: { workspaceId: string; poolId: string }) => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    live: (workspaceId: string, event: { id: string }) => void told.push({ kind: 'live', workspaceId, id: event.id }),
    wake: () => {},
    prove: async () => {},
  };
}

export function createDispatchCtx(
  db: Db,
  settings: Partial<DispatchCtx['settings']> = {},
): DispatchCtx & { bus: ReturnType<typeof createQuietBus> } {
  return {
    db,
    bus: createQuietBus(),
    shards: openShardLeases(db.systemSql),
    usage: openMeter({ db, defaults: {} }),
    runTokens: runTokensOf('a secret of the tests, 32 characters long'),
    log: openLog('silent', 'test'),
    settings: { ...DEFAULT_TIMINGS, leaseMs: 60_000, renewMs: 10_000, ...settings },
  };
}

/** Served time goes on by so much, as if so many ticks had been proved. */
export async function passServedTime(db: Db, ms: number): Promise<void> {
  await db.systemSql.query(`UPDATE served_clock SET served_at = served_at + $1::bigint * interval '1 ms'`, [ms]);
}

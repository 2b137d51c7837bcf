/** Named limits and runs that take their slots, for suites about both. */
import { randomUUID } from 'node:crypto';
import { type Acquired, acquireSlots, releaseSlots } from '../src/features/limits/store/slots.ts';
import type { Db } from '../src/platform/db.ts';
import { sqlOfClient } from '../src/platform/sql.ts';
import type { Yard } from './dispatch.ts';

export type RunAtWork = { readonly runId: string; readonly epoch: number; readonly agentId: string };

export function createSlotYard(db: Db, yard: Yard) {
  const sql = sqlOfClient(db.reportSql);
  const by = (run: RunAtWork) => ({ workspaceId: yard.workspaceId, ...run });
  return {
    async addLimit(slots: number, more: { name?: string; decay?: number; active?: boolean } = {}): Promise<{ id: string; name: string }> {
      const id = randomUUID();
      const name = more.name ?? `limit-${id}`;
      await yard.q('INSERT INTO named_limit (id, workspace_id, name, slots, decay_per_second, active) VALUES ($1, $2, $3, $4, $5, $6)', [
        id,
        yard.workspaceId,
        name,
        slots,
        more.decay ?? null,
        more.active ?? true,
      ]);
      return { id, name };
    },
    /** Runs that run, each under the epoch of its claim. */
    async running(count: number, agentId: string, deployment: Parameters<Yard['addDeployment']>[0] = {}): Promise<RunAtWork[]> {
      const runs = await yard.addRuns(await yard.addDeployment(deployment), count);
      const claimed = (await yard.claim(agentId, count, { warm: [{ digest: 'd1', count }] })).runs;
      return runs.map((runId) => ({ runId, agentId, epoch: claimed.find((run) => run.runId === runId)?.epoch ?? -1 }));
    },
    take(
      run: RunAtWork,
      limits: string[],
      more: {
        slots?: number;
        requestId?: string;
        wait?: boolean;
        strict?: boolean;
        rateOnly?: boolean;
        task?: { ordinal: number; name: string };
      } = {},
    ): Promise<Acquired> {
      return acquireSlots(sql, by(run), {
        requestId: randomUUID(),
        limits,
        slots: 1,
        strict: false,
        rateOnly: false,
        wait: true,
        task: null,
        ...more,
      });
    },
    giveBack: (run: RunAtWork, requestId: string) => releaseSlots(sql, by(run), requestId),
    slotsHeld: (limitId: string): Promise<number> =>
      yard.q('SELECT coalesce(sum(slots), 0)::int AS n FROM limit_holder WHERE limit_id = $1', [limitId]).then(([row]) => row.n),
    line: (limitId: string): Promise<{ run_id: string }[]> =>
      yard.q('SELECT * FROM limit_waiter WHERE limit_id = $1 ORDER BY line', [limitId]),
  };
}

/** The hot path of named limits: one SQL function takes, one gives back. Lock, order and index: see prisma/migrations/*_named_limits. */
import type { AcquireSlotsOp } from '@signalbox/proto/messages';
import type { Sql } from '../../../platform/sql.ts';

export type Asker = { readonly workspaceId: string; readonly agentId: string; readonly runId: string; readonly epoch: number };

export type Acquired =
  | {
      readonly granted: boolean;
      readonly full?: string[];
      readonly unknown?: string[];
      readonly retryInMs?: number;
      readonly refused?: undefined;
    }
  /** The run is not this agent's under this epoch any more; or the request was given back before it came. */
  | { readonly refused: 'stale' | 'given-back' }
  | { readonly refused: 'unknown'; readonly unknown: string[] }
  | { readonly refused: 'too-many'; readonly limit: string; readonly slots: number }
  | { readonly refused: 'no-rate'; readonly limit: string }
  /** As many wait as may: 1,000 requests of a run, 10,000 of a limit. */
  | { readonly refused: 'line' };

/** As `signalbox_report`, in a statement of its own: the function names the workspace itself. */
export async function acquireSlots(sql: Sql, by: Asker, op: Omit<AcquireSlotsOp, 'name'>): Promise<Acquired> {
  const [row] = await sql.query<{ answer: Acquired }>(
    `SELECT acquire_slots($1::uuid, $2::uuid, $3::uuid, $4::bigint, $5::uuid, $6::text[], $7::integer, $8::boolean, $9::boolean, $10::boolean,
       $11::integer, $12::text) AS answer`,
    [
      by.workspaceId,
      by.agentId,
      by.runId,
      by.epoch,
      op.requestId,
      [...new Set(op.limits)],
      op.slots,
      op.strict,
      op.rateOnly,
      op.wait,
      op.task?.ordinal ?? null,
      op.task?.name ?? null,
    ],
    'acquire-slots',
  );
  return row?.answer ?? { refused: 'stale' };
}

/** Answers the runs whose turn it is now. As `signalbox_report`, in a statement of its own. */
export function releaseSlots(sql: Sql, by: Asker, requestId: string): Promise<{ workspaceId: string; runId: string }[]> {
  return sql.query(
    'SELECT workspace_id AS "workspaceId", run_id AS "runId" FROM release_slots($1::uuid, $2::uuid, $3::uuid, $4::bigint, $5::uuid)',
    [by.workspaceId, by.agentId, by.runId, by.epoch, requestId],
    'release-slots',
  );
}

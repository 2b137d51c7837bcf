/** Reminders of open questions: an event each, which automations send on. Two replicas at once remind once. */
import type pg from 'pg';
import type { Db } from '../../platform/db.ts';
import { type Loop, type LoopLog, startLoop } from '../../platform/loop.ts';
import type { ShardLeases } from '../../platform/shards.ts';

const EVERY_MS = 15_000;
const AT_ONCE = 500;

export type RemindDeps = { readonly db: Pick<Db, 'systemSql'>; readonly shards: ShardLeases; readonly log: LoopLog };

export function startReminders({ db, shards, log }: RemindDeps): Pick<Loop, 'stop'> {
  return startLoop({
    name: 'approval-reminders',
    everyMs: EVERY_MS,
    log,
    run: async () => {
      if ((await shards.hold('approval-reminders', 0)) === null) return;
      const reminded = await remind(db.systemSql);
      if (reminded > 0) log.info({ reminded }, 'people were reminded of questions');
    },
  });
}

/**
 * Of runs that wait for their answer now. By run_pause_remind, which holds open questions alone; rows are locked, and what
 * another transaction has locked is passed over: its answer is on the way. How many.
 */
export async function remind(pool: pg.Pool): Promise<number> {
  const { rowCount } = await pool.query(
    `WITH due AS (
       SELECT p.retention_class, p.run_id, p.epoch, p.key FROM run_pause p JOIN run_dispatch d ON d.run_id = p.run_id
       WHERE p.remind_every_ms IS NOT NULL AND p.answered_at IS NULL AND p.void_at IS NULL AND d.state_type = 'PAUSED'
         AND coalesce(p.reminded_at, p.asked_at) + p.remind_every_ms * interval '1 millisecond' <= now()
       LIMIT ${AT_ONCE} FOR UPDATE OF p SKIP LOCKED),
     reminded AS (
       UPDATE run_pause p SET reminded_at = now() FROM due
       WHERE p.retention_class = due.retention_class AND p.run_id = due.run_id AND p.epoch = due.epoch AND p.key = due.key
       RETURNING p.workspace_id, p.run_id, p.key, p.message, p.approvers, p.asked_at)
     INSERT INTO event_inbox (workspace_id, name, run_id, payload)
     SELECT workspace_id, 'approval.reminded', run_id,
       jsonb_build_object('key', key, 'message', message, 'approvers', approvers, 'askedAt', asked_at)
     FROM reminded`,
  );
  return rowCount ?? 0;
}

/** A task run that completed: its hooks, and what is taken back of it when its transaction is rolled back. */
import type { TransactionHook } from '../../transaction.ts';
import type { RunSession, TaskRunRecord } from '../session.ts';
import type { LiveTransaction, Participant } from './live-transaction.ts';

export interface TaskHooks {
  readonly onCommit: TransactionHook<never> | null;
  readonly onRollback: TransactionHook<never> | null;
}

export interface CompletedTask {
  readonly session: RunSession;
  readonly record: TaskRunRecord;
  readonly hooks: TaskHooks;
  readonly result: unknown;
  /** Makes its result count beyond the run (the cache). */
  readonly publish?: () => Promise<unknown>;
  /** Makes it run again in the next attempt of the run. */
  readonly revoke?: () => Promise<unknown>;
}

export function taskParticipant({ session, record, hooks, result, publish, revoke }: CompletedTask): Participant {
  return {
    commit: async (transaction: LiveTransaction) => {
      await hooks.onCommit?.(transaction, result as never);
      await publish?.();
    },
    rollBack: async (transaction: LiveTransaction) => {
      // First: were the process killed in between, it must not be taken for done.
      const revoked = await Promise.allSettled([revoke?.()]);
      try {
        await hooks.onRollback?.(transaction, result as never);
      } finally {
        session.restate(record, 'RolledBack', 'undone: the transaction it was in was rolled back');
      }
      for (const one of revoked) if (one.status === 'rejected') throw one.reason;
    },
  };
}

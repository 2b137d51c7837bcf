/** Attempts of a run, oldest first: those that are over, and the one that an agent holds now. */
import { type RunState, toId } from '@signalbox/proto';
import type { attemptSchema } from '@signalbox/proto/api';
import type { z } from 'zod';
import type { Sql } from '../../platform/sql.ts';
import { causeOf } from './attempt-cause.ts';

type Attempt = z.infer<typeof attemptSchema>;
/** A run that is retried for ever shows its newest ones. */
const MOST = 200;

export type AttemptRow = {
  epoch: bigint | string;
  attempt: number;
  agent_id: string | null;
  agent_name: string | null;
  claimed_at: Date;
  granted_at: Date | null;
  started_at: Date | null;
  ended_at: Date | null;
  state_name: string | null;
  message: string | null;
};

/** Those that are over: what is held now is of the live row. */
export function readAttempts(sql: Sql, runId: string): Promise<AttemptRow[]> {
  // Primary key, the first in each class: the id names the day. An agent that was deleted with its pool leaves its attempts
  // without a name.
  return sql.query<AttemptRow>(
    `SELECT x.*, a.name AS agent_name FROM (
       SELECT epoch, attempt, agent_id, claimed_at, granted_at, started_at, ended_at, state_name, message
         FROM attempt WHERE run_id = $1::uuid ORDER BY epoch DESC LIMIT ${MOST}) x
     LEFT JOIN agent a ON a.id = x.agent_id ORDER BY x.epoch`,
    [runId],
    'read-attempts',
  );
}

export function showAttempts(rows: readonly AttemptRow[], states: readonly RunState[]): Attempt[] {
  return rows.map((row) => ({
    epoch: Number(row.epoch),
    attempt: row.attempt,
    agent: row.agent_id && row.agent_name ? { id: toId('agent', row.agent_id), name: row.agent_name } : null,
    claimedAt: row.claimed_at.toISOString(),
    grantedAt: row.granted_at?.toISOString() ?? null,
    startedAt: row.started_at?.toISOString() ?? null,
    endedAt: row.ended_at?.toISOString() ?? null,
    state: row.state_name,
    message: row.message,
    cause: causeOf(states, row.claimed_at),
  }));
}

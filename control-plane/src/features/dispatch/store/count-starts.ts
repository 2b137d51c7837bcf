/** Starts that failed in a row on an agent: three put it on exponential back-off. */
import type { Sql } from '../../../platform/sql.ts';
import type { Move } from '../moves.ts';

/** Failures in a row from which an agent is left alone for a while, seconds of the first pause, and the longest. */
const [BACKOFF_FROM, BACKOFF_SECONDS, BACKOFF_MAX_SECONDS] = [3, 5, 300];

/** Written last: the agent's row comes after runs in the lock order, and agents by id ascending. */
export async function countStarts(sql: Sql, moves: readonly Move[]): Promise<void> {
  const failed = agentsOf(moves, 'count-start-failure');
  const cleared = agentsOf(moves, 'clear-start-failures').filter((id) => !failed.includes(id));
  if (failed.length > 0) {
    await sql.query(
      `UPDATE agent a SET start_failures = a.start_failures + u.failures,
         backoff_until = CASE WHEN a.start_failures + u.failures >= $2::int
           THEN now() + least($3::int * 2 ^ least(a.start_failures + u.failures - $2::int, 10), $4::int) * interval '1 second' END
       FROM (SELECT id, count(*)::int AS failures FROM unnest($1::uuid[]) AS x (id) GROUP BY id) u
       WHERE a.id = u.id`,
      [failed, BACKOFF_FROM, BACKOFF_SECONDS, BACKOFF_MAX_SECONDS],
    );
  }
  if (cleared.length > 0) {
    // Nearly always nothing to clear: then no row is written.
    await sql.query(
      'UPDATE agent SET start_failures = 0, backoff_until = NULL WHERE id = ANY ($1::uuid[]) AND start_failures > 0',
      [[...new Set(cleared)]],
      'clear-start-failures',
    );
  }
}

function agentsOf(moves: readonly Move[], effect: 'count-start-failure' | 'clear-start-failures'): string[] {
  return moves.flatMap((move) => (move.effects.includes(effect) && move.run.snapshot.agentId ? [move.run.snapshot.agentId] : [])).sort();
}

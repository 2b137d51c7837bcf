import type pg from 'pg';
import { sequence } from '../src/features/events/index.ts';

/** Gives every event that waits for one its position. A transaction holds them back as long as it is open, one of another database too. */
export async function positionAll(pool: pg.Pool): Promise<void> {
  for (let waits = true; waits; ) {
    await sequence(pool);
    const { rows } = await pool.query<{ waits: boolean }>(
      'SELECT EXISTS (SELECT FROM event_inbox) OR EXISTS (SELECT FROM event_change) AS waits',
    );
    waits = rows[0]?.waits === true;
  }
}

/** One face for hand-written SQL, whether it runs in a Prisma transaction or on a connection of pg. */
import type pg from 'pg';
import type { Tx } from './db.ts';

export type Sql = {
  /** Rows of one statement. Values are bound, never spliced. */
  query<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>;
};

export function sqlOfTx(tx: Tx): Sql {
  return { query: (text, values = []) => tx.$queryRawUnsafe(text, ...values) };
}

export function sqlOfClient(client: pg.Pool | pg.PoolClient | pg.Client): Sql {
  return { query: async (text, values = []) => (await client.query(text, [...values])).rows };
}

/** One face for hand-written SQL, whether it runs in a Prisma transaction or on a connection of pg. */
import type pg from 'pg';
import type { Tx } from './db.ts';

export type Sql = {
  /** Rows of one statement. Values are bound, never spliced. With a `name`, pg prepares it once a connection: one name, one text. */
  query<Row>(text: string, values?: readonly unknown[], name?: string): Promise<Row[]>;
};

export function sqlOfTx(tx: Pick<Tx, '$queryRawUnsafe'>): Sql {
  return { query: (text, values = []) => tx.$queryRawUnsafe(text, ...values) };
}

export function sqlOfClient(client: pg.Pool | pg.PoolClient | pg.Client): Sql {
  return { query: async (text, values = [], name) => (await client.query({ text, values: [...values], ...(name ? { name } : {}) })).rows };
}

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

/**
 * Joins at most one row, one probe by key. The limit is a fence: of a table whose statistics are old Postgres would read all that
 * the workspace has of it instead, by the index that row-level security offers.
 */
export function joinOne(table: string, as: string, key: string, column = 'id'): string {
  return `LEFT JOIN LATERAL (SELECT * FROM ${table} x WHERE x.${column} = ${key} LIMIT 1) ${as} ON true`;
}

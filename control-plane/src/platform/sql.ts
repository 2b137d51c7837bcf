/** One face for hand-written SQL, whether it runs in a Prisma transaction or on a connection of pg. */
import type pg from 'pg';
import type { Tx } from './db.ts';

export type Sql = {
  /** Rows of one statement. Values are bound, never spliced. With a `name`, pg prepares it once a connection: one name, one text. */
  query<Row>(text: string, values?: readonly unknown[], name?: string): Promise<Row[]>;
};

/**
 * Answers of statements that were sent together, in their order.
 * @throws what the first of them failed of: those behind it say no more than that their transaction is over, and may say it sooner.
 */
export async function allSent<T extends readonly unknown[]>(sent: T): Promise<{ -readonly [I in keyof T]: Awaited<T[I]> }> {
  const settled = await Promise.allSettled(sent);
  for (const one of settled) if (one.status === 'rejected') throw one.reason;
  return settled.map((one) => (one as PromiseFulfilledResult<unknown>).value) as { -readonly [I in keyof T]: Awaited<T[I]> };
}

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

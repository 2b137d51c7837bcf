/** Transactions of hand-written SQL. A connection that failed inside one is thrown away, never reused half-way. */
import type pg from 'pg';
import { type Sql, sqlOfClient } from './sql.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** One transaction on one connection of `pool`. */
export function inTransaction<T>(pool: pg.Pool, work: (sql: Sql) => Promise<T>): Promise<T> {
  return transact(pool, 'BEGIN', work);
}

/** One transaction of `signalbox_report` that sees the rows of these workspaces alone. */
export function inWorkspaces<T>(reportSql: pg.Pool, workspaceIds: readonly string[], work: (sql: Sql) => Promise<T>): Promise<T> {
  const unique = [...new Set(workspaceIds)];
  for (const id of unique) requireUuid(id);
  // Spliced after the check above: with the BEGIN it is one round trip, which a statement with values could not be.
  return transact(reportSql, `BEGIN; SET LOCAL signalbox.workspaces = '${unique.join(',')}'`, work);
}

/** One transaction of `signalbox_app` that sees the rows of this workspace alone. */
export function inWorkspace<T>(appSql: pg.Pool, workspaceId: string, work: (sql: Sql) => Promise<T>): Promise<T> {
  requireUuid(workspaceId);
  return transact(appSql, `BEGIN; SET LOCAL signalbox.workspace = '${workspaceId}'`, work);
}

function requireUuid(id: string): void {
  if (!UUID.test(id)) throw new RangeError(`not the uuid of a workspace: ${id}`);
}

async function transact<T>(pool: pg.Pool, begin: string, work: (sql: Sql) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query(begin);
    const result = await work(sqlOfClient(client));
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch((failure: Error) => {
      broken = failure;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

/** Transactions of hand-written SQL. A connection that failed inside one is thrown away, never reused half-way. */
import type pg from 'pg';
import type { ObjectKind } from '../domain/permissions.ts';
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

/** Single things of a workspace, to which a transaction is narrowed by the data layer; null: all of it. */
export type Narrowing = { readonly on: ObjectKind; readonly ids: readonly string[] } | null;

/** The setting that policies read, for each kind of thing. */
const NARROWED_BY = { deployment: 'signalbox.deployments', 'work-pool': 'signalbox.pools' } as const satisfies Record<ObjectKind, string>;

/** One transaction of `signalbox_app` that sees the rows of this workspace alone. */
export function inWorkspace<T>(
  appSql: pg.Pool,
  workspaceId: string,
  work: (sql: Sql) => Promise<T>,
  narrowing: Narrowing = null,
): Promise<T> {
  requireUuid(workspaceId);
  const narrowed = narrowing ? `; SET LOCAL ${NARROWED_BY[narrowing.on]} = '${narrowedTo(narrowing)}'` : '';
  return transact(appSql, `BEGIN; SET LOCAL signalbox.workspace = '${workspaceId}'${narrowed}`, work);
}

/** Name and value of the setting that narrows a transaction. */
export function narrowingSetting(narrowing: NonNullable<Narrowing>): { name: string; value: string } {
  return { name: NARROWED_BY[narrowing.on], value: narrowedTo(narrowing) };
}

/** @throws for an empty list, which the policies would take for no narrowing. */
function narrowedTo({ ids }: NonNullable<Narrowing>): string {
  if (ids.length === 0) throw new RangeError('a transaction is narrowed to at least one thing');
  for (const id of ids) requireUuid(id);
  return ids.join(',');
}

function requireUuid(id: string): void {
  if (!UUID.test(id)) throw new RangeError(`not a uuid: ${id}`);
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

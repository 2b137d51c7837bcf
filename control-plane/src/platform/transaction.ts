/** Transactions of hand-written SQL. A connection that failed inside one is thrown away, never reused half-way. */
import type pg from 'pg';
import type { ObjectKind } from '../domain/permissions.ts';
import { type Sql, sqlOfClient } from './sql.ts';

export type Work<T> = (sql: Sql) => Promise<T>;
/** A last statement, which needs no answer before the commit: both go to Postgres together. */
export type Last<T> = (sql: Sql, result: T) => Promise<unknown>;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** One transaction on one connection of `pool`. */
export function inTransaction<T>(pool: pg.Pool, work: (sql: Sql) => Promise<T>): Promise<T> {
  return transact(pool, 'BEGIN', work);
}

/** One transaction of `signalbox_report` that sees the rows of these workspaces alone. */
export function inWorkspaces<T>(reportSql: pg.Pool, workspaceIds: readonly string[], work: Work<T>, last?: Last<T>): Promise<T> {
  // Spliced after its check: with the BEGIN it is one round trip, which a statement with values could not be.
  return transact(reportSql, `BEGIN; ${asReport(workspaceIds).setting}`, work, last);
}

/** What makes a transaction one of `signalbox_report` that sees these workspaces alone; `RESET ROLE` takes it back. */
export function asReport(workspaceIds: readonly string[]): { readonly role: string; readonly setting: string } {
  const unique = [...new Set(workspaceIds)];
  for (const id of unique) requireUuid(id);
  return { role: 'SET LOCAL ROLE signalbox_report', setting: `SET LOCAL signalbox.workspaces = '${unique.join(',')}'` };
}

/** Single things of a workspace, to which a transaction is narrowed by the data layer; null: all of it. */
export type Narrowing = { readonly on: ObjectKind; readonly ids: readonly string[] } | null;

/** For it policies look at the settings below; for the role of the connection, a member of it, they do not. */
export const NARROWED_ROLE = 'signalbox_app';

/** The setting that policies read, for each kind of thing. */
const NARROWED_BY = {
  deployment: 'signalbox.deployments',
  'work-pool': 'signalbox.pools',
  block: 'signalbox.blocks',
} as const satisfies Record<ObjectKind, string>;

/** One transaction that sees the rows of this workspace alone, as `signalbox_whole` or, narrowed, as `signalbox_app`. */
export function inWorkspace<T>(
  appSql: pg.Pool,
  workspaceId: string,
  work: Work<T>,
  narrowing: Narrowing = null,
  last?: Last<T>,
): Promise<T> {
  return transact(appSql, `BEGIN; ${settingsOf(workspaceId, narrowing)}`, work, last);
}

/**
 * The same for reads by keys. Partitions and policies make a statement many times dearer to plan than to run, so a named one is
 * planned once a connection; and not by reading whole tables, which were small then.
 */
export function readWorkspace<T>(appSql: pg.Pool, workspaceId: string, work: Work<T>, narrowing: Narrowing = null): Promise<T> {
  const begin = `BEGIN READ ONLY; ${settingsOf(workspaceId, narrowing)}; SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_seqscan = off`;
  return transact(appSql, begin, work);
}

function settingsOf(workspaceId: string, narrowing: Narrowing): string {
  requireUuid(workspaceId);
  const narrowed = narrowing
    ? `; SET LOCAL ROLE ${NARROWED_ROLE}; SET LOCAL ${NARROWED_BY[narrowing.on]} = '${narrowedTo(narrowing)}'`
    : '';
  return `SET LOCAL signalbox.workspace = '${workspaceId}'${narrowed}`;
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

/**
 * On a pipelined connection BEGIN travels with the first statement and COMMIT with the last: two round trips less. Were BEGIN
 * refused, what follows it would see no workspace, which row-level security answers with nothing; were the last statement,
 * COMMIT would roll back.
 */
async function transact<T>(pool: pg.Pool, begin: string, work: Work<T>, last?: Last<T>): Promise<T> {
  const client = await pool.connect();
  const isPipelined = (client as { pipeline?: boolean }).pipeline === true;
  const sql = sqlOfClient(client);
  let broken: Error | undefined;
  try {
    const begun = client.query(begin);
    if (isPipelined) begun.catch(() => {});
    else await begun;
    const result = await work(sql);
    await begun;
    const said = last?.(sql, result);
    if (isPipelined) said?.catch(() => {});
    else await said;
    const committed = client.query('COMMIT');
    committed.catch(() => {});
    await said;
    if ((await committed).command === 'ROLLBACK') throw new Error('a statement failed unheeded: nothing was committed');
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

/**
 * Connections to Postgres, one pool a role. Tenancy lives here: nothing reaches a workspace's rows without saying
 * which workspace, and row-level security refuses the rest.
 *
 * - `whole`: requests of people and programs. One transaction, one workspace, all of it.
 * - `app`: the same, narrowed to single things of the workspace. On connections of `whole`, for a transaction.
 * - `report`: requests of agents, batched over the workspaces that a batch names.
 * - `system`: loops and sign-in. Sees everything; never used with input of a request that names a foreign id.
 */
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { type Prisma, PrismaClient } from '../generated/prisma/client.ts';
import type { Sql } from './sql.ts';
import { inWorkspace, type Last, NARROWED_ROLE, type Narrowing, narrowingSetting, readWorkspace } from './transaction.ts';

/** A Prisma handle inside a transaction whose workspace is set. */
export type Tx = Prisma.TransactionClient;

export type DbOptions = {
  readonly url: string;
  /** Connections a role; default 10. */
  readonly maxConnections?: number;
  /** Role of requests; default `signalbox_whole`. The bench measures beside it one that no policy binds. */
  readonly requestRole?: string;
};

export type Db = {
  /** Runs `work` in one transaction that sees the rows of this workspace alone. Retried on 40001 and 40P01. */
  inWorkspace<T>(workspaceId: string, work: (tx: Tx) => Promise<T>, narrowing?: Narrowing): Promise<T>;
  /** The same for commands on the hot path: plain SQL, and a round trip less at either end. */
  inWorkspaceSql<T>(workspaceId: string, work: (sql: Sql) => Promise<T>, narrowing?: Narrowing, last?: Last<T>): Promise<T>;
  /** The same for reads: named statements are planned once for whatever values, by indexes alone. */
  readWorkspaceSql<T>(workspaceId: string, work: (sql: Sql) => Promise<T>, narrowing?: Narrowing): Promise<T>;
  /** Runs `work` in one transaction that sees the rows of this organization that belong to no workspace. */
  inOrganization<T>(organizationId: string, work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Prisma as `signalbox_system`: sign-in, seeding, loops. */
  readonly system: PrismaClient;
  /** Plain SQL as `signalbox_report`; every statement must set `signalbox.workspaces` itself. */
  readonly reportSql: pg.Pool;
  /** Plain SQL as `signalbox_system`. */
  readonly systemSql: pg.Pool;
  /** A client of its own for LISTEN or long jobs, as `signalbox_system`. */
  close(): Promise<void>;
};

const RETRYABLE = new Set(['40001', '40P01']);
const RETRIES = 5;

/** Opens the pools. Nothing is dialled until first use. */
export function openDb(options: DbOptions): Db {
  const max = options.maxConnections ?? 10;
  const appSql = openPool(options.url, options.requestRole ?? 'signalbox_whole', max, { pipeline: true });
  const reportSql = openPool(options.url, 'signalbox_report', max, { pipeline: true, settings: HOT_PATH });
  const systemSql = openPool(options.url, 'signalbox_system', max);
  const app = new PrismaClient({ adapter: new PrismaPg(appSql) });
  const system = new PrismaClient({ adapter: new PrismaPg(systemSql) });

  const inApp = <T>(work: (tx: Tx) => Promise<T>) => retried(() => app.$transaction(work, { timeout: 30_000, maxWait: 10_000 }));

  return {
    inWorkspace: (workspaceId, work, narrowing = null) =>
      inApp(async (tx) => {
        if (narrowing) {
          const { name, value } = narrowingSetting(narrowing);
          await tx.$executeRaw`SELECT set_config('role', ${NARROWED_ROLE}, true), set_config('signalbox.workspace', ${workspaceId}, true), set_config(${name}, ${value}, true)`;
        } else await tx.$executeRaw`SELECT set_config('signalbox.workspace', ${workspaceId}, true)`;
        return work(tx);
      }),
    inOrganization: (organizationId, work) =>
      inApp(async (tx) => {
        await tx.$executeRaw`SELECT set_config('signalbox.organization', ${organizationId}, true)`;
        return work(tx);
      }),
    inWorkspaceSql: (workspaceId, work, narrowing, last) => retried(() => inWorkspace(appSql, workspaceId, work, narrowing, last)),
    readWorkspaceSql: (workspaceId, work, narrowing) => retried(() => readWorkspace(appSql, workspaceId, work, narrowing)),
    system,
    reportSql,
    systemSql,
    async close() {
      await Promise.all([app.$disconnect(), system.$disconnect()]);
      await Promise.all([appSql, reportSql, systemSql].map((pool) => pool.end()));
    },
  };
}

/** Repeats `work` when Postgres asks for it (serialization failure, deadlock). */
export async function retried<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt > RETRIES || !RETRYABLE.has(sqlState(error) ?? '')) throw error;
    }
  }
}

/** The SQLSTATE behind an error of pg or Prisma, or null. */
export function sqlState(error: unknown): string | null {
  if (typeof error !== 'object' || error === null) return null;
  const { code, cause, meta } = error as { code?: unknown; cause?: unknown; meta?: { driverAdapterError?: unknown } };
  if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !code.startsWith('P')) return code;
  const original = (cause as { originalCode?: unknown } | undefined)?.originalCode;
  if (typeof original === 'string') return original;
  return sqlState(cause ?? meta?.driverAdapterError ?? null);
}

/** Prepared while its tables were small, a plan that reads them whole would be kept while they grow. */
const HOT_PATH = '-c enable_seqscan=off';

export type PoolOptions = {
  /** Sends a statement without waiting for the answer to the one before, in their order. */
  readonly pipeline?: boolean;
  /** More arguments of a session (`-c name=value`). */
  readonly settings?: string;
};

/** A pool whose connections wear one role and the bounds of DESIGN section 6. Compiling a statement takes longer than any of ours may. */
export function openPool(url: string, role: string, max: number, { pipeline = false, settings = '' }: PoolOptions = {}): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    ...{ pipeline }, // newer than pg's types
    options: `-c role=${role} -c statement_timeout=30000 -c idle_in_transaction_session_timeout=10000 -c timezone=UTC -c jit=off ${settings}`,
    application_name: `signalbox ${role}`,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
  });
  // A connection that dies is replaced at next use, and whoever uses it meets a rejected query; without a listener,
  // idle or checked out, its event would end the process.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

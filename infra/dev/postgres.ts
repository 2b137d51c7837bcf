/** An embedded PostgreSQL: the cluster on disk, the command that serves it, and the proof that it answers. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { LOOPBACK } from './ports.ts';
import { type PostgresBinaries, postgresBinaries } from './postgres-binaries.ts';
import { untilBackendsAreGone } from './postgres-orphans.ts';
import type { ProcessSpec } from './processes.ts';
import { StartError } from './start-error.ts';

export type Cluster = {
  readonly home: string;
  readonly port: number;
  readonly binaries: PostgresBinaries;
  /** Of `postgres`, the superuser; the product never uses it. */
  readonly adminUrl: string;
  readonly password: string;
};

/** The login of the control plane: it owns its database and may create roles, and is no superuser. */
const LOGIN = 'signalbox';

/** Makes the cluster when there is none. A folder that an interrupted start left half-made is made anew. */
export function ensureCluster(home: string, port: number): Cluster {
  const binaries = postgresBinaries();
  const data = join(home, 'data');
  if (!existsSync(join(data, 'PG_VERSION'))) create(home, binaries);
  const made = readFileSync(join(data, 'PG_VERSION'), 'utf8').trim();
  const major = binaries.version.split('.')[0];
  if (made !== major)
    throw new StartError(`${data} was made by PostgreSQL ${made}, and this checkout brings ${major}. Start with --reset to begin anew.`);
  const password = readFileSync(join(home, 'password'), 'utf8');
  return { home, port, binaries, password, adminUrl: urlOf('postgres', password, port, 'postgres') };
}

function create(home: string, binaries: PostgresBinaries): void {
  const draft = join(home, 'draft');
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  const passwordFile = join(home, 'password');
  writeFileSync(passwordFile, randomBytes(24).toString('hex'), { mode: 0o600 });
  giveTo(binaries, home, draft, passwordFile);
  try {
    execFileSync(
      binaries.initdb,
      [
        '-D',
        draft,
        '-U',
        'postgres',
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--locale=C',
        '--no-instructions',
      ],
      { ...binaries.user, cwd: home, stdio: ['ignore', 'ignore', 'pipe'], env: { PATH: process.env['PATH'], TZ: 'UTC' } },
    );
  } catch (error) {
    const said = String((error as { stderr?: Buffer }).stderr ?? error).trim();
    if (/No space left/.test(said))
      throw new StartError(`The disk is full (making a database in ${home}). Free some space, then start again.`);
    throw new StartError(`Could not make a database in ${home}: ${said.split('\n').find((line) => line.includes('error')) ?? said}`);
  }
  renameSync(draft, join(home, 'data'));
}

/** When root: the unprivileged user must own what it serves. */
function giveTo({ user }: PostgresBinaries, ...paths: string[]): void {
  if (user) for (const path of paths) chownSync(path, user.uid, user.gid);
}

export type Durability = 'durable' | 'throw-away';

/** The command that serves the cluster, ready when a login really succeeds. */
export function postgresProcess({ home, port, binaries, adminUrl }: Cluster, durability: Durability): ProcessSpec {
  const settings = {
    listen_addresses: LOOPBACK,
    port,
    // Loopback TCP only: socket paths are too short for deep checkouts.
    unix_socket_directories: '',
    max_connections: 200,
    timezone: 'UTC',
    log_timezone: 'UTC',
    shared_buffers: '128MB',
    ...(durability === 'durable'
      ? { fsync: 'on', synchronous_commit: 'on' }
      : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', wal_level: 'minimal', max_wal_senders: 0, autovacuum: 'off' }),
  };
  return {
    name: 'postgres',
    command: binaries.postgres,
    args: ['-D', join(home, 'data'), ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`])],
    cwd: home,
    ...binaries.user,
    beforeStart: () => untilBackendsAreGone(join(home, 'data')),
    // Fast shutdown: sessions are ended, everything committed is flushed.
    stopSignal: 'SIGINT',
    stopGraceMs: 20_000,
    isReady: () => canConnect(adminUrl),
  };
}

/** Whether a login succeeds and a query is answered. */
export async function canConnect(url: string): Promise<boolean> {
  return (await connectionProblem(url)) === null;
}

/** Why a login fails, in Postgres' or the system's words; null when it succeeds. */
export async function connectionProblem(url: string): Promise<string | null> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('SELECT 1');
    return null;
  } catch (error) {
    const { code, message, errors } = error as Error & { code?: string; errors?: Error[] };
    return message || errors?.[0]?.message || code || 'no answer';
  } finally {
    await client.end().catch(() => {});
  }
}

/** The control plane's login and database; idempotent. Answers the address. */
export async function ensureDatabase({ adminUrl, password, port }: Cluster): Promise<string> {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    const role = await admin.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [LOGIN]);
    if (role.rowCount === 0) await admin.query(`CREATE ROLE ${LOGIN} LOGIN CREATEROLE PASSWORD '${password}'`);
    const database = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [LOGIN]);
    if (database.rowCount === 0) await admin.query(`CREATE DATABASE ${LOGIN} OWNER ${LOGIN}`);
  } finally {
    await admin.end();
  }
  return urlOf(LOGIN, password, port, LOGIN);
}

export const urlOf = (user: string, password: string, port: number, database: string): string =>
  `postgres://${user}:${password}@${LOOPBACK}:${port}/${database}`;

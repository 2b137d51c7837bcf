/**
 * Applies `prisma/migrations` with Prisma's own engine as WebAssembly, so that no native engine is needed.
 * Safe to run from many replicas at once: one advisory lock, and an applied migration is not applied again.
 */
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import pg from 'pg';

const PRISMA_DIR = new URL('../../prisma/', import.meta.url);
const ROLES = ['signalbox_owner', 'signalbox_app', 'signalbox_whole', 'signalbox_report', 'signalbox_system'] as const;
/** Any constant: one migrator at a time in a cluster of databases, since roles are shared by all of them. */
const LOCK_KEY = 7_041_966;

/** Brings a database to this build's schema. `url` is a login that owns the database and may create roles. */
export async function migrate(url: string): Promise<{ applied: string[] }> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [LOCK_KEY]);
    await ensureRoles(client);
    return { applied: await applyMigrations(url) };
  } finally {
    await client.end();
  }
}

/** Names of the migrations this build carries, oldest first. */
export async function knownMigrations(): Promise<string[]> {
  const entries = await readdir(new URL('migrations/', PRISMA_DIR), { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

async function ensureRoles(client: pg.Client): Promise<void> {
  for (const role of ROLES) {
    const { rowCount } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
    if (rowCount === 0) await client.query(`CREATE ROLE ${role} NOLOGIN`).catch(ignoreDuplicate);
    await client.query(`GRANT ${role} TO CURRENT_USER`);
  }
  // What it may, and which policies bind it, comes from there alone.
  await client.query('GRANT signalbox_app TO signalbox_whole');
  await client.query('GRANT USAGE, CREATE ON SCHEMA public TO signalbox_owner');
  await client.query('GRANT USAGE ON SCHEMA public TO signalbox_app, signalbox_report, signalbox_system');
}

function ignoreDuplicate(error: unknown): void {
  // 42710: made by another replica a moment ago; 23505: the same, seen in the catalog's index.
  const { code } = error as { code?: string };
  if (code !== '42710' && code !== '23505') throw error;
}

async function applyMigrations(url: string): Promise<string[]> {
  const { SchemaEngine } = await loadEngine();
  const datamodel = await readFile(new URL('schema.prisma', PRISMA_DIR), 'utf8');
  const pool = new pg.Pool({ connectionString: url, max: 2, options: '-c role=signalbox_owner' });
  const factory = bindMigrationAwareSqlAdapterFactory(new WholeScriptPg(pool));
  const engine = await SchemaEngine.new({ datamodels: [['schema.prisma', datamodel]] }, () => {}, factory);
  try {
    const result = await engine.applyMigrations({
      migrationsList: await migrationsList(),
      filters: { externalTables: [], externalEnums: [] },
    });
    await pool.query('GRANT SELECT ON _prisma_migrations TO signalbox_app, signalbox_system');
    return result.appliedMigrationNames;
  } finally {
    engine.free();
    await pool.end();
  }
}

async function migrationsList() {
  const names = await knownMigrations();
  return {
    baseDir: new URL('migrations', PRISMA_DIR).pathname,
    lockfile: { path: 'migration_lock.toml', content: await readFile(new URL('migrations/migration_lock.toml', PRISMA_DIR), 'utf8') },
    shadowDbInitScript: '',
    migrationDirectories: await Promise.all(
      names.map(async (name) => ({
        path: name,
        migrationFile: {
          path: 'migration.sql',
          content: { tag: 'ok' as const, value: await readFile(new URL(`migrations/${name}/migration.sql`, PRISMA_DIR), 'utf8') },
        },
      })),
    ),
  };
}

/** The engine ships as a wasm file and glue that expects a bundler; here it is put together by hand. */
async function loadEngine() {
  const require = createRequire(import.meta.url);
  const glue = await import('@prisma/schema-engine-wasm/schema_engine_bg');
  const wasm = await readFile(new URL('schema_engine_bg.wasm', pathToFileURL(require.resolve('@prisma/schema-engine-wasm'))));
  const { instance } = await WebAssembly.instantiate(wasm, { './schema_engine_bg.js': glue as unknown as WebAssembly.ModuleImports });
  glue.__wbg_set_wasm(instance.exports);
  (instance.exports['__wbindgen_start'] as () => void)();
  return glue;
}

/**
 * The adapter cuts a script at every semicolon, which breaks function bodies. Sent whole, Postgres runs it as one
 * implicit transaction: a migration is applied entirely or not at all.
 */
class WholeScriptPg extends PrismaPg {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    super(pool);
    this.#pool = pool;
  }

  override async connect() {
    const adapter = await super.connect();
    adapter.executeScript = async (script) => {
      await this.#pool.query(script);
    };
    return adapter;
  }
}

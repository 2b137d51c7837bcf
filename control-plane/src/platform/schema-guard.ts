/** Keeps a build off a database that it does not fit: at its start, and when the schema is contracted while it runs. */
import type pg from 'pg';
import { schemaFit } from '../domain/schema-fit.ts';
import type { Log } from './log.ts';
import { type Loop, startLoop } from './loop.ts';
import { knownMigrations } from './migrations.ts';

/** How long a build that became too old goes on. Until then a statement that does not fit is UNAVAILABLE: asked again, elsewhere. */
const WATCH_MS = 2_000;

export type SchemaGuard = {
  /** Looks again and again; `unfit` is called, with what to do, once it must not run any more. */
  watch(unfit: (reason: string) => void): Loop;
};

/** @throws where this build must not run: on an older schema, or on one that took away what it uses. */
export async function guardSchema(system: pg.Pool, log: Log): Promise<SchemaGuard> {
  // Read once: a checkout that is updated under a running process does not change what that process is.
  const known = await knownMigrations();
  const fit = await readFit(system, known);
  if (!fit.fits) throw new Error(fit.reason);
  if (fit.ahead.length > 0) log.info({ ahead: fit.ahead }, 'a newer build has expanded the schema; this one can live with it');
  return {
    watch: (unfit) =>
      startLoop({
        name: 'schema-watch',
        everyMs: WATCH_MS,
        log,
        run: async () => {
          const now = await readFit(system, known);
          if (!now.fits) unfit(now.reason);
        },
      }),
  };
}

async function readFit(system: pg.Pool, known: readonly string[]) {
  const { rows } = await system.query<{ name: string }>(
    'SELECT migration_name AS name FROM _prisma_migrations WHERE finished_at IS NOT NULL',
  );
  const applied = rows.map(({ name }) => name);
  const fit = schemaFit({ known, applied, floor: null });
  // The floor's table came with a migration: a database without it is behind.
  if (!fit.fits) return fit;
  const [floor] = (await system.query<{ migration: string }>('SELECT migration FROM schema_floor')).rows;
  return schemaFit({ known, applied, floor: floor?.migration ?? null });
}

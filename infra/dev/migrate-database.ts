/** Brings a database to this checkout's schema, in this process: starting another takes longer than a schema that is current. */
import { StartError } from './start-error.ts';

/** Idempotent; the names of the migrations it applied. `databaseUrl` is a login that owns the database and may create roles. */
export async function migrateDatabase(databaseUrl: string): Promise<string[]> {
  const { migrate } = await import('../../control-plane/src/platform/migrations.ts');
  try {
    return (await migrate(databaseUrl)).applied;
  } catch (error) {
    throw new StartError(`Migrating the database failed: ${(error as Error).message}`);
  }
}

/** `npm run db:migrate`: brings the database of DATABASE_URL, or else the embedded one, to this checkout's schema. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { migrateDatabase } from './migrate-database.ts';
import { stackPaths } from './paths.ts';
import { rememberedPort } from './ports.ts';
import { canConnect, ensureCluster, ensureDatabase, postgresProcess } from './postgres.ts';
import { requireDatabase } from './preflight.ts';
import { startProcess, stopProcess, untilReady } from './processes.ts';
import { describeFailure } from './start-error.ts';

const paths = stackPaths();

async function migrateEmbedded(): Promise<string[]> {
  const portFile = join(paths.data, 'postgres-port');
  const running = ensureCluster(paths.postgres, lastPort(portFile));
  // A stack that is up serves it already.
  if (await canConnect(running.adminUrl)) return migrateDatabase(await ensureDatabase(running));
  const cluster = ensureCluster(paths.postgres, await rememberedPort(portFile));
  const server = await startProcess(postgresProcess(cluster, 'durable'), paths.logs, 'migrate');
  try {
    await untilReady(server, paths.logs);
    return await migrateDatabase(await ensureDatabase(cluster));
  } finally {
    await stopProcess(server);
  }
}

function lastPort(file: string): number {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return 0;
  }
}

async function migrateGiven(databaseUrl: string): Promise<string[]> {
  await requireDatabase(databaseUrl);
  return migrateDatabase(databaseUrl);
}

try {
  const databaseUrl = process.env['DATABASE_URL'];
  const applied = await (databaseUrl ? migrateGiven(databaseUrl) : migrateEmbedded());
  console.log(applied.length === 0 ? 'The database is at this schema already' : `Applied ${applied.join(', ')}`);
} catch (error) {
  console.error(describeFailure(error));
  process.exitCode = 1;
}

/** `npm run db:migrate`: brings the database of DATABASE_URL, or else the embedded one, to this checkout's schema. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stackPaths } from './paths.ts';
import { rememberedPort } from './ports.ts';
import { canConnect, ensureCluster, ensureDatabase, postgresProcess } from './postgres.ts';
import { requireDatabase } from './preflight.ts';
import { startProcess, stopProcess, untilReady } from './processes.ts';
import { runScript } from './run-script.ts';
import { describeFailure } from './start-error.ts';

const paths = stackPaths();

async function migrate(databaseUrl: string): Promise<void> {
  const env = { DATABASE_URL: databaseUrl };
  console.log(
    JSON.stringify(
      await runScript({ name: 'migrate', file: 'control-plane/src/migrate.ts', env }, paths.logs, new AbortController().signal),
    ),
  );
}

async function migrateEmbedded(): Promise<void> {
  const portFile = join(paths.data, 'postgres-port');
  const running = ensureCluster(paths.postgres, lastPort(portFile));
  // A stack that is up serves it already.
  if (await canConnect(running.adminUrl)) return migrate(await ensureDatabase(running));
  const cluster = ensureCluster(paths.postgres, await rememberedPort(portFile));
  const server = await startProcess(postgresProcess(cluster, 'durable'), paths.logs, 'migrate');
  try {
    await untilReady(server, paths.logs);
    await migrate(await ensureDatabase(cluster));
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

try {
  const databaseUrl = process.env['DATABASE_URL'];
  if (databaseUrl) {
    await requireDatabase(databaseUrl);
    await migrate(databaseUrl);
  } else await migrateEmbedded();
} catch (error) {
  console.error(describeFailure(error));
  process.exitCode = 1;
}

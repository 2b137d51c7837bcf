/**
 * The stack as a whole, in its order: Postgres and NATS, schema and seed, control plane, console and agent. What was started is
 * stopped in reverse, also when a later part fails to start.
 */
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Client, createClient } from '@signalbox/sdk/client';
import { ensureConsole, isConsoleBuilt } from './console-build.ts';
import { ensureExamplesDatabase } from './examples-database.ts';
import { migrateDatabase } from './migrate-database.ts';
import { natsHome } from './nats.ts';
import { natsBinary } from './nats-binary.ts';
import type { Options } from './options.ts';
import type { StackPaths } from './paths.ts';
import { LOOPBACK, rememberedPort } from './ports.ts';
import { ensureCluster, ensureDatabase, postgresProcess } from './postgres.ts';
import { ownPostgresFolder } from './postgres-folder.ts';
import { requireDatabase, requireNats } from './preflight.ts';
import type { ProcessSpec } from './processes.ts';
import { stackSecrets } from './secrets.ts';
import { AGENT_POOL, isAccepted, keptKey, type SeedSettings, seed } from './seed.ts';
import { agent, controlPlane, webConsole } from './services.ts';
import { sideBySide } from './side-by-side.ts';
import { type Supervised, supervise, type Watch } from './supervise.ts';
import type { Terminal } from './terminal.ts';

export type Stack = { readonly client: Client; readonly ownerPassword: string };

type Launch = (spec: ProcessSpec) => Promise<void>;

/** Takes part in the caller's clean-up: every process is put on `started` as soon as it serves. */
export function startStack(options: Options, paths: StackPaths, watch: Watch, started: Supervised[], terminal: Terminal): Promise<Stack> {
  return sideBySide(watch.signal, async (part, signal) => {
    const { logs } = watch;
    // Before the secrets, whose absence tells that this data folder is new.
    if (ownPostgresFolder(paths)) terminal.line(`  Removed a database that an earlier checkout at this path left in ${paths.postgres}`);
    const secrets = stackSecrets(paths.data);
    const launch: Launch = async (spec) => void started.push(await supervise(spec, { ...watch, signal }));
    const consoleBuilt = part(prepareConsole(options, { ...watch, signal }, terminal));

    const [databaseUrl, nats] = await Promise.all([part(database(options, paths, launch)), part(bus(options, paths, launch, terminal))]);
    terminal.done(options.databaseUrl ? 'Postgres answers' : 'Postgres runs');
    terminal.done(options.nats ? 'NATS answers' : 'NATS runs');

    terminal.step('Bringing the database to this schema');
    await migrateDatabase(databaseUrl);
    const seeds: SeedSettings = {
      data: paths.data,
      databaseUrl,
      secret: secrets.controlPlane,
      ownerPassword: secrets.ownerPassword,
      logs,
      signal,
    };
    const lastKey = keptKey(paths.data);
    const seeding = lastKey === null ? part(seed(seeds)) : null;
    const examplesDatabase = part(ensureExamplesDatabase(databaseUrl, secrets.examplesPassword));
    terminal.done('Database is migrated');

    terminal.step('Starting the control plane');
    const { port, watch: restartOnChange } = options;
    const consolePort = await rememberedPort(join(paths.data, 'console-port'));
    await launch(controlPlane({ port, databaseUrl, nats, secret: secrets.controlPlane, consolePort, watch: restartOnChange }));
    terminal.done(`Control plane serves on port ${port}`);

    const url = `http://${LOOPBACK}:${port}`;
    const startAgent = async () => {
      const seeded = await (seeding ?? (lastKey !== null && (await isAccepted(url, lastKey)) ? { apiKey: lastKey } : seed(seeds)));
      const client = createClient({ url, apiKey: seeded.apiKey });
      const dataDir = agentFolder(paths, options);
      const joinCode = 'joinCode' in seeded ? seeded.joinCode : await joinCodeFor(client, dataDir);
      await launch(agent({ port, joinCode, dataDir, examplesUrl: await examplesDatabase, watch: restartOnChange }));
      terminal.done('Agent serves the pool "local"');
      return client;
    };
    const startConsole = async () => {
      await consoleBuilt;
      await launch(webConsole(consolePort, port, restartOnChange));
      terminal.done('Console serves');
    };
    const [client] = await Promise.all([part(startAgent()), part(startConsole())]);
    return { client, ownerPassword: secrets.ownerPassword };
  });
}

/** None for an agent that has joined: its folder holds its credential. */
async function joinCodeFor(client: Client, dataDir: string): Promise<string | null> {
  if (readdirSync(dataDir).length > 0) return null;
  return (await client.agents.createJoinCode.mutate({ pool: AGENT_POOL })).code;
}

async function database(options: Options, paths: StackPaths, launch: Launch): Promise<string> {
  if (options.databaseUrl) {
    await requireDatabase(options.databaseUrl);
    return options.databaseUrl;
  }
  const cluster = ensureCluster(paths.postgres, await rememberedPort(join(paths.data, 'postgres-port')));
  await launch(postgresProcess(cluster, 'durable'));
  return ensureDatabase(cluster);
}

async function bus(options: Options, paths: StackPaths, launch: Launch, terminal: Terminal): Promise<{ url: string; trustFile: string }> {
  if (options.nats) {
    await requireNats(options.nats.url);
    return options.nats;
  }
  const binary = await natsBinary((label) => terminal.line(`  Obtaining nats-server: ${label} ...`));
  const ports = {
    port: await rememberedPort(join(paths.data, 'nats-port')),
    monitorPort: await rememberedPort(join(paths.data, 'nats-monitor-port')),
  };
  const home = await natsHome(paths.nats, binary, ports);
  await launch(home.process);
  return home;
}

async function prepareConsole(options: Options, watch: Watch, terminal: Terminal): Promise<void> {
  if (options.watch || isConsoleBuilt()) return;
  terminal.line('  Building the console, once for these sources (about a minute) ...');
  await ensureConsole(watch.logs, watch.stack, watch.signal);
  terminal.done('Console is built');
}

/** An agent belongs to the installation that it joined: another database, another identity. */
function agentFolder(paths: StackPaths, { databaseUrl }: Options): string {
  const folder =
    databaseUrl === undefined ? 'embedded' : encodeURIComponent(`${new URL(databaseUrl).host}${new URL(databaseUrl).pathname}`);
  const path = join(paths.agent, folder);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return path;
}

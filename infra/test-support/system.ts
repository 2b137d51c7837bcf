/**
 * A whole system of real processes for end-to-end tests and the bench: Postgres, NATS, control plane and agents, each
 * of which can be killed and started again.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, createClient } from '@signalbox/sdk/client';
import pg from 'pg';
import { ensureConsole } from '../dev/console-build.ts';
import { deployExamples } from '../dev/deploy-examples.ts';
import { ensureExamplesDatabase } from '../dev/examples-database.ts';
import { natsHome } from '../dev/nats.ts';
import { natsBinary } from '../dev/nats-binary.ts';
import { traversable } from '../dev/paths.ts';
import { freePort, LOOPBACK } from '../dev/ports.ts';
import { ensureCluster, ensureDatabase, postgresProcess } from '../dev/postgres.ts';
import { type ProcessSpec, type RunningProcess, sendSignal, startProcess, stopProcess, untilReady } from '../dev/processes.ts';
import { runScript } from '../dev/run-script.ts';
import { AGENT_POOL } from '../dev/seed.ts';
import { agent as agentProcess, controlPlane, publicUrl, webConsole } from '../dev/services.ts';

import { mountSmallDisk, unmountDisk } from './small-disk.ts';

export type SystemOptions = {
  /** Value of the variable that marks every process of this system. */
  readonly tag: string;
  /** Added to the environment of the control plane (short leases) and of agents. */
  readonly controlPlaneEnv?: NodeJS.ProcessEnv;
  readonly agentEnv?: NodeJS.ProcessEnv;
  /** Added to the environment of one control plane or agent. */
  readonly partEnv?: (part: string) => NodeJS.ProcessEnv;
  /** Slots of an agent. */
  readonly slots?: number;
  /** Agents to start, default 1. */
  readonly agents?: number;
  /** Further agents that are known and not started, default 0. */
  readonly spareAgents?: number;
  /** Puts each agent's data on a disk of its own of 64 MB, where this machine lets us mount one. */
  readonly smallDisks?: boolean;
  /** Replicas of the control plane, default 1: `control-plane`, `control-plane-2`, ... */
  readonly replicas?: number;
  /** Address by which one part reaches another; default: the other's own. A test puts a proxy between them. */
  readonly route?: (from: string, to: 'postgres' | 'nats', url: string) => Promise<string>;
  /** Builds the console, unless it is built for these sources, and serves it at `consoleUrl`. */
  readonly console?: boolean;
  /** Deploys the examples and gives agents the database that they load into. */
  readonly examples?: boolean;
};

export type System = AsyncDisposable & {
  readonly client: Client;
  readonly url: string;
  /** Of each replica of the control plane. */
  readonly urls: readonly string[];
  /** Names of all parts, started or not. */
  readonly parts: readonly string[];
  /** Where a browser goes: the public URL, whose origin is the one that may sign in. */
  readonly consoleUrl: string;
  readonly apiKey: string;
  readonly databaseUrl: string;
  /** The cluster's superuser, for roles that the product never has. */
  readonly adminUrl: string;
  /** Figures of the NATS server, over HTTP. */
  readonly natsMonitorUrl: string;
  readonly ownerPassword: string;
  /** `SIGNALBOX_SECRET` of the control plane. */
  readonly secret: string;
  /** Logs, one file a process. */
  readonly folder: string;
  /** Plain SQL as the loops' role, for looking at the truth. */
  sql<Row>(text: string, values?: unknown[]): Promise<Row[]>;
  /** SIGKILL, and waits until it is gone. Parts: `postgres`, `nats`, `control-plane`, `console`, `agent`, `agent-2`, ... */
  kill(part: string): Promise<void>;
  /** Starts a part that was killed or stopped, and waits until it serves; `env` is added for this start, `root` is another checkout. */
  start(part: string, env?: NodeJS.ProcessEnv, root?: string): Promise<void>;
  /** Settles when a part that was started has ended by itself or another's hand, with a plain cause. */
  ended(part: string): Promise<string>;
  /** Asks a part to stop, as an operator would. */
  stop(part: string): Promise<void>;
  pidOf(part: string): number;
};

/** A machine that runs several suites starts a process slowly. */
const PATIENCE_MS = 150_000;
export const OWNER_EMAIL = 'owner@example.com';
const SECRET = 'a secret of tests, long enough to be one';
const OWNER_PASSWORD = 'correct-horse-battery-staple';

/** With `SIGNALBOX_KEEP_SYSTEM` set, logs and data stay when it is disposed, and it says where. */
export async function startSystem(options: SystemOptions): Promise<System> {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-system-'));
  // `npm run canary -- --suite`: what must be found nowhere when it is taken down.
  const sweepTo = process.env['SIGNALBOX_SWEEP'];
  const planted = sweepTo ? (await import('../canary/plant.ts')).agentSecrets() : {};
  const postgresHome = join(traversable(folder), 'postgres');
  mkdirSync(postgresHome, { recursive: true });
  const specs = new Map<string, ProcessSpec>();
  const running = new Map<string, RunningProcess>();

  const start = async (part: string, env: NodeJS.ProcessEnv = {}, root?: string) => {
    const spec = specs.get(part);
    if (!spec) throw new Error(`no such part: ${part}; known: ${[...specs.keys()].join(', ')}`);
    const launched = await startProcess(
      { ...spec, env: { ...(spec.env ?? process.env), ...env }, ...(root === undefined ? {} : { cwd: root }) },
      folder,
      options.tag,
    );
    running.set(part, launched);
    try {
      await untilReady(launched, folder, undefined, PATIENCE_MS);
    } catch (error) {
      // Whoever starts it again must not find it alive: two of one kind would fight over its port and its disk.
      await stopProcess(launched);
      throw error;
    }
  };
  const started = (part: string): RunningProcess => {
    const process = running.get(part);
    if (!process) throw new Error(`${part} does not run`);
    return process;
  };
  const stopAll = async () => {
    for (const part of [...running.values()].reverse()) await stopProcess(part);
    for (const name of specs.keys()) unmountDisk(join(folder, `${name}-data`));
    rmSync(traversable(folder), { recursive: true, force: true });
    if (process.env['SIGNALBOX_KEEP_SYSTEM']) process.stderr.write(`logs and data are kept in ${folder}\n`);
    else rmSync(folder, { recursive: true, force: true });
  };

  try {
    const cluster = ensureCluster(postgresHome, await freePort());
    specs.set('postgres', postgresProcess(cluster, 'durable'));
    const nats = await natsHome(folder, await natsBinary(), { port: await freePort(), monitorPort: await freePort() });
    specs.set('nats', nats.process);
    await Promise.all([start('postgres'), start('nats')]);
    const databaseUrl = await ensureDatabase(cluster);

    const never = new AbortController().signal;
    await runScript({ name: 'migrate', file: 'control-plane/src/migrate.ts', env: { DATABASE_URL: databaseUrl } }, folder, never);
    const atOnce = options.agents ?? 1;
    const agents = Array.from({ length: atOnce + (options.spareAgents ?? 0) }, (_, index) =>
      index === 0 ? 'agent' : `agent-${index + 1}`,
    );
    const { apiKey } = (await runScript(
      {
        name: 'seed',
        file: 'control-plane/src/seed.ts',
        args: ['--email', OWNER_EMAIL, '--password', OWNER_PASSWORD, '--api-key-name', 'tests'],
        env: { DATABASE_URL: databaseUrl, SIGNALBOX_SECRET: SECRET },
      },
      folder,
      never,
    )) as { apiKey: string };

    const route = options.route ?? ((_from, _to, url) => Promise.resolve(url));
    const consolePort = await freePort();
    const urls: string[] = [];
    const replicas = Array.from({ length: options.replicas ?? 1 }, (_, index) =>
      index === 0 ? 'control-plane' : `control-plane-${index + 1}`,
    );
    for (const name of replicas) {
      const port = await freePort();
      const reached = { ...nats, url: await route(name, 'nats', nats.url) };
      const plane = controlPlane({
        port,
        databaseUrl: await route(name, 'postgres', databaseUrl),
        nats: reached,
        secret: SECRET,
        consolePort,
        watch: false,
      });
      const planeEnv = { ...plane.env, SIGNALBOX_AGENT_NATS_URLS: nats.url, ...options.controlPlaneEnv, ...options.partEnv?.(name) };
      specs.set(name, { ...plane, name, env: options.console ? planeEnv : withoutConsole(planeEnv) });
      urls.push(`http://${LOOPBACK}:${port}`);
    }
    const url = urls[0] ?? '';
    const client = createClient({ url, apiKey });
    const port = Number(new URL(url).port);
    await Promise.all(replicas.map((name) => start(name)));
    if (options.console) {
      await ensureConsole(folder, options.tag, never);
      specs.set('console', webConsole(consolePort, port, false));
      await start('console');
    }
    const examplesUrl = options.examples ? await ensureExamplesDatabase(databaseUrl, OWNER_PASSWORD) : '';
    for (const name of agents) {
      const { code: joinCode } = await client.agents.createJoinCode.mutate({ pool: AGENT_POOL });
      const spec = agentSpec(name, {
        port,
        joinCode,
        folder,
        examplesUrl,
        options: { ...options, agentEnv: { ...planted, ...options.agentEnv } },
      });
      const natsUrl = await route(name, 'nats', nats.url);
      specs.set(name, natsUrl === nats.url ? spec : { ...spec, env: { ...spec.env, SIGNALBOX_NATS_URL: natsUrl } });
    }
    await Promise.all(agents.slice(0, atOnce).map((name) => start(name)));

    const system = new pg.Pool({ connectionString: databaseUrl, options: '-c role=signalbox_system', max: 2 });
    system.on('error', () => {});
    if (options.examples) await deployExamples(client);
    const made: System = {
      client,
      url,
      urls,
      parts: [...specs.keys()],
      consoleUrl: publicUrl(port),
      apiKey,
      databaseUrl,
      adminUrl: cluster.adminUrl,
      natsMonitorUrl: nats.monitorUrl,
      ownerPassword: OWNER_PASSWORD,
      secret: SECRET,
      folder,
      sql: async (text, values) => (await system.query(text, values)).rows,
      async kill(part) {
        const process = started(part);
        sendSignal(process.identity.pid, 'SIGKILL');
        await process.ended;
      },
      ended: (part) => started(part).ended,
      start,
      async stop(part) {
        const process = running.get(part);
        if (process) await stopProcess(process);
      },
      pidOf: (part) => started(part).identity.pid,
      [Symbol.asyncDispose]: async () => {
        if (sweepTo) await (await import('../canary/suite.ts')).sweepAtEnd(made, { ...planted, ...options.agentEnv }, sweepTo);
        await system.end();
        await stopAll();
      },
    };
    return made;
  } catch (error) {
    await stopAll();
    throw error;
  }
}

function agentSpec(
  name: string,
  {
    port,
    joinCode,
    folder,
    examplesUrl,
    options,
  }: { port: number; joinCode: string; folder: string; examplesUrl: string; options: SystemOptions },
): ProcessSpec {
  const dataDir = join(folder, `${name}-data`);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  if (options.smallDisks) mountSmallDisk(dataDir);
  const spec = agentProcess({ port, joinCode, dataDir, examplesUrl, watch: false });
  const slots = options.slots === undefined ? [] : ['--slots', String(options.slots)];
  const args = spec.args.map((arg, index) => (spec.args[index - 1] === '--name' ? name : arg));
  return { ...spec, name, args: [...args, ...slots], env: { ...spec.env, ...options.agentEnv, ...options.partEnv?.(name) } };
}

function withoutConsole(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { SIGNALBOX_WEB_URL: _, ...rest } = env;
  return rest;
}

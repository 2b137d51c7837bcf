/**
 * Starts one throw-away Postgres for a test run, with a migrated template database to clone from. Projects of the run share it.
 * What is left when the run ends is a leak: it is ended, and the run fails.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { ROOT, traversable } from '../dev/paths.ts';
import { freePort } from '../dev/ports.ts';
import { ensureCluster, postgresProcess, urlOf } from '../dev/postgres.ts';
import { carrying, startOf } from '../dev/process-identity.ts';
import { STACK_VARIABLE, sendSignal, startProcess, stopProcess, untilReady } from '../dev/processes.ts';
import { LOGIN, TEMPLATE } from './database-names.ts';

type Shared = { users: number; started: Promise<Started> };
type Started = { adminUrl: string; tag: string; stop(): Promise<void> };

/** Each project loads this module anew; the run's one Postgres is kept where all of them see it. */
const store = globalThis as { signalboxTestRun?: Shared };

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  store.signalboxTestRun ??= { users: 0, started: start() };
  const shared = store.signalboxTestRun;
  shared.users++;
  const { adminUrl, tag, stop } = await shared.started;
  project.provide('postgresAdminUrl', adminUrl);
  project.provide('runTag', tag);
  return async () => {
    if (--shared.users > 0) return;
    delete store.signalboxTestRun;
    await stop();
  };
}

async function start(): Promise<Started> {
  const tag = `test-${process.pid}-${startOf(process.pid)}`;
  const home = join(traversable(ROOT), `test-${process.pid}`);
  endEarlierRuns();
  mkdirSync(home, { recursive: true });
  const cluster = ensureCluster(home, await freePort());
  const server = await startProcess(postgresProcess(cluster, 'throw-away'), home, tag);
  try {
    await untilReady(server, home);
    await makeTemplate(cluster.adminUrl, cluster.password, cluster.port);
  } catch (error) {
    await stopProcess(server);
    throw error;
  }
  return {
    adminUrl: cluster.adminUrl,
    tag,
    async stop() {
      await stopProcess(server);
      rmSync(home, { recursive: true, force: true });
      const left = carrying(STACK_VARIABLE, (value) => value === tag);
      for (const { pid } of left) sendSignal(pid, 'SIGKILL');
      if (left.length > 0) throw new Error(`Tests left ${left.length} processes running (pids ${left.map(({ pid }) => pid).join(', ')})`);
    },
  };
}

async function makeTemplate(adminUrl: string, password: string, port: number): Promise<void> {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  await admin.query(`CREATE ROLE ${LOGIN} LOGIN CREATEROLE PASSWORD '${password}'`);
  await admin.query(`CREATE DATABASE ${TEMPLATE} OWNER ${LOGIN}`);
  await admin.end();
  execFileSync(process.execPath, [join(ROOT, 'control-plane/src/migrate.ts')], {
    env: { ...process.env, DATABASE_URL: urlOf(LOGIN, password, port, TEMPLATE) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** A run that was killed leaves its Postgres and its folder behind. */
function endEarlierRuns(): void {
  const home = traversable(ROOT);
  for (const name of readdirSync(home).filter((folder) => folder.startsWith('test-'))) {
    const pid = Number(name.slice('test-'.length));
    if (pid !== process.pid && startOf(pid) !== null) continue;
    for (const left of leftBy(pid)) sendSignal(left, 'SIGKILL');
    rmSync(join(home, name), { recursive: true, force: true });
  }
}

/** Processes whose mark begins with that pid's, whichever boot and start it had. */
function leftBy(pid: number): number[] {
  return carrying(STACK_VARIABLE, (value) => value.startsWith(`test-${pid}-`)).map((found) => found.pid);
}

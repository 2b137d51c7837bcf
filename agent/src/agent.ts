/**
 * Starts the parts and the loops, joins them, and owns the order in which they stop.
 *
 * Stopping: no new claims, unstarted runs given back, then what `onStop` says about those that run, then what is left to
 * tell is told, then the connection goes. A second signal stops at once.
 */

import { join } from 'node:path';
import { watchFaults } from '@signalbox/proto/faults';
import type { Logger } from 'pino';
import type { AgentParts } from './agent-parts.ts';
import { Bell } from './bell.ts';
import { NatsChannel } from './channel/nats-channel.ts';
import type { AgentConfig } from './config.ts';
import { Credential } from './credential.ts';
import { lockDataDir } from './data-dir-lock.ts';
import { ensureEnrolled } from './enroll.ts';
import { ensureDataDir, ensureKey } from './identity.ts';
import { ProcessLauncher } from './launchers/process.ts';
import { claimLoop } from './loops/claims.ts';
import { listenForCommands } from './loops/commands.ts';
import { credentialLoop } from './loops/credential.ts';
import { Doorbell } from './loops/doorbell.ts';
import { leaseLoop } from './loops/leases.ts';
import { ClaimDesk } from './loops/open-claim.ts';
import { reportLoop } from './loops/reports.ts';
import { resultLoop } from './loops/results.ts';
import { sessionLoop } from './loops/session.ts';
import { statusLoop } from './loops/status.ts';
import { Runs } from './run/runs.ts';
import { ServerClock } from './server-clock.ts';
import { Session } from './session.ts';
import { finishWork } from './shutdown.ts';
import { openSpool } from './spool/spool.ts';
import { AgentStatus, readStatus } from './status.ts';

/** Serves until `stop` aborts, then drains. @throws ConfigError when it cannot begin. */
export async function runAgent(config: AgentConfig, log: Logger, stop: AbortSignal, stopNow: AbortSignal): Promise<void> {
  watchFaults(config.faultDir);
  ensureDataDir(config.dataDir);
  const lock = lockDataDir(config.dataDir);
  try {
    await serve(config, log, stop, stopNow);
  } finally {
    lock.release();
  }
}

async function serve(config: AgentConfig, log: Logger, stop: AbortSignal, stopNow: AbortSignal): Promise<void> {
  const key = ensureKey(config.dataDir);
  const enrolled = await ensureEnrolled(config, key, log, stop);
  const credential = new Credential(key, enrolled, config.dataDir, config.url);
  const status = new AgentStatus();
  const spool = await openSpool(
    { folder: join(config.dataDir, 'spool'), onTrouble: (error) => spoolTrouble(status, log, error) },
    (error, movedTo) => log.error({ error: error.message, movedTo }, 'the journal could not be read and was moved aside'),
  );
  const launcher = new ProcessLauncher({ dataDir: config.dataDir, environment: config.environment, log });
  await launcher.open();
  const clock = new ServerClock(readStatus(config.dataDir)?.clockOffsetMs);
  const rotate = new Bell();
  const channel = new NatsChannel({
    servers: config.natsUrls.length > 0 ? config.natsUrls : enrolled.natsUrls,
    agent: enrolled.agent.slice('agt_'.length),
    credential,
    log,
  });
  const session = new Session(channel, clock);
  const { slots, maxProcesses, maxWarm } = config;
  const workspace = () => session.current?.workspace ?? enrolled.workspace;
  const runs = new Runs({
    slots,
    maxProcesses,
    maxWarm,
    launcher,
    parts: { spool, clock, ask: session.ask, workspace, apiUrl: config.url, log },
  });
  const parts: AgentParts = {
    config,
    channel,
    session,
    spool,
    runs,
    doorbell: new Doorbell(channel),
    claims: new ClaimDesk(),
    clock,
    status,
    log,
    reconnected: new Bell(),
    rotateCredential: () => rotate.ring(),
    setDraining: (reason, on) => setDraining(status, runs, log, reason, on),
  };
  await runs.resume();
  listenForCommands(parts);
  channel.onStatus(({ isConnected, detail }) => {
    log.info({ isConnected, detail }, 'connection');
    if (isConnected) parts.reconnected.ring();
    parts.doorbell.look();
    // An expired or refused credential is mended by a new one, which the next dial shows.
    if (!isConnected && /auth/i.test(detail)) rotate.ring();
  });

  const taking = AbortSignal.any([stop, stopNow]);
  const serving = new AbortController();
  const claims = claimLoop(parts, taking);
  const loops = Promise.all([
    sessionLoop(parts, serving.signal),
    leaseLoop(parts, serving.signal),
    reportLoop(parts, 'state', serving.signal),
    reportLoop(parts, 'bulk', serving.signal),
    credentialLoop(parts, credential, rotate, serving.signal),
    statusLoop(parts, enrolled, serving.signal),
    resultLoop(config.resultsDir, config.resultsKeepDays, log, serving.signal),
  ]);
  await Promise.race([claims, loops]);
  await finishWork(parts, claims, stopNow);
  serving.abort();
  await loops;
  await channel.close();
  await launcher.close();
  await spool.shut();
  log.info('stopped');
}

function setDraining(status: AgentStatus, runs: Runs, log: Logger, reason: string, on: boolean): void {
  const isOn = status.draining !== null;
  if (isOn === on || (!on && status.draining !== reason)) return;
  status.draining = on ? reason : null;
  log.info({ reason }, on ? 'draining' : 'taking work again');
  runs.setTaking(!on, `the agent drains: ${reason}`);
}

function spoolTrouble(status: AgentStatus, log: Logger, error: Error | null): void {
  if (error && status.spoolTrouble === null) log.error({ error: error.message }, 'the journal cannot be written; nothing new is begun');
  if (!error) log.info('the journal is written again');
  status.spoolTrouble = error?.message ?? null;
}

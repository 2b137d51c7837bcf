/**
 * The control plane: reads the configuration, opens connections, wires, serves, and stops in order.
 *
 * Order of a start: schema check, NATS (accounts, streams), partitions ahead, agents' requests, loops, HTTP. A stop is
 * the same backwards, so that nothing new comes in while what is under way ends.
 */
import { suffixToUuid } from '@signalbox/proto';
import { watchFaults } from '@signalbox/proto/faults';
import { tokenRequestSchema } from '@signalbox/proto/messages';
import { createApp } from './app.ts';
import { type Config, ConfigError, readConfig } from './config.ts';
import { DEFAULT_TIMINGS } from './domain/run-snapshot.ts';
import { auditRefusedConnections, renewAgentToken, startStatusLoop } from './features/agents/index.ts';
import { startAuditChain } from './features/audit/index.ts';
import { startAutomations } from './features/automations/index.ts';
import { startBackfills } from './features/backfills/index.ts';
import { startBulkLoop } from './features/bulk/index.ts';
import { serveCalls } from './features/calls/serve-calls.ts';
import { startOverlayExpiry } from './features/deployments/index.ts';
import { type DispatchCtx, serveDispatch, startOfferLoops, startSweepLoop } from './features/dispatch/index.ts';
import { startEvents } from './features/events/index.ts';
import { startFailureGroups } from './features/failures/index.ts';
import { openIdleRenewals, serveLeases, startLeaseLoops } from './features/leases/index.ts';
import { startLimitLoop } from './features/limits/index.ts';
import { startNotifications } from './features/notifications/index.ts';
import { startOrganizationPurge } from './features/organizations/index.ts';
import { startReminders } from './features/pauses/index.ts';
import { serveReports } from './features/reports/index.ts';
import { ensureDays, startRetention } from './features/retention/index.ts';
import { runTokensOf } from './features/run-tokens/index.ts';
import { startAudit, startFiring } from './features/schedules/index.ts';
import { startSlas } from './features/slas/index.ts';
import { openMeter } from './features/usage/index.ts';
import { startWorkspacePurge } from './features/workspaces/index.ts';
import { parseBody } from './platform/agent-requests.ts';
import { openBus } from './platform/bus.ts';
import { openDb } from './platform/db.ts';
import { type Log, openLog } from './platform/log.ts';
import { openMail } from './platform/mail.ts';
import { countPools, countProcess } from './platform/metrics.ts';
import { openNatsAccounts } from './platform/nats-accounts.ts';
import { checkNatsServer } from './platform/nats-server-check.ts';
import { guardSchema } from './platform/schema-guard.ts';
import { sealOf } from './platform/seal.ts';
import type { Services } from './platform/services.ts';
import { openShardLeases } from './platform/shards.ts';
import { shrinkHeapWhenIdle } from './platform/shrink-heap.ts';
import { serveApp } from './serve.ts';

/** A stop that takes longer is given up: something hangs, and a supervisor waits. */
const STOP_MS = 12_000;

const config = configOrExit();
const log = openLog(config.logLevel, 'control-plane');
try {
  const stop: () => Promise<void> = await start(config, log, (reason) => {
    log.fatal(`stopping: ${reason}`);
    void end(stop, 1);
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      log.info({ signal }, 'stopping');
      void end(stop, 0);
    });
  }
} catch (error) {
  log.fatal({ err: error }, `could not start: ${(error as Error).message}`);
  process.exit(1);
}

/** `unfit` is called when this build must not run on the database any more, with what to do. */
async function start(settings: Config, root: Log, unfit: (reason: string) => void): Promise<() => Promise<void>> {
  countProcess();
  const db = openDb({ url: settings.databaseUrl, maxConnections: settings.dbConnections });
  countPools({ report: db.reportSql, system: db.systemSql });
  const schema = await guardSchema(db.systemSql, root);
  const nats = { url: settings.natsUrl, trust: settings.natsTrust };
  const accounts = await openNatsAccounts({ ...nats, seal: sealOf(settings.secret), db: db.system });
  requireSafeNats(accounts.server, settings, root);
  const bus = await openBus({ ...nats, accounts, log: root });
  const shards = openShardLeases(db.systemSql);
  await ensureDays(db.systemSql);

  const usage = openMeter({ db, defaults: settings.workspaceLimits });
  const { leaseMs, renewMs, prefetchMs, lostGraceMs } = settings;
  const runTokens = runTokensOf(settings.secret);
  const dispatch: DispatchCtx = {
    db,
    bus,
    shards,
    usage,
    runTokens,
    log: root,
    settings: { ...DEFAULT_TIMINGS, leaseMs, renewMs, prefetchMs, lostGraceMs },
  };
  watchFaults(process.env['SIGNALBOX_FAULT_DIR']);
  serveLeases(dispatch);
  const dispatching = serveDispatch(dispatch, openIdleRenewals(dispatch));
  const mail = openMail(settings, root);
  const services: Services = { db, bus, credentials: accounts, mail, usage, log: root, settings, giveAtOnce: dispatching.giveAtOnce };
  accounts.onAgentGone((agent) => dispatching.gone(suffixToUuid(agent)));
  serveCalls(dispatch);
  serveReports(bus, { ...dispatch, claim: dispatching.claim, giveFreed: dispatching.giveFreed });
  auditRefusedConnections(services, accounts);
  bus.serve('token', (_from, body) => renewAgentToken(services, parseBody(tokenRequestSchema, body)));

  const loops = [
    startEvents({ db, bus, shards, log: root }),
    startAutomations({ services, shards }),
    ...startLeaseLoops(dispatch),
    ...startOfferLoops(dispatch),
    dispatching,
    startSweepLoop(dispatch),
    startLimitLoop(dispatch),
    startFiring({ db, bus, usage, shards, log: root }),
    startOverlayExpiry({ db, bus, shards, log: root }),
    startAudit({ db, shards, log: root }),
    startBackfills({ db, bus, usage, shards, log: root }),
    startBulkLoop({ db, bus, shards, log: root }),
    startRetention({ db, shards, log: root }),
    startReminders({ db, shards, log: root }),
    startOrganizationPurge({ db, shards, log: root }),
    startWorkspacePurge({ db, credentials: accounts, shards, log: root }),
    usage.start(root),
    startNotifications(services),
    startFailureGroups({ db, shards, log: root }),
    startSlas({ db, shards, log: root }),
    startStatusLoop({ db, shards, log: root }),
    startAuditChain({ db, shards, log: root, secret: settings.secret }),
  ];
  const listening = await serveApp(createApp(services), settings);
  loops.push(schema.watch(unfit));
  shrinkHeapWhenIdle();
  root.info({ port: listening.port, url: settings.publicUrl }, 'ready');

  return async () => {
    await listening.close();
    await Promise.all(loops.map((loop) => loop.stop()));
    await shards.release();
    await bus.close();
    await accounts.close();
    await db.close();
  };
}

/** @throws where strangers reach a NATS server with known holes. */
function requireSafeNats(server: { version: string; listenHost: string }, { agentNatsUrls }: Config, root: Log): void {
  const checked = checkNatsServer({ ...server, agentUrls: agentNatsUrls });
  if (checked.verdict === 'ok') return;
  if (checked.verdict === 'refuse') throw new Error(checked.text);
  root.error({ version: server.version, listener: server.listenHost }, `SECURITY: ${checked.text}`);
}

async function end(stop: () => Promise<void>, exitCode: number): Promise<void> {
  setTimeout(() => {
    log.error('stopping took too long; giving up on what hangs');
    process.exit(1);
  }, STOP_MS).unref();
  await stop();
  log.info('stopped');
  process.exit(exitCode);
}

function configOrExit(): Config {
  try {
    return readConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`error: ${error.message}\n`);
    process.exit(2);
  }
}

/** What a stopping agent does with the runs it holds, and with what it still has to tell. */
import type { AgentParts } from './agent-parts.ts';

/** Reports are small and the journal keeps them; a control plane that is away is not waited for. */
const TELL_WITHIN_MS = 5_000;
const BYE_TIMEOUT_MS = 1_000;

export async function finishWork(parts: AgentParts, claims: Promise<void>, stopNow: AbortSignal): Promise<void> {
  const { config, runs, log } = parts;
  parts.setDraining('the agent is stopping', true);
  log.info({ running: runs.running, onStop: config.onStop }, 'stopping');
  await Promise.all([claims, runs.closeWarm()]);
  if (config.onStop === 'wait') {
    const patience = AbortSignal.any([stopNow, AbortSignal.timeout(config.drainMs)]);
    await runs.until(({ running }) => running === 0, patience);
  }
  if (config.onStop === 'kill') {
    runs.stopAll();
    await runs.until(({ processes }) => processes === 0, stopNow);
    if (stopNow.aborted) await runs.killAll();
  }
  await tellTheRest(parts, stopNow);
  if (runs.running > 0) log.info({ running: runs.running }, 'runs go on without the agent; start it again to take them up');
}

async function tellTheRest(parts: AgentParts, stopNow: AbortSignal): Promise<void> {
  const { spool, session, runs, channel } = parts;
  const patience = AbortSignal.any([stopNow, AbortSignal.timeout(TELL_WITHIN_MS)]);
  await Promise.all([spool.state.durable(), spool.bulk.durable()]);
  await Promise.all([spool.state.waitUntilSent(patience), spool.bulk.waitUntilSent(patience)]);
  const current = session.current;
  if (!current || runs.holding().length > 0 || !channel.status.isConnected) return;
  const bye = { v: 1, session: current.session, reason: 'stopped' };
  await channel.request('bye', bye, BYE_TIMEOUT_MS).catch(() => {});
}

/** Writes what the agent is doing to `status.json`, for `signalbox-agent status`. */
import type { AgentParts } from '../agent-parts.ts';
import { pause } from '../bell.ts';
import type { Enrolled } from '../identity.ts';
import { type StatusSnapshot, saveStatus } from '../status.ts';

const EVERY_MS = 2_000;

export async function statusLoop(parts: AgentParts, enrolled: Enrolled, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      saveStatus(parts.config.dataDir, snapshot(parts, enrolled));
    } catch (error) {
      parts.log.warn({ error: String(error) }, 'the status could not be written');
    }
    await pause(EVERY_MS, signal);
  }
}

function snapshot(parts: AgentParts, enrolled: Enrolled): StatusSnapshot {
  const { status, runs, spool, channel, clock, session, config } = parts;
  return {
    pid: process.pid,
    name: enrolled.name,
    at: new Date().toISOString(),
    startedAt: status.startedAt,
    connection: channel.status.detail,
    workspace: session.current?.workspace.slug ?? enrolled.workspace.slug,
    pool: session.current?.pool.name ?? enrolled.pool.name,
    session: session.current?.session ?? null,
    clockOffsetMs: clock.offsetMs,
    slots: config.slots,
    free: runs.free,
    draining: status.draining,
    warm: runs.warm.size,
    unsent: { state: spool.state.unsent, bulk: spool.bulk.unsent },
    spoolBytes: spool.bytes,
    spoolTrouble: status.spoolTrouble,
    rssBytes: process.memoryUsage.rss(),
    loops: status.loops,
    runs: runs.describe(),
  };
}

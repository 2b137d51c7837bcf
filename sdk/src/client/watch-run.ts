/**
 * Follows a run to its end. Live events only say *when* to read; what is told comes from ordinary reads, so a lost
 * or doubled event costs nothing. Two modes:
 * - live: the stream stands; read on a hint, and every 10 s in case one was lost.
 * - polling: the stream cannot be had; read every `pollMs` while it is tried again.
 */
import type { RunId } from '@signalbox/proto';
import { isTerminal } from '@signalbox/proto';
import { delay } from './delay.ts';
import type { HttpOptions } from './links/http.ts';
import { liveEvents } from './live-events.ts';
import { createRunReader } from './read-run.ts';
import type { Api } from './router.ts';
import type { RunUpdate, WatchRunOptions } from './run-update.ts';
import { isSignalboxError } from './signalbox-error.ts';
import { WakeUp } from './wake-up.ts';

const SWEEP_MS = 10_000;
/** A busy run hints many times a second; reading more often than this helps nobody. */
const SPACING_MS = 100;
/** Logs travel in another channel than states: after the end, wait until none came for this long. */
const SETTLE_MS = 400;
const SETTLE_MAX_MS = 5_000;

export async function* watchRun(api: Api, http: HttpOptions, run: RunId, options: WatchRunOptions = {}): AsyncGenerator<RunUpdate, void> {
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  const wakeUp = new WakeUp();
  const read = createRunReader(api, run, options);
  const live = followLive(http, run, wakeUp, signal);
  const settleMs = options.logs === false ? 0 : SETTLE_MS;
  let unreachableSince: number | null = null;
  let endSeenAt: number | null = null;
  let quietSince = 0;

  try {
    while (!signal.aborted) {
      try {
        const { run: detail, runChanged, tasks, lines } = await read(signal);
        const now = performance.now();
        if (unreachableSince !== null) yield { kind: 'connection', connected: true };
        unreachableSince = null;
        const hasEnded = isTerminal(detail.state.type);
        if (runChanged && !hasEnded) yield { kind: 'run', run: detail };
        // Tasks before logs: lines name them.
        if (tasks) yield { kind: 'tasks', tasks };
        if (lines.length > 0) yield { kind: 'logs', lines };
        if (hasEnded) {
          if (endSeenAt === null || lines.length > 0) quietSince = now;
          endSeenAt ??= now;
          // The end is told last, after the last log line.
          if (now - quietSince >= settleMs || now - endSeenAt >= SETTLE_MAX_MS) {
            yield { kind: 'run', run: detail };
            return;
          }
        } else endSeenAt = null;
      } catch (error) {
        if (signal.aborted) return;
        if (!isSignalboxError(error, 'UNAVAILABLE')) throw error;
        const now = performance.now();
        if (unreachableSince === null) yield { kind: 'connection', connected: false, error };
        unreachableSince ??= now;
        if (now - unreachableSince > (options.giveUpAfterMs ?? 120_000)) throw error;
      }
      await delay(SPACING_MS, signal);
      const waitMs = live.isOpen && unreachableSince === null ? SWEEP_MS : (options.pollMs ?? 1_000);
      await wakeUp.wait(endSeenAt === null ? waitMs : settleMs, signal);
    }
  } finally {
    stop.abort();
  }
}

/** Keeps the stream open in the background and rings for each hint; reopens with back-off for as long as we watch. */
function followLive(http: HttpOptions, run: RunId, wakeUp: WakeUp, signal: AbortSignal): { readonly isOpen: boolean } {
  const live = { isOpen: false };
  const loop = async () => {
    for (let waitMs = 1_000; !signal.aborted; waitMs = Math.min(waitMs * 2, 30_000)) {
      try {
        for await (const event of liveEvents(http, { run, signal })) {
          live.isOpen = true;
          waitMs = 1_000;
          if (event.kind === 'open' || event.id === run) wakeUp.ring();
        }
      } catch {
        // Polling goes on meanwhile, and says so itself when the control plane is away.
      }
      if (live.isOpen) wakeUp.ring();
      live.isOpen = false;
      await delay(waitMs * (0.5 + Math.random() / 2), signal);
    }
  };
  void loop();
  return live;
}

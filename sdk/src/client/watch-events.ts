/**
 * Follows the feed of events from a position on. Live hints only say *when* to read; what is told comes from ordinary reads
 * by position, so that nothing is missed and nothing told twice, through any outage.
 */
import type { Event, listEventsInput } from '@signalbox/proto/api';
import type { z } from 'zod';
import { delay } from './delay.ts';
import type { HttpOptions } from './links/http.ts';
import { liveEvents } from './live-events.ts';
import type { Api } from './router.ts';
import { isSignalboxError } from './signalbox-error.ts';
import { WakeUp } from './wake-up.ts';

export interface WatchEventsOptions extends Pick<z.input<typeof listEventsInput>, 'names' | 'resource' | 'about' | 'text'> {
  /** Goes on after this position: that of the last event one has seen. Default: what happens from now on. */
  readonly after?: number;
  /** Ends the watch without an error. */
  readonly signal?: AbortSignal;
  /** Milliseconds between reads while live hints are not to be had. Default 1000. */
  readonly pollMs?: number;
  /** Milliseconds without an answer after which the watch fails. Default 120000. */
  readonly giveUpAfterMs?: number;
}

const PAGE = 200;
/** A hint may be lost. */
const SWEEP_MS = 10_000;
const SPACING_MS = 100;

export async function* watchEvents(api: Api, http: HttpOptions, options: WatchEventsOptions = {}): AsyncGenerator<Event, void> {
  const { after, signal: given, pollMs = 1_000, giveUpAfterMs = 120_000, ...filter } = options;
  const stop = new AbortController();
  const signal = given ? AbortSignal.any([given, stop.signal]) : stop.signal;
  const wakeUp = new WakeUp();
  const live = ring(http, wakeUp, signal);
  let position = after;
  let unreachableSince: number | null = null;
  try {
    while (!signal.aborted) {
      try {
        position ??= (await api.events.list.query({ limit: 1 }, { signal })).items[0]?.position ?? 0;
        const { items, nextCursor } = await api.events.list.query({ ...filter, after: position, limit: PAGE }, { signal });
        unreachableSince = null;
        for (const event of items) {
          position = event.position;
          yield event;
          if (signal.aborted) return;
        }
        if (nextCursor !== null) {
          // What was looked through and has none need not be looked through again.
          position = Number(nextCursor);
          continue;
        }
      } catch (error) {
        if (signal.aborted) return;
        if (!isSignalboxError(error, 'UNAVAILABLE')) throw error;
        unreachableSince ??= performance.now();
        if (performance.now() - unreachableSince > giveUpAfterMs) throw error;
      }
      await delay(SPACING_MS, signal);
      await wakeUp.wait(live.isOpen && unreachableSince === null ? SWEEP_MS : pollMs, signal);
    }
  } finally {
    stop.abort();
  }
}

/** Keeps the stream of hints open, and rings for each. */
function ring(http: HttpOptions, wakeUp: WakeUp, signal: AbortSignal): { readonly isOpen: boolean } {
  const live = { isOpen: false };
  const loop = async () => {
    for (let waitMs = 1_000; !signal.aborted; waitMs = Math.min(waitMs * 2, 30_000)) {
      try {
        for await (const _hint of liveEvents(http, { signal })) {
          live.isOpen = true;
          waitMs = 1_000;
          wakeUp.ring();
        }
      } catch {
        // Reads go on by polling, and say themselves when the control plane is away.
      }
      live.isOpen = false;
      wakeUp.ring();
      await delay(waitMs * (0.5 + Math.random() / 2), signal);
    }
  };
  void loop();
  return live;
}

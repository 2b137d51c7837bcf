'use client';
/**
 * One live stream per page. It listens to the whole workspace, or to a single run while that run's page is
 * open; it rests while the tab is hidden (browsers allow six connections an origin). Whenever it opens it
 * refetches what is on screen: what happened since that was read was told to nobody.
 */
import { type LiveEvent, liveEventSchema } from '@signalbox/proto/api';
import { useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef, useState } from 'react';
import { clientHeaders } from '../trpc/client.ts';
import { NotStreamed, readEventStream } from './event-stream.ts';

export type LiveStatus = 'connecting' | 'live' | 'lost';
type Listener = (event: LiveEvent) => void;

interface Live {
  readonly status: LiveStatus;
  readonly listen: (listener: Listener) => () => void;
  readonly focusRun: (run: string | null) => void;
}

const LiveContext = createContext<Live | null>(null);
const HIDDEN_FOR_MS = 30_000;
const RETRY_MAX_MS = 15_000;

export function LiveProvider({ children }: { children: ReactNode }) {
  const queryClient = useQueryClient();
  const listeners = useRef(new Set<Listener>());
  const [status, setStatus] = useState<LiveStatus>('connecting');
  const [run, focusRun] = useState<string | null>(null);
  const isAwake = useIsAwake();

  useEffect(() => {
    if (!isAwake) return;
    const stop = new AbortController();
    let failures = 0;
    const onData = (data: string) => {
      const event = liveEventSchema.safeParse(parseJson(data));
      if (event.success) for (const listener of listeners.current) listener(event.data);
    };
    const onOpen = () => {
      failures = 0;
      setStatus('live');
      void queryClient.invalidateQueries({ refetchType: 'active' });
    };
    (async () => {
      while (!stop.signal.aborted) {
        const url = run ? `/api/live?run=${encodeURIComponent(run)}` : '/api/live';
        await readEventStream({ url, headers: clientHeaders, signal: stop.signal, onOpen, onData }).catch((error: unknown) => {
          // Refused, not away: what is on screen is asked for again, and says why.
          if (error instanceof NotStreamed && [401, 403, 404].includes(error.status))
            void queryClient.invalidateQueries({ refetchType: 'active' });
        });
        if (stop.signal.aborted) return;
        setStatus('lost');
        await wait(Math.min(RETRY_MAX_MS, 500 * 2 ** failures++) * (0.5 + Math.random() / 2), stop.signal);
      }
    })();
    return () => stop.abort();
  }, [run, isAwake, queryClient]);

  const live = useMemo<Live>(
    () => ({
      status,
      focusRun,
      listen: (listener) => {
        listeners.current.add(listener);
        return () => void listeners.current.delete(listener);
      },
    }),
    [status],
  );
  return <LiveContext value={live}>{children}</LiveContext>;
}

function useLiveContext(): Live {
  const live = useContext(LiveContext);
  if (!live) throw new Error('live updates need <LiveProvider>');
  return live;
}

export function useLiveStatus(): LiveStatus {
  return useLiveContext().status;
}

/**
 * Calls `react` when an event concerns this page, at most once per `everyMs`: the first at once, the last of
 * a burst always.
 */
export function useLive(concerns: (event: LiveEvent) => boolean, react: () => void, everyMs = 1_000): void {
  const { listen } = useLiveContext();
  const latest = useRef({ concerns, react, everyMs });
  useEffect(() => {
    latest.current = { concerns, react, everyMs };
  });
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let lastAt = 0;
    const fire = () => {
      timer = undefined;
      lastAt = Date.now();
      latest.current.react();
    };
    const stop = listen((event) => {
      if (timer !== undefined || !latest.current.concerns(event)) return;
      timer = setTimeout(fire, Math.max(0, lastAt + latest.current.everyMs - Date.now()));
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [listen]);
}

/** While mounted, the stream tells about this run only, in detail. */
export function useLiveRun(run: string): void {
  const { focusRun } = useLiveContext();
  useEffect(() => {
    focusRun(run);
    return () => focusRun(null);
  }, [run, focusRun]);
}

/** False once the tab has been hidden for a while. */
function useIsAwake(): boolean {
  const [isAwake, setAwake] = useState(true);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const onChange = () => {
      clearTimeout(timer);
      if (document.visibilityState === 'visible') setAwake(true);
      else timer = setTimeout(() => setAwake(false), HIDDEN_FOR_MS);
    };
    document.addEventListener('visibilitychange', onChange);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onChange);
    };
  }, []);
  return isAwake;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}

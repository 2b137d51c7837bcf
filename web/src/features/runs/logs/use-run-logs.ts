import type { RunId } from '@signalbox/proto';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { Api } from '../../../lib/trpc/api.ts';
import { api } from '../../../lib/trpc/client.ts';

export type LogRecord = Awaited<ReturnType<Api['runs']['logs']['query']>>['lines'][number];

const PAGE = 2_000;
/** Lines read without being asked; beyond, a button reads on. Bounds the memory of a tab. */
const STEP = 50_000;

/**
 * Lines of a run, in order: read to the end, then from the last position whenever `pull` is called. Only what
 * is new crosses the wire.
 */
export function useRunLogs(run: RunId) {
  const [lines, setLines] = useState<readonly LogRecord[]>([]);
  const [isComplete, setComplete] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const reader = useRef({
    after: undefined as string | undefined,
    count: 0,
    bound: STEP,
    isBusy: false,
    isAskedAgain: false,
    isGone: false,
  });

  const pull = useCallback(async () => {
    const state = reader.current;
    state.isAskedAgain = true;
    if (state.isBusy) return;
    state.isBusy = true;
    try {
      while (state.isAskedAgain && !state.isGone) {
        state.isAskedAgain = false;
        for (;;) {
          const page = await api.runs.logs.query({ run, limit: PAGE, ...(state.after ? { after: state.after } : {}) });
          if (state.isGone) return;
          state.after = page.lines.at(-1)?.position ?? page.next ?? state.after;
          state.count += page.lines.length;
          if (page.lines.length > 0) setLines((before) => [...before, ...page.lines]);
          const isEnd = page.next === null || page.lines.length === 0;
          setComplete(isEnd);
          if (isEnd || state.count >= state.bound) break;
        }
      }
      setError(null);
    } catch (problem) {
      if (!state.isGone) setError(problem);
    } finally {
      state.isBusy = false;
    }
  }, [run]);

  const readOn = useCallback(() => {
    reader.current.bound = reader.current.count + STEP;
    void pull();
  }, [pull]);

  useEffect(() => {
    const state = { after: undefined, count: 0, bound: STEP, isBusy: false, isAskedAgain: false, isGone: false };
    reader.current = state;
    setLines([]);
    void pull();
    return () => {
      state.isGone = true;
    };
  }, [pull]);

  return { lines, isComplete, error, pull, readOn };
}

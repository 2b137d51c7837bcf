/**
 * Periodic work of a replica. A loop runs once at its start and then `everyMs` after the end of each run, a little
 * early or late so that replicas do not march in step. Runs never overlap; a failed one is logged, counted, and
 * followed by the next.
 */
import { loopRuns, loopSeconds } from './metrics.ts';

/** The part of a logger a loop needs. */
export type LoopLog = {
  error(fields: object, message: string): void;
  info(fields: object, message: string): void;
};

export type LoopOptions = {
  readonly name: string;
  readonly everyMs: number;
  /** One run. `signal` is aborted by `stop()`: leave at the next safe point. `'again'`: more is waiting, do not pause. */
  readonly run: (signal: AbortSignal) => Promise<unknown>;
  readonly log: LoopLog;
};

export type Loop = {
  /** Lets the current run end, and runs no more. */
  stop(): Promise<void>;
  /** Runs at once, or once more right after the current run. */
  kick(): void;
};

/** Share of `everyMs` by which a pause is shortened or prolonged. */
const JITTER = 0.1;

/** Starts a loop. The first run begins at once. */
export function startLoop({ name, everyMs, run, log }: LoopOptions): Loop {
  const stopping = new AbortController();
  let kicked = false;
  let wake: (() => void) | null = null;
  let failedBefore = false;

  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const runOnce = async (): Promise<boolean> => {
    const stopTimer = loopSeconds.startTimer({ loop: name });
    try {
      const more = (await run(stopping.signal)) === 'again';
      loopRuns.inc({ loop: name, outcome: 'ok' });
      if (failedBefore) log.info({ loop: name }, 'loop works again');
      failedBefore = false;
      return more;
    } catch (error) {
      if (stopping.signal.aborted) return false;
      loopRuns.inc({ loop: name, outcome: 'failed' });
      // An outage of a dependency would log at every turn: the first failure of a row says it.
      if (!failedBefore) log.error({ loop: name, err: error }, 'loop failed, will try again');
      failedBefore = true;
      return false;
    } finally {
      stopTimer();
    }
  };

  const finished = (async () => {
    while (!stopping.signal.aborted) {
      kicked = false;
      const more = await runOnce();
      if (stopping.signal.aborted) return;
      if (!more && !kicked) await pause(everyMs * (1 + JITTER * (2 * Math.random() - 1)));
      wake = null;
    }
  })();

  return {
    async stop() {
      stopping.abort();
      wake?.();
      await finished;
    },
    kick() {
      kicked = true;
      wake?.();
    },
  };
}

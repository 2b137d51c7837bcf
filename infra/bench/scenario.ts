/** What a scenario is to the command line: a line about it, and a function that answers rows. */
import { type System, type SystemOptions, startSystem } from '../test-support/system.ts';
import type { Row } from './row.ts';

/** `tiny` proves that a scenario works; its figures mean nothing. */
export type Size = 'full' | 'quick' | 'tiny';

export type Bench = {
  readonly size: Size;
  /** How many, at this size. */
  of(full: number, quick: number, tiny: number): number;
  /** A fresh system of real processes on a durable Postgres: no scenario pays for what another left behind. */
  system(options?: Omit<SystemOptions, 'tag'>): Promise<System>;
  /** Stops whatever a scenario that is interrupted has left running. */
  close(): Promise<void>;
};

export type Scenario = {
  readonly about: string;
  /** @throws when what it measures did not happen as promised (a run lost, begun early or twice): figures of that mean nothing. */
  run(bench: Bench): Promise<Row[]>;
};

export function openBench(size: Size): Bench {
  // From the beginning of their start on: an interruption may come before they are up.
  const opened = new Set<Promise<System>>();
  const stop = async (starting: Promise<System>) => {
    if (opened.delete(starting)) await (await starting)[Symbol.asyncDispose]();
  };
  return {
    size,
    of: (full, quick, tiny) => ({ full, quick, tiny })[size],
    async system(options) {
      const starting = startSystem({ tag: `bench-${process.pid}`, slots: 16, ...options });
      opened.add(starting);
      return { ...(await starting), [Symbol.asyncDispose]: () => stop(starting) };
    },
    close: async () => void (await Promise.allSettled([...opened].map(stop))),
  };
}

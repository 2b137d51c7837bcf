/** Port: what time it is, and waiting. Adapters: the system's, and the virtual one of tests. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /**
   * Calls back once after so many milliseconds; what it gives takes that back. A `guard` bounds what something else does:
   * a virtual clock does not hurry to it while that is being done.
   */
  after(ms: number, call: () => void, kind?: 'guard'): () => void;
}

export const SYSTEM_CLOCK: Clock = {
  now: Date.now,
  after: (ms, call) => {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
};

/** Keys of the last moments. What is older is forgotten, so that memory does not grow with everybody who ever came. */
export type Recently = {
  add(key: string): void;
  delete(key: string): void;
  has(key: string): boolean;
  /** How many are remembered. */
  readonly size: number;
};

/** Remembers keys for `ms`, counted from the last time each was added. */
export function recently(ms: number, clock: () => number = Date.now): Recently {
  // In the order of their instants: a key that is added again goes to the end.
  const addedAt = new Map<string, number>();
  const forgetOld = (): void => {
    const before = clock() - ms;
    for (const [key, at] of addedAt) {
      if (at > before) return;
      addedAt.delete(key);
    }
  };
  return {
    add(key) {
      addedAt.delete(key);
      addedAt.set(key, clock());
      forgetOld();
    },
    delete: (key) => void addedAt.delete(key),
    has(key) {
      forgetOld();
      return addedAt.has(key);
    },
    get size() {
      return addedAt.size;
    },
  };
}

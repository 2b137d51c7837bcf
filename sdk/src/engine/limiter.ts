/** Calls bodies at most `concurrency` at a time, in the order they came. `onWait` is called for those that must wait. */
export function limiter(concurrency: number): <R>(body: () => Promise<R>, onWait: () => void) => Promise<R> {
  let free = concurrency;
  const waiting: (() => void)[] = [];
  return async (body, onWait) => {
    if (free > 0) free--;
    else {
      onWait();
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
    try {
      return await body();
    } finally {
      // The turn goes straight to the next in line, so that a newcomer cannot take it.
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
}

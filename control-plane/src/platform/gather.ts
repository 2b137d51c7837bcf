/**
 * Many small requests, one statement. While few come they go at once; when more than `freePerSecond` do, they wait for
 * the next tick and go together.
 */
export type GatherOptions = {
  readonly tickMs: number;
  readonly freePerSecond: number;
  /** Most items of one group. */
  readonly maxItems: number;
};

/** `work` gets a group in the order of arrival and answers one result each, in that order. */
export function gather<T, R>(
  work: (items: readonly T[]) => Promise<readonly R[]>,
  options: GatherOptions,
  clock: () => number = Date.now,
): (item: T) => Promise<R> {
  type Waiting = { readonly item: T; readonly resolve: (result: R) => void; readonly reject: (error: unknown) => void };
  let waiting: Waiting[] = [];
  let second = 0;
  let passed = 0;

  const go = async (group: readonly Waiting[]): Promise<void> => {
    try {
      const results = await work(group.map(({ item }) => item));
      for (const [i, { resolve }] of group.entries()) resolve(results[i] as R);
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  };
  const goAll = (): void => {
    const all = waiting;
    waiting = [];
    for (let i = 0; i < all.length; i += options.maxItems) void go(all.slice(i, i + options.maxItems));
  };

  return (item) =>
    new Promise((resolve, reject) => {
      const now = Math.floor(clock() / 1_000);
      if (now !== second) [second, passed] = [now, 0];
      if (waiting.length === 0 && passed++ < options.freePerSecond) return void go([{ item, resolve, reject }]);
      if (waiting.length === 0) setTimeout(goAll, options.tickMs);
      waiting.push({ item, resolve, reject });
    });
}

/**
 * Group commit: while one group is being stored, what arrives waits and goes together in the next. When nothing is in
 * flight an item goes at once and alone, so an idle replica adds no delay.
 */
import { unavailable } from '../../platform/errors.ts';

export type CoalesceOptions<T> = {
  /** Most items, and most weight, of one group; a single item may weigh more. */
  readonly maxItems: number;
  readonly maxWeight: number;
  readonly weightOf: (item: T) => number;
  /** Most items that wait; beyond, callers are told to come again. */
  readonly maxWaiting: number;
};

type Waiting<T, R> = { readonly item: T; readonly resolve: (result: R) => void; readonly reject: (error: unknown) => void };

/**
 * `store` gets the items of a group in the order of arrival and answers one result each, in that order.
 * @returns a function that answers an item's result, or throws UNAVAILABLE when too many wait.
 */
export function coalesce<T, R>(
  store: (items: readonly T[]) => Promise<readonly R[]>,
  options: CoalesceOptions<T>,
): (item: T) => Promise<R> {
  const waiting: Waiting<T, R>[] = [];
  let storing = false;

  const nextGroup = (): Waiting<T, R>[] => {
    let weight = 0;
    let count = 0;
    for (const { item } of waiting) {
      weight += options.weightOf(item);
      if (count === options.maxItems || (count > 0 && weight > options.maxWeight)) break;
      count++;
    }
    return waiting.splice(0, count);
  };

  const drain = async (): Promise<void> => {
    storing = true;
    while (waiting.length > 0) {
      const group = nextGroup();
      try {
        const results = await store(group.map(({ item }) => item));
        for (const [i, { resolve }] of group.entries()) resolve(results[i] as R);
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    storing = false;
  };

  return (item) =>
    new Promise((resolve, reject) => {
      if (waiting.length >= options.maxWaiting) return reject(unavailable('Too many reports are waiting to be stored.'));
      waiting.push({ item, resolve, reject });
      if (!storing) void drain();
    });
}

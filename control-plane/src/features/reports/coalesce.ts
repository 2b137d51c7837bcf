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
  /** Most items that wait, and most weight of them; beyond, callers are told to come again. */
  readonly maxWaiting: number;
  readonly maxWaitingWeight: number;
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
  let waitingWeight = 0;
  let storing = false;

  const nextGroup = (): Waiting<T, R>[] => {
    let weight = 0;
    let count = 0;
    for (const { item } of waiting) {
      const next = options.weightOf(item);
      if (count === options.maxItems || (count > 0 && weight + next > options.maxWeight)) break;
      weight += next;
      count++;
    }
    waitingWeight -= weight;
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
      const weight = options.weightOf(item);
      const isTooHeavy = waiting.length > 0 && waitingWeight + weight > options.maxWaitingWeight;
      if (waiting.length >= options.maxWaiting || isTooHeavy) return reject(unavailable('Too many reports are waiting to be stored.'));
      waitingWeight += weight;
      waiting.push({ item, resolve, reject });
      if (!storing) void drain();
    });
}

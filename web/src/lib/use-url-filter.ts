'use client';
import { type Nullable, type UseQueryStatesKeysMap, type UseQueryStatesOptions, useQueryStates, type Values } from 'nuqs';
import { useRef } from 'react';

type Change<Keys extends UseQueryStatesKeysMap> = Partial<Nullable<Values<Keys>>>;

/** A render that began before a change may end after it, and for that moment the URL is the one before. */
const SETTLING_MS = 2_000;

interface Chosen<Filter> {
  readonly filter: Filter;
  readonly atMs: number;
}

/** `next` on top of what was chosen last, where that was a moment ago; else of what the URL says. */
export function onTopOf<Filter extends object>(inUrl: Filter, chosen: Chosen<Filter> | null, next: Filter, nowMs: number): Filter {
  return { ...(chosen && nowMs - chosen.atMs < SETTLING_MS ? chosen.filter : inUrl), ...next };
}

/**
 * A filter in the URL. A change writes all of it, on top of what was chosen a moment ago: what a URL that had stepped back for an instant lacks
 * is not lost with the next choice.
 */
export function useUrlFilter<Keys extends UseQueryStatesKeysMap>(
  keys: Keys,
  options?: Partial<UseQueryStatesOptions<Keys>>,
): [Values<Keys>, (change: Change<Keys>) => void] {
  const [filter, setFilter] = useQueryStates(keys, { history: 'replace', shallow: true, ...options });
  const chosen = useRef<Chosen<Change<Keys>> | null>(null);
  const change = (next: Change<Keys>): void => {
    const whole = onTopOf(filter, chosen.current, next, performance.now());
    chosen.current = { filter: whole, atMs: performance.now() };
    void setFilter(whole);
  };
  return [filter, change];
}

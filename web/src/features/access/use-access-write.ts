'use client';
import { useWrite } from '../../lib/use-write.ts';

/** A change of who may what. Every list of it is read anew: one change shows in several. */
export function useAccessWrite<I, T>(change: (input: I) => Promise<T>, done?: string | ((result: T) => string)) {
  return useWrite(change, { ...(done ? { done } : {}), stale: [['access'], ['api-keys']] });
}

/** The same for a form, which shows what is wrong beside its fields. */
export function useAccessForm<I, T>(change: (input: I) => Promise<T>, done?: string | ((result: T) => string)) {
  return useWrite(change, { ...(done ? { done } : {}), stale: [['access'], ['api-keys']], isErrorToasted: false });
}

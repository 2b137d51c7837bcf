'use client';
import { useWrite } from '../../lib/use-write.ts';

/** A change of the own account. */
export function useChange<I, T>(change: (input: I) => Promise<T>, done: string) {
  return useWrite(change, { done, stale: [['account']] });
}

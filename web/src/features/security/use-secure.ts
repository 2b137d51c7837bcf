'use client';
import { useWrite } from '../../lib/use-write.ts';

/** A change of how the organization is secured. */
export function useSecure<I, T>(change: (input: I) => Promise<T>, done: string) {
  return useWrite(change, { done, stale: [['security']] });
}

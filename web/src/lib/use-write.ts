'use client';
import { type QueryKey, useMutation, useQueryClient } from '@tanstack/react-query';
import { toast } from 'sonner';
import { readError } from './trpc/errors.ts';

interface WriteOptions<T> {
  /** Said when it is done; absent: the caller shows it. */
  done?: string | ((result: T) => string);
  /** What is to be read anew. */
  stale: readonly QueryKey[];
  /** False where the caller shows the error beside its form. */
  isErrorToasted?: boolean;
}

/** A write: says how it went, and shows anew what it changed. */
export function useWrite<I, T>(change: (input: I) => Promise<T>, { done, stale, isErrorToasted = true }: WriteOptions<T>) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: (result) => {
      if (done) toast.success(typeof done === 'string' ? done : done(result));
      return Promise.all(stale.map((queryKey) => queryClient.invalidateQueries({ queryKey })));
    },
    onError: (error) => {
      if (isErrorToasted) toast.error(readError(error).message);
    },
  });
}

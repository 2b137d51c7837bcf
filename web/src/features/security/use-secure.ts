'use client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { toast } from 'sonner';
import { readError } from '../../lib/trpc/errors.ts';

/** A change of how the organization is secured: says how it went, and shows it anew. */
export function useSecure<I, T>(change: (input: I) => Promise<T>, done: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () => {
      toast.success(done);
      return queryClient.invalidateQueries({ queryKey: ['security'] });
    },
    onError: (error) => toast.error(readError(error).message),
  });
}

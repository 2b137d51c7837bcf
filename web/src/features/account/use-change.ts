'use client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { toast } from 'sonner';

/** A change of the own account: says how it went, and shows the account anew. */
export function useChange<I, T>(change: (input: I) => Promise<T>, done: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () => {
      toast.success(done);
      return queryClient.invalidateQueries({ queryKey: ['account'] });
    },
    onError: (error) => toast.error(error.message),
  });
}

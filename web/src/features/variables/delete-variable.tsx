'use client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { toast } from 'sonner';
import { ConfirmDialog } from '../../components/ui/confirm-dialog.tsx';
import { api } from '../../lib/trpc/client.ts';
import { readError } from '../../lib/trpc/errors.ts';
import type { ShownVariable } from './queries.ts';

export function DeleteVariable({ variable: { name }, onClose }: { variable: ShownVariable; onClose: () => void }) {
  const queryClient = useQueryClient();
  const remove = useMutation({
    mutationFn: () => api.variables.delete.mutate({ name }),
    onSuccess: () => {
      toast.success(`${name} is deleted`);
      void queryClient.invalidateQueries({ queryKey: ['variables'] });
    },
    onError: (error) => toast.error(`Could not delete ${name}`, { description: readError(error).message }),
    onSettled: onClose,
  });
  return (
    <ConfirmDialog
      isOpen
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={`Delete ${name}?`}
      confirmLabel="Delete the variable"
      isBusy={remove.isPending}
      onConfirm={() => remove.mutate()}
    >
      Flows that read it from now on take what their code says for want of it, or fail.
    </ConfirmDialog>
  );
}

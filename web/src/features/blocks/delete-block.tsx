'use client';
import type { Block } from '@signalbox/proto/api';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { toast } from 'sonner';
import { ConfirmDialog } from '../../components/ui/confirm-dialog.tsx';
import { api } from '../../lib/trpc/client.ts';
import { readError } from '../../lib/trpc/errors.ts';

export function DeleteBlock({ block: { type, name }, onClose }: { block: Block; onClose: () => void }) {
  const queryClient = useQueryClient();
  const remove = useMutation({
    mutationFn: () => api.blocks.delete.mutate({ type, name }),
    onSuccess: () => {
      toast.success(`${type}/${name} is deleted`);
      void queryClient.invalidateQueries({ queryKey: ['blocks'] });
    },
    onError: (error) => toast.error(`Could not delete ${type}/${name}`, { description: readError(error).message }),
    onSettled: onClose,
  });
  return (
    <ConfirmDialog
      isOpen
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={`Delete ${type}/${name}?`}
      confirmLabel="Delete the block"
      isBusy={remove.isPending}
      onConfirm={() => remove.mutate()}
    >
      Flows that load it from now on fail. Secrets that it points to stay where they are.
    </ConfirmDialog>
  );
}

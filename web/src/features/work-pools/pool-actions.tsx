'use client';
import type { WorkPool } from '@signalbox/proto/api';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { CirclePause, CirclePlay, Trash2 } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { toast } from 'sonner';
import { Button } from '../../components/ui/button.tsx';
import { ConfirmDialog } from '../../components/ui/confirm-dialog.tsx';
import { paths } from '../../lib/paths.ts';
import { api } from '../../lib/trpc/client.ts';
import { readError } from '../../lib/trpc/errors.ts';
import { May } from '../shell/session.tsx';

export function PoolActions({ pool }: { pool: WorkPool }) {
  const router = useRouter();
  const queryClient = useQueryClient();
  const [isDeleting, setDeleting] = useState(false);
  const refresh = () => queryClient.invalidateQueries({ queryKey: ['work-pools'] });
  const command = pool.paused ? 'resume' : 'pause';
  const toggle = useMutation({
    mutationFn: () => api.workPools[command].mutate({ pool: pool.name }),
    onSuccess: refresh,
    onError: (error) => toast.error(`Could not ${command} ${pool.name}`, { description: readError(error).message }),
  });
  const remove = useMutation({
    mutationFn: () => api.workPools.delete.mutate({ pool: pool.name }),
    onSuccess: () => {
      toast.success(`${pool.name} is deleted`);
      void refresh();
      router.push(paths.workPools);
    },
    onError: (error) => toast.error(`Could not delete ${pool.name}`, { description: readError(error).message }),
    onSettled: () => setDeleting(false),
  });
  const Icon = pool.paused ? CirclePlay : CirclePause;
  return (
    <>
      <May scope="pools:write" on={[pool.id]}>
        <Button variant="quiet" size="icon" aria-label={`Delete ${pool.name}`} onClick={() => setDeleting(true)}>
          <Trash2 aria-hidden className="size-4" />
        </Button>
      </May>
      <May scope="pools:operate" on={[pool.id]}>
        <Button isBusy={toggle.isPending} onClick={() => toggle.mutate()}>
          {!toggle.isPending && <Icon aria-hidden className="size-3.5" />}
          {pool.paused ? 'Resume' : 'Pause'}
        </Button>
      </May>
      <ConfirmDialog
        isOpen={isDeleting}
        onOpenChange={setDeleting}
        title={`Delete ${pool.name}?`}
        confirmLabel="Delete the pool"
        isBusy={remove.isPending}
        onConfirm={() => remove.mutate()}
      >
        Its deployments can run nothing until they are deployed to another pool. Runs that have ended stay.
      </ConfirmDialog>
    </>
  );
}

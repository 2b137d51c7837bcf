'use client';
import type { Limit } from '@signalbox/proto/api';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { CirclePause, CirclePlay, Pencil, Trash2 } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { toast } from 'sonner';
import { Button } from '../../components/ui/button.tsx';
import { ConfirmDialog } from '../../components/ui/confirm-dialog.tsx';
import { paths } from '../../lib/paths.ts';
import { api } from '../../lib/trpc/client.ts';
import { readError } from '../../lib/trpc/errors.ts';
import { May } from '../shell/session.tsx';
import { LimitDialog } from './limit-dialog.tsx';

/** `onGone` is told when it is being deleted, and when that failed. */
export function LimitActions({ limit, onGone }: { limit: Limit; onGone: (isGone: boolean) => void }) {
  const router = useRouter();
  const queryClient = useQueryClient();
  const [open, setOpen] = useState<'edit' | 'off' | 'delete' | null>(null);
  const close = (isOpen: boolean) => !isOpen && setOpen(null);
  const refresh = () => queryClient.invalidateQueries({ queryKey: ['limits'] });
  const toggle = useMutation({
    mutationFn: () => api.limits.update.mutate({ limit: limit.id, active: !limit.active }),
    onSuccess: refresh,
    onError: (error) => toast.error(`Could not switch ${limit.name}`, { description: readError(error).message }),
    onSettled: () => setOpen(null),
  });
  const remove = useMutation({
    mutationFn: () => api.limits.delete.mutate({ limit: limit.id }),
    onMutate: () => onGone(true),
    onSuccess: () => {
      toast.success(`${limit.name} is deleted`);
      void refresh();
      router.push(paths.limits);
    },
    onError: (error) => {
      onGone(false);
      toast.error(`Could not delete ${limit.name}`, { description: readError(error).message });
    },
    onSettled: () => setOpen(null),
  });
  const Icon = limit.active ? CirclePause : CirclePlay;
  return (
    <>
      <May scope="limits:write">
        <Button variant="quiet" size="icon" aria-label={`Delete ${limit.name}`} onClick={() => setOpen('delete')}>
          <Trash2 aria-hidden className="size-4" />
        </Button>
      </May>
      <May scope="limits:operate">
        <Button isBusy={toggle.isPending} onClick={() => (limit.active ? setOpen('off') : toggle.mutate())}>
          {!toggle.isPending && <Icon aria-hidden className="size-3.5" />}
          {limit.active ? 'Switch off' : 'Switch on'}
        </Button>
        <Button variant="primary" onClick={() => setOpen('edit')}>
          <Pencil aria-hidden className="size-3.5" />
          Change
        </Button>
      </May>
      <LimitDialog isOpen={open === 'edit'} onOpenChange={close} limit={limit} />
      <ConfirmDialog
        isOpen={open === 'off'}
        onOpenChange={close}
        title={`Switch ${limit.name} off?`}
        confirmLabel="Switch it off"
        cancelLabel="Keep it on"
        isBusy={toggle.isPending}
        onConfirm={() => toggle.mutate()}
      >
        Nobody is held back by it until it is switched on again: everything that waits for it goes on at once.
      </ConfirmDialog>
      <ConfirmDialog
        isOpen={open === 'delete'}
        onOpenChange={close}
        title={`Delete ${limit.name}?`}
        confirmLabel="Delete the limit"
        isBusy={remove.isPending}
        onConfirm={() => remove.mutate()}
      >
        Everything that waits for it goes on at once. Code that names it warns and is not limited, or fails where it is strict.
      </ConfirmDialog>
    </>
  );
}

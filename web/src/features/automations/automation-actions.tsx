'use client';
import type { Automation } from '@signalbox/proto/api';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { RotateCcw, Trash2 } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { toast } from 'sonner';
import { Button } from '../../components/ui/button.tsx';
import { ConfirmDialog } from '../../components/ui/confirm-dialog.tsx';
import { Switch } from '../../components/ui/switch.tsx';
import { paths } from '../../lib/paths.ts';
import { api } from '../../lib/trpc/client.ts';
import { readError } from '../../lib/trpc/errors.ts';
import { useMay } from '../shell/session.tsx';

type Which = { readonly automation: Automation };

export function AutomationSwitch({ automation }: Which) {
  const may = useMay()('automations:write');
  const queryClient = useQueryClient();
  const toggle = useMutation({
    mutationFn: (isOn: boolean) => api.automations[isOn ? 'enable' : 'disable'].mutate({ automation: automation.id }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['automations'] }),
    onError: (error) => toast.error(`Could not switch ${automation.name}`, { description: readError(error).message }),
  });
  const isOn = toggle.isPending ? toggle.variables : automation.enabled;
  return (
    <Switch label={`${automation.name} is on`} isOn={isOn} disabled={toggle.isPending || !may} onChange={(next) => toggle.mutate(next)} />
  );
}

export function DeleteAutomationButton({ automation }: Which) {
  const router = useRouter();
  const queryClient = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const remove = useMutation({
    mutationFn: () => api.automations.delete.mutate({ automation: automation.id }),
    onSuccess: () => {
      toast.success(`${automation.name} is deleted`);
      router.push(paths.automations);
      void queryClient.invalidateQueries({ queryKey: ['automations', 'list'] });
    },
    onError: (error) => toast.error(`Could not delete ${automation.name}`, { description: readError(error).message }),
    onSettled: () => setOpen(false),
  });
  return (
    <>
      <Button variant="quiet" size="icon" aria-label={`Delete ${automation.name}`} onClick={() => setOpen(true)}>
        <Trash2 aria-hidden className="size-4" />
      </Button>
      <ConfirmDialog
        isOpen={isOpen}
        onOpenChange={setOpen}
        title={`Delete ${automation.name}?`}
        confirmLabel="Delete the automation"
        isBusy={remove.isPending}
        onConfirm={() => remove.mutate()}
      >
        Its history goes with it, and what it has not done yet is not done.
        {automation.owner.deployment && ' It is declared by code: the next deploy makes it again.'}
      </ConfirmDialog>
    </>
  );
}

export function ResetAutomationButton({ automation }: Which) {
  const queryClient = useQueryClient();
  const reset = useMutation({
    mutationFn: () => api.automations.reset.mutate({ automation: automation.id }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['automations'] }),
    onError: (error) => toast.error('Could not take the changes away', { description: readError(error).message }),
  });
  return (
    <Button size="sm" isBusy={reset.isPending} onClick={() => reset.mutate()}>
      <RotateCcw aria-hidden className="size-3.5" />
      Back to code
    </Button>
  );
}

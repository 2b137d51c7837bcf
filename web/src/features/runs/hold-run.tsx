'use client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ChevronDown, Pause } from 'lucide-react';
import { toast } from 'sonner';
import { Button } from '../../components/ui/button.tsx';
import { Menu, MenuItem } from '../../components/ui/menu.tsx';
import { api } from '../../lib/trpc/client.ts';
import { readError } from '../../lib/trpc/errors.ts';
import { useMay } from '../shell/session.tsx';
import type { RunDetail } from './queries.ts';

const CHOICES = [
  { how: 'pause', label: 'Pause', detail: 'It waits before its next task; its process and slots stay' },
  { how: 'suspend', label: 'Suspend', detail: 'Its process leaves, slots are free; finished tasks are not run again' },
] as const;

/** Has a running run wait for a person. */
export function HoldRun({ run }: { run: RunDetail }) {
  const may = useMay();
  const queryClient = useQueryClient();
  const hold = useMutation({
    mutationFn: (how: 'pause' | 'suspend') => api.runs[how].mutate({ run: run.id }),
    onSuccess: () => {
      toast.success('Asked for; it takes effect before its next task');
      return queryClient.invalidateQueries({ queryKey: ['runs'] });
    },
    onError: (error) => toast.error('Could not hold this run', { description: readError(error).message }),
  });
  if (!may('runs:operate', [run.deployment.id])) return null;
  return (
    <Menu
      align="end"
      trigger={
        <Button isBusy={hold.isPending}>
          {!hold.isPending && <Pause aria-hidden className="size-3.5" />}Pause
          <ChevronDown aria-hidden className="size-3.5 text-ink-3" />
        </Button>
      }
    >
      {CHOICES.map(({ how, label, detail }) => (
        <MenuItem key={how} className="flex-col !items-start !gap-0.5" onSelect={() => hold.mutate(how)}>
          <span>{label}</span>
          <span className="text-xs text-ink-3">{detail}</span>
        </MenuItem>
      ))}
    </Menu>
  );
}

'use client';
import type { Deployment } from '@signalbox/proto/api';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { CirclePause, CirclePlay, Play } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { toast } from 'sonner';
import { Button } from '../../components/ui/button.tsx';
import { paths } from '../../lib/paths.ts';
import { api } from '../../lib/trpc/client.ts';
import { readError } from '../../lib/trpc/errors.ts';
import { RunDialog } from '../runs/run-dialog/run-dialog.tsx';
import { useMay } from '../shell/session.tsx';

export function RunButton({ deployment, isPrimary = false }: { deployment: Pick<Deployment, 'id' | 'name'>; isPrimary?: boolean }) {
  const may = useMay();
  const router = useRouter();
  const [isOpen, setOpen] = useState(false);
  if (!may('runs:create', [deployment.id])) return null;
  return (
    <>
      <Button
        variant={isPrimary ? 'primary' : 'secondary'}
        size={isPrimary ? 'md' : 'sm'}
        onClick={() => setOpen(true)}
        aria-label={`Run ${deployment.name}`}
      >
        <Play aria-hidden className="size-3.5" />
        Run
      </Button>
      {isOpen && (
        <RunDialog deploymentId={deployment.id} onClose={() => setOpen(false)} onCreated={(run) => router.push(paths.run(run.id))} />
      )}
    </>
  );
}

/** A paused deployment starts nothing; runs that are due wait for it. */
export function PauseButton({ deployment }: { deployment: Deployment }) {
  const may = useMay();
  const queryClient = useQueryClient();
  const command = deployment.paused ? 'resume' : 'pause';
  const change = useMutation({
    mutationFn: () => api.deployments[command].mutate({ deployment: deployment.id }),
    onSuccess: () => {
      toast.success(deployment.paused ? 'Resumed: due runs start now' : 'Paused: nothing new starts');
      return queryClient.invalidateQueries({ queryKey: ['deployments'] });
    },
    onError: (error) => toast.error(`Could not ${command}`, { description: readError(error).message }),
  });
  const Icon = deployment.paused ? CirclePlay : CirclePause;
  if (!may('deployments:operate', [deployment.id])) return null;
  return (
    <Button isBusy={change.isPending} onClick={() => change.mutate()}>
      {!change.isPending && <Icon aria-hidden className="size-3.5" />}
      {deployment.paused ? 'Resume' : 'Pause'}
    </Button>
  );
}

'use client';
import { isTerminal } from '@signalbox/proto';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Play, RotateCcw, Square } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { toast } from 'sonner';
import { Button } from '../../components/ui/button.tsx';
import { ConfirmDialog } from '../../components/ui/confirm-dialog.tsx';
import { paths } from '../../lib/paths.ts';
import { api } from '../../lib/trpc/client.ts';
import { readError } from '../../lib/trpc/errors.ts';
import type { RunDetail } from './queries.ts';
import { RunDialog } from './run-dialog/run-dialog.tsx';

/** What a person can do with this run in its state: cancel it, retry it, or start another like it. */
export function RunActions({ run }: { run: RunDetail }) {
  const hasEnded = isTerminal(run.state.type);
  return (
    <>
      <RunAgain run={run} />
      {hasEnded ? <Retry run={run} /> : <Cancel run={run} />}
    </>
  );
}

function useRunCommand(command: 'cancel' | 'retry', run: RunDetail, done: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: () => api.runs[command].mutate({ run: run.id }),
    onSuccess: () => {
      toast.success(done);
      return queryClient.invalidateQueries({ queryKey: ['runs'] });
    },
    onError: (error) => toast.error(`Could not ${command} this run`, { description: readError(error).message }),
  });
}

function Cancel({ run }: { run: RunDetail }) {
  const [isOpen, setOpen] = useState(false);
  const cancel = useRunCommand('cancel', run, 'Cancelling');
  const isUnderWay = run.state.type === 'CANCELLING';
  return (
    <>
      <Button disabled={isUnderWay} onClick={() => setOpen(true)}>
        <Square aria-hidden className="size-3.5" />
        {isUnderWay ? 'Cancelling' : 'Cancel'}
      </Button>
      <ConfirmDialog
        isOpen={isOpen}
        onOpenChange={setOpen}
        title={`Cancel ${run.name}?`}
        confirmLabel="Cancel the run"
        cancelLabel="Let it go on"
        isBusy={cancel.isPending}
        onConfirm={() => cancel.mutate(undefined, { onSettled: () => setOpen(false) })}
      >
        {run.startedAt
          ? 'Its process is asked to stop and, if it has not within its grace period, killed. What its tasks have written stays.'
          : 'It has not started, and never will.'}
      </ConfirmDialog>
    </>
  );
}

function Retry({ run }: { run: RunDetail }) {
  const retry = useRunCommand('retry', run, 'A new attempt is scheduled');
  return (
    <Button
      isBusy={retry.isPending}
      onClick={() => retry.mutate()}
      title="A new attempt of this same run; finished tasks with stored results are not run again"
    >
      {!retry.isPending && <RotateCcw aria-hidden className="size-3.5" />}Retry
    </Button>
  );
}

function RunAgain({ run }: { run: RunDetail }) {
  const router = useRouter();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)} title="A new run of this deployment, with these parameters to begin with">
        <Play aria-hidden className="size-3.5" />
        Run again
      </Button>
      {isOpen && (
        <RunDialog
          deploymentId={run.deployment.id}
          initialParameters={run.parameters.body}
          onClose={() => setOpen(false)}
          onCreated={(created) => router.push(paths.run(created.id))}
        />
      )}
    </>
  );
}

'use client';
import { isTerminal, type RetryMode } from '@signalbox/proto';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ChevronDown, Play, RotateCcw, Square } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { toast } from 'sonner';
import { Button } from '../../components/ui/button.tsx';
import { ConfirmDialog } from '../../components/ui/confirm-dialog.tsx';
import { Menu, MenuItem } from '../../components/ui/menu.tsx';
import { paths } from '../../lib/paths.ts';
import { api } from '../../lib/trpc/client.ts';
import { readError } from '../../lib/trpc/errors.ts';
import { useMay } from '../shell/session.tsx';
import { HoldRun } from './hold-run.tsx';
import type { RunDetail } from './queries.ts';
import { RunDialog } from './run-dialog/run-dialog.tsx';

/** What a person can do with this run in its state: pause, cancel or retry it, or start another like it. */
export function RunActions({ run }: { run: RunDetail }) {
  const hasEnded = isTerminal(run.state.type);
  return (
    <>
      <RunAgain run={run} />
      {run.state.type === 'RUNNING' && run.pause === null && <HoldRun run={run} />}
      {hasEnded ? <Retry run={run} /> : <Cancel run={run} />}
    </>
  );
}

function useRunCommand<Input = void>(command: 'cancel' | 'retry', done: string, send: (input: Input) => Promise<unknown>) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: send,
    onSuccess: () => {
      toast.success(done);
      return queryClient.invalidateQueries({ queryKey: ['runs'] });
    },
    onError: (error) => toast.error(`Could not ${command} this run`, { description: readError(error).message }),
  });
}

function Cancel({ run }: { run: RunDetail }) {
  const may = useMay();
  const [isOpen, setOpen] = useState(false);
  const cancel = useRunCommand('cancel', 'Cancelling', () => api.runs.cancel.mutate({ run: run.id }));
  const isUnderWay = run.state.type === 'CANCELLING';
  if (!may('runs:cancel', [run.deployment.id])) return null;
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
  const may = useMay();
  const retry = useRunCommand('retry', 'A new attempt is scheduled', (mode: RetryMode) => api.runs.retry.mutate({ run: run.id, mode }));
  if (!may('runs:retry', [run.deployment.id])) return null;
  return (
    <Menu
      align="end"
      trigger={
        <Button isBusy={retry.isPending} title="A new attempt of this same run">
          {!retry.isPending && <RotateCcw aria-hidden className="size-3.5" />}Retry
          <ChevronDown aria-hidden className="size-3.5 text-ink-3" />
        </Button>
      }
    >
      {RETRY_CHOICES.map(({ mode, label, detail }) => (
        <MenuItem key={mode} className="flex-col !items-start !gap-0.5" onSelect={() => retry.mutate(mode)}>
          <span>{label}</span>
          <span className="text-xs text-ink-3">{detail}</span>
        </MenuItem>
      ))}
    </Menu>
  );
}

const RETRY_CHOICES: readonly { mode: RetryMode; label: string; detail: string }[] = [
  { mode: 'from-failed', label: 'From where it failed', detail: 'What finished, and has a stored result, is kept' },
  { mode: 'from-start', label: 'From the start', detail: 'Nothing of earlier attempts is used' },
];

function RunAgain({ run }: { run: RunDetail }) {
  const may = useMay();
  const router = useRouter();
  const [isOpen, setOpen] = useState(false);
  if (!may('runs:create', [run.deployment.id])) return null;
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

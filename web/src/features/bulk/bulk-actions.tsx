'use client';
/** What can be done to every run a filter fits: counted first, confirmed, then worked off as a job. */
import type { BulkJob, RunFilterInput } from '@signalbox/proto/api';
import { useMutation, useQuery } from '@tanstack/react-query';
import { ChevronDown, ListChecks } from 'lucide-react';
import Link from 'next/link';
import { useState } from 'react';
import { toast } from 'sonner';
import { Button, buttonClass } from '../../components/ui/button.tsx';
import { ConfirmDialog } from '../../components/ui/confirm-dialog.tsx';
import { Field, Input } from '../../components/ui/field.tsx';
import { Menu, MenuItem, MenuLabel } from '../../components/ui/menu.tsx';
import { paths } from '../../lib/paths.ts';
import { api } from '../../lib/trpc/client.ts';
import { readError } from '../../lib/trpc/errors.ts';
import { useMay } from '../shell/session.tsx';

const ACTIONS = {
  cancel: { label: 'Cancel', effect: 'Runs that wait end at once; those at work are asked to stop, and killed after their grace period.' },
  retry: { label: 'Retry', effect: 'Each gets a new attempt, due now. What finished with stored results is not run again.' },
  delete: { label: 'Delete', effect: 'They are gone with their logs and artifacts. This cannot be taken back.' },
} as const;
type Action = keyof typeof ACTIONS;

export function BulkActions({ filterAt }: { filterAt: (nowMs: number) => RunFilterInput | null }) {
  const [asked, setAsked] = useState<{ action: Action; filter: RunFilterInput } | null>(null);
  const may = useMay();
  const actions = (Object.keys(ACTIONS) as Action[]).filter((action) => may(`runs:${action}`));
  const ask = (action: Action) => {
    const filter = filterAt(Date.now());
    if (filter) setAsked({ action, filter });
    else toast.error('The filter cannot be read', { description: 'What is wrong with it is said below the search box.' });
  };
  return (
    <>
      {actions.length > 0 && (
        <Menu
          align="end"
          trigger={
            <Button>
              <ListChecks aria-hidden className="size-3.5" />
              All matching
              <ChevronDown aria-hidden className="size-3.5 text-ink-3" />
            </Button>
          }
        >
          <MenuLabel>Every run this filter fits</MenuLabel>
          {actions.map((action) => (
            <MenuItem key={action} onSelect={() => ask(action)}>
              {ACTIONS[action].label}...
            </MenuItem>
          ))}
        </Menu>
      )}
      <Link href={paths.jobs} className={buttonClass('quiet')}>
        Jobs
      </Link>
      {asked && <BulkDialog {...asked} onClose={() => setAsked(null)} />}
    </>
  );
}

function BulkDialog({ action, filter, onClose }: { action: Action; filter: RunFilterInput; onClose: () => void }) {
  const [reason, setReason] = useState('');
  const { label, effect } = ACTIONS[action];
  const which = { filter, all: true };
  const preview = useQuery({
    queryKey: ['bulk', 'preview', action, filter],
    queryFn: ({ signal }) => api.bulk.preview.query({ action, ...which }, { signal }),
    staleTime: 0,
  });
  const start = useMutation({
    mutationFn: (): Promise<BulkJob> => api.bulk[action].mutate({ ...which, ...(reason.trim() ? { reason: reason.trim() } : {}) }),
    onSuccess: () => {
      toast.success(`${label} is under way`, { action: { label: 'Show', onClick: () => window.location.assign(paths.jobs) } });
      onClose();
    },
    onError: (error) => toast.error(`Could not ${action} these runs`, { description: readError(error).message }),
  });
  const { count = 0, isMore = false } = preview.data ?? {};
  const many = `${count.toLocaleString()}${isMore ? '+' : ''} ${count === 1 ? 'run' : 'runs'}`;
  return (
    <ConfirmDialog
      isOpen
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={preview.isPending ? 'Counting runs...' : preview.isError ? 'These runs cannot be counted' : `${label} ${many}?`}
      confirmLabel={preview.data ? `${label} ${many}` : label}
      cancelLabel="Leave them"
      isBusy={start.isPending || preview.isPending || count === 0}
      onConfirm={() => start.mutate()}
    >
      <p>
        {preview.isError
          ? readError(preview.error).message
          : preview.data && count === 0
            ? `None of these runs can be changed so.`
            : effect}
      </p>
      <p className="mt-2">Runs created from now on are not touched. The job can be paused and stopped.</p>
      <div className="mt-3 text-ink">
        <Field label="Reason" hint="Kept in the audit and in each run's history.">
          {(control) => <Input {...control} maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} />}
        </Field>
      </div>
    </ConfirmDialog>
  );
}

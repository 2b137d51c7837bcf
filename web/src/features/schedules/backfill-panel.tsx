'use client';
import type { Backfill, Deployment } from '@signalbox/proto/api';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Ban, CircleCheck, CirclePause, CirclePlay, History, Loader } from 'lucide-react';
import { useState } from 'react';
import { toast } from 'sonner';
import { Button } from '../../components/ui/button.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Panel } from '../../components/ui/panel.tsx';
import { SkeletonRows } from '../../components/ui/skeleton.tsx';
import { api } from '../../lib/trpc/client.ts';
import { readError } from '../../lib/trpc/errors.ts';
import { scheduleText } from '../deployments/schedule-text.ts';
import { May, useMay } from '../shell/session.tsx';
import { BackfillDialog } from './backfill-dialog.tsx';
import { scheduleQueries } from './queries.ts';

const LOOK = {
  running: { word: 'Running', color: 'text-(--state-running)', Icon: Loader },
  paused: { word: 'Paused', color: 'text-warn', Icon: CirclePause },
  cancelled: { word: 'Cancelled', color: 'text-ink-3', Icon: Ban },
  done: { word: 'Done', color: 'text-good', Icon: CircleCheck },
} as const satisfies Record<Backfill['state'], unknown>;

/** Backfills of a deployment, newest first, each with its progress and what can be done about it. */
export function BackfillPanel({ deployment }: { deployment: Deployment }) {
  const [isMaking, setMaking] = useState(false);
  const backfills = useQuery(scheduleQueries(api).backfills(deployment.id));
  return (
    <Panel
      title="Backfills"
      actions={
        <May scope="deployments:operate" on={[deployment.id]}>
          <Button size="sm" onClick={() => setMaking(true)}>
            <History aria-hidden className="size-3.5" />
            Backfill
          </Button>
        </May>
      }
    >
      {backfills.isPending ? (
        <SkeletonRows />
      ) : backfills.isError ? (
        <ErrorState error={backfills.error} onRetry={() => void backfills.refetch()} />
      ) : backfills.data.items.length === 0 ? (
        <p className="px-4 py-4 text-sm text-ink-3">None. A backfill makes the runs of a past range, a few at a time.</p>
      ) : (
        <ul className="divide-y divide-line">
          {backfills.data.items.map((backfill) => (
            <BackfillRow key={backfill.id} backfill={backfill} />
          ))}
        </ul>
      )}
      {isMaking && <BackfillDialog deployment={deployment} onClose={() => setMaking(false)} />}
    </Panel>
  );
}

function BackfillRow({ backfill }: { backfill: Backfill }) {
  const mayChange = useMay()('deployments:operate', 'any');
  const queryClient = useQueryClient();
  const steer = useMutation({
    mutationFn: (verb: 'pause' | 'resume' | 'cancel') => api.backfills[verb].mutate({ backfill: backfill.id }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['backfills'] }),
    onError: (error) => toast.error('Could not change the backfill', { description: readError(error).message }),
  });
  const { word, color, Icon } = LOOK[backfill.state];
  const done = backfill.made + backfill.existing;
  const isOpen = backfill.state === 'running' || backfill.state === 'paused';
  return (
    <li className="space-y-1.5 px-4 py-3 text-sm">
      <div className="flex flex-wrap items-center gap-2">
        <span className={`inline-flex items-center gap-1.5 font-medium ${color}`}>
          <Icon aria-hidden className="size-3.5" />
          {word}
        </span>
        <span className="min-w-0 flex-1 truncate text-ink-2">
          {backfill.from.slice(0, 10)} to {backfill.to.slice(0, 10)}, {backfill.schedule?.slug ?? scheduleText(backfill.spec)}
        </span>
        {isOpen && mayChange && (
          <>
            <Button size="sm" disabled={steer.isPending} onClick={() => steer.mutate(backfill.state === 'running' ? 'pause' : 'resume')}>
              {backfill.state === 'running' ? (
                <CirclePause aria-hidden className="size-3.5" />
              ) : (
                <CirclePlay aria-hidden className="size-3.5" />
              )}
              {backfill.state === 'running' ? 'Pause' : 'Resume'}
            </Button>
            <Button size="sm" variant="quiet" disabled={steer.isPending} onClick={() => steer.mutate('cancel')}>
              Cancel
            </Button>
          </>
        )}
      </div>
      <div
        role="progressbar"
        aria-label="Instants dealt with"
        aria-valuenow={done}
        aria-valuemin={0}
        aria-valuemax={backfill.total}
        className="h-1.5 overflow-hidden rounded-full bg-hover shadow-[inset_0_0_0_1px_var(--line)]"
      >
        <i className="block h-full bg-(--state-running)" style={{ width: `${(done / backfill.total) * 100}%` }} />
      </div>
      <p className="text-xs text-ink-3">
        {done} of {backfill.total}
        {backfill.existing > 0 && `, ${backfill.existing} had a run already`}, {backfill.live} of {backfill.maxInFlight} in flight, by{' '}
        {backfill.createdBy}
      </p>
      {backfill.problem && <p className="text-xs text-danger">{backfill.problem}</p>}
    </li>
  );
}

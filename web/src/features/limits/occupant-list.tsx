'use client';
import type { LimitHolder, LimitWaiter } from '@signalbox/proto/api';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { TrainTrack, WifiOff } from 'lucide-react';
import Link from 'next/link';
import { useState } from 'react';
import { toast } from 'sonner';
import { Button } from '../../components/ui/button.tsx';
import { ConfirmDialog } from '../../components/ui/confirm-dialog.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { plural } from '../../lib/format.ts';
import { paths } from '../../lib/paths.ts';
import { api } from '../../lib/trpc/client.ts';
import { readError } from '../../lib/trpc/errors.ts';
import { useMay } from '../shell/session.tsx';

type Occupant = LimitHolder & Partial<Pick<LimitWaiter, 'isSilent'>>;

/** Runs, and the tasks of theirs, that hold or wait; with `limit`, each can be made to give back. */
export function OccupantList({ items, limit }: { items: readonly Occupant[]; limit?: string }) {
  return (
    <ul className="divide-y divide-line">
      {items.map((one) => (
        <li key={`${one.run.id} ${one.request}`} className="flex min-h-11 flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2 text-sm">
          <Link href={paths.run(one.run.id)} className="inline-flex min-w-0 items-center gap-2 font-medium hover:underline">
            <TrainTrack aria-hidden className="size-4 shrink-0 text-ink-3" strokeWidth={1.75} />
            <span className="truncate">{one.run.name}</span>
          </Link>
          <span className="min-w-0 flex-1 truncate text-ink-2">{one.task ? `task ${one.task.name}` : 'the flow itself'}</span>
          {one.isSilent && (
            <span className="inline-flex items-center gap-1.5 text-late">
              <WifiOff aria-hidden className="size-3.5" />
              out of reach: others go first
            </span>
          )}
          <span className="text-ink-2">{plural(one.slots, 'slot')}</span>
          <RelativeTime at={one.since} className="text-ink-3" />
          {limit && <FreeButton limit={limit} holder={one} />}
        </li>
      ))}
    </ul>
  );
}

function FreeButton({ limit, holder }: { limit: string; holder: Occupant }) {
  const may = useMay();
  const queryClient = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const free = useMutation({
    mutationFn: () => api.limits.freeSlots.mutate({ limit, run: holder.run.id, request: holder.request }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['limits'] }),
    onError: (error) => toast.error('Could not free it', { description: readError(error).message }),
    onSettled: () => setAsking(false),
  });
  if (!may('limits:operate')) return null;
  return (
    <>
      <Button size="sm" onClick={() => setAsking(true)}>
        Free…
      </Button>
      <ConfirmDialog
        isOpen={isAsking}
        onOpenChange={setAsking}
        title={`Free what ${holder.run.name} holds?`}
        confirmLabel="Free the slots"
        isBusy={free.isPending}
        onConfirm={() => free.mutate()}
      >
        Its code is not told and goes on; somebody else gets the slots meanwhile. Slots of runs that end are freed without this.
      </ConfirmDialog>
    </>
  );
}

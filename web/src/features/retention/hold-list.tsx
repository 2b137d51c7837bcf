'use client';
import type { LegalHold } from '@signalbox/proto/api';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { useState } from 'react';
import { toast } from 'sonner';
import { Button } from '../../components/ui/button.tsx';
import { ConfirmDialog } from '../../components/ui/confirm-dialog.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { cn } from '../../lib/class-names.ts';
import { paths } from '../../lib/paths.ts';
import { api } from '../../lib/trpc/client.ts';
import { readError } from '../../lib/trpc/errors.ts';

export function HoldList({ holds, mayChange }: { holds: readonly LegalHold[]; mayChange: boolean }) {
  if (holds.length === 0)
    return (
      <p className="border-t border-line px-4 py-4 text-sm text-ink-3">
        No legal holds. One keeps a run, the runs of a deployment or everything, whatever its age, until somebody releases it.
      </p>
    );
  return (
    <ul className="divide-y divide-line border-t border-line">
      {holds.map((hold) => (
        <HoldRow key={hold.id} hold={hold} mayChange={mayChange} />
      ))}
    </ul>
  );
}

/** What it keeps, by its name, with the way there. */
function Held({ hold: { run, deployment, name } }: { hold: LegalHold }) {
  const link = 'text-accent hover:underline';
  if (run)
    return (
      <Link href={paths.run(run)} className={link}>
        {name ?? run}
      </Link>
    );
  if (!deployment) return 'everything';
  return (
    <>
      the runs of{' '}
      <Link href={paths.deployment(deployment)} className={link}>
        {name ?? deployment}
      </Link>
    </>
  );
}

function HoldRow({ hold, mayChange }: { hold: LegalHold; mayChange: boolean }) {
  const queryClient = useQueryClient();
  const [isReleasing, setReleasing] = useState(false);
  const release = useMutation({
    mutationFn: () => api.retention.release.mutate({ hold: hold.id }),
    onSuccess: () => toast.success('The hold is released'),
    onError: (error) => toast.error('Could not release this hold', { description: readError(error).message }),
    onSettled: () => {
      setReleasing(false);
      return queryClient.invalidateQueries({ queryKey: ['retention'] });
    },
  });
  return (
    <li className={cn('flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2.5 text-sm', hold.releasedAt && 'text-ink-3')}>
      <div className="min-w-48 flex-1">
        <span className="block truncate font-medium">{hold.reason}</span>
        <span className="block truncate text-xs text-ink-3">
          keeps <Held hold={hold} />, placed by {hold.createdBy} <RelativeTime at={hold.createdAt} />
        </span>
      </div>
      {hold.releasedAt ? (
        <span>
          released by {hold.releasedBy} <RelativeTime at={hold.releasedAt} />
        </span>
      ) : (
        mayChange && (
          <Button size="sm" onClick={() => setReleasing(true)}>
            Release
          </Button>
        )
      )}
      <ConfirmDialog
        isOpen={isReleasing}
        onOpenChange={setReleasing}
        title="Release this hold?"
        confirmLabel="Release it"
        isBusy={release.isPending}
        onConfirm={() => release.mutate()}
      >
        What it keeps goes when its time is over, which may be today, and cannot be brought back.
      </ConfirmDialog>
    </li>
  );
}

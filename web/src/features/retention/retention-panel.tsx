'use client';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { toast } from 'sonner';
import { ConfirmDialog } from '../../components/ui/confirm-dialog.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Field, Select } from '../../components/ui/field.tsx';
import { Panel } from '../../components/ui/panel.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { SkeletonRows } from '../../components/ui/skeleton.tsx';
import { plural } from '../../lib/format.ts';
import { api } from '../../lib/trpc/client.ts';
import { readError } from '../../lib/trpc/errors.ts';
import { HoldList } from './hold-list.tsx';
import { PlaceHoldButton } from './place-hold-dialog.tsx';
import { retentionQueries } from './queries.ts';

type Days = Parameters<typeof api.retention.set.mutate>[0]['days'];

/** How long runs are kept, and what is kept longer. `mayChange`: who looks may change it. */
export function RetentionPanel({ mayChange }: { mayChange: boolean }) {
  const queryClient = useQueryClient();
  const retention = useQuery(retentionQueries(api).get());
  const [asked, setAsked] = useState<Days | null>(null);
  const set = useMutation({
    mutationFn: (days: Days) => api.retention.set.mutate({ days }),
    onSuccess: ({ days }) => toast.success(`New runs are kept for ${plural(days, 'day')}`),
    onError: (error) => toast.error('Could not change it', { description: readError(error).message }),
    onSettled: () => {
      setAsked(null);
      return queryClient.invalidateQueries({ queryKey: ['retention'] });
    },
  });
  return (
    <Panel title="History" actions={mayChange && <PlaceHoldButton />}>
      {retention.isPending && <SkeletonRows count={2} />}
      {retention.isError && <ErrorState error={retention.error} onRetry={() => void retention.refetch()} />}
      {retention.data && (
        <>
          <div className="flex flex-wrap items-end gap-x-6 gap-y-2 p-4">
            <Field label="Runs are kept for" hint="After their end. A change counts for runs that are created from then on.">
              {(control) => (
                <Select
                  {...control}
                  disabled={!mayChange}
                  value={retention.data.days}
                  onChange={(event) => setAsked(Number(event.target.value) as Days)}
                >
                  {retention.data.choices.map((days) => (
                    <option key={days} value={days}>
                      {plural(days, 'day')}
                    </option>
                  ))}
                </Select>
              )}
            </Field>
            <p className="pb-1 text-sm text-ink-2">
              {retention.data.oldestRunAt ? (
                <>
                  The oldest run was created <RelativeTime at={retention.data.oldestRunAt} />.
                </>
              ) : (
                'There are no runs yet.'
              )}
            </p>
          </div>
          <HoldList holds={retention.data.holds} mayChange={mayChange} />
        </>
      )}
      <ConfirmDialog
        isOpen={asked !== null}
        onOpenChange={(isOpen) => !isOpen && setAsked(null)}
        title={`Keep new runs for ${plural(asked ?? 0, 'day')}?`}
        confirmLabel="Change it"
        cancelLabel="Leave it"
        isBusy={set.isPending}
        onConfirm={() => asked && set.mutate(asked)}
      >
        Runs that are there already go when they were to go. What is under legal hold stays.
      </ConfirmDialog>
    </Panel>
  );
}

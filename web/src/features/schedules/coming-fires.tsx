'use client';
import type { Schedule, UpcomingFire } from '@signalbox/proto/api';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { toast } from 'sonner';
import { Button } from '../../components/ui/button.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import { SkeletonRows } from '../../components/ui/skeleton.tsx';
import { api } from '../../lib/trpc/client.ts';
import { readError } from '../../lib/trpc/errors.ts';
import { useMay } from '../shell/session.tsx';
import { FireList } from './fire-list.tsx';
import { scheduleQueries } from './queries.ts';

/** The next fires of a schedule; each can be skipped, and one that is can be put back. */
export function ComingFires({ schedule }: { schedule: Schedule }) {
  const queryClient = useQueryClient();
  const mayChange = useMay()('deployments:operate', [schedule.deployment.id]);
  const coming = useQuery(scheduleQueries(api).upcoming(schedule.id, 10));
  const change = useMutation({
    mutationFn: (fire: UpcomingFire) => api.schedules[fire.skip ? 'unskip' : 'skip'].mutate({ schedule: schedule.id, at: fire.at }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['schedules', 'upcoming', schedule.id] }),
    onError: (error) => toast.error('Could not change this fire', { description: readError(error).message }),
  });
  if (coming.isPending) return <SkeletonRows />;
  if (coming.isError) return <Notice tone="danger" title={readError(coming.error).message} />;
  return (
    <FireList
      fires={coming.data.fires}
      timezone={coming.data.timezone}
      action={(fire) =>
        mayChange &&
        (fire.fires || fire.skip) && (
          <Button
            size="sm"
            variant="quiet"
            isBusy={change.isPending && change.variables.at === fire.at}
            disabled={change.isPending}
            aria-label={`${fire.skip ? 'Put back' : 'Skip'} the fire at ${fire.local}`}
            onClick={() => change.mutate(fire)}
          >
            {fire.skip ? 'Put back' : 'Skip'}
          </Button>
        )
      }
    />
  );
}

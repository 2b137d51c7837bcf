'use client';
import type { Schedule } from '@signalbox/proto/api';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { TriangleAlert } from 'lucide-react';
import { toast } from 'sonner';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { Switch } from '../../components/ui/switch.tsx';
import { api } from '../../lib/trpc/client.ts';
import { readError } from '../../lib/trpc/errors.ts';
import { deploymentQueries } from './queries.ts';
import { scheduleText } from './schedule-text.ts';

/** One schedule: when it fires, whether it does, and the next few instants. */
export function ScheduleRow({ schedule }: { schedule: Schedule }) {
  const queryClient = useQueryClient();
  const preview = useQuery({ ...deploymentQueries(api).preview(schedule.spec), enabled: schedule.problem === null });
  const setActive = useMutation({
    mutationFn: (active: boolean) => api.schedules.setActive.mutate({ schedule: schedule.id, active }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['deployments'] }),
    onError: (error) => toast.error('Could not switch this schedule', { description: readError(error).message }),
  });
  const isActive = setActive.isPending ? setActive.variables : schedule.active;
  return (
    <li className="flex gap-3 px-4 py-3">
      <div className="pt-0.5">
        <Switch
          isOn={isActive}
          disabled={setActive.isPending}
          onChange={(next) => setActive.mutate(next)}
          label={`Schedule ${schedule.slug}`}
        />
      </div>
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-baseline gap-x-2">
          <span className="text-sm font-medium">{schedule.slug}</span>
          <code className="text-xs text-ink-2">{scheduleText(schedule.spec)}</code>
        </p>
        {schedule.problem ? (
          <p className="mt-0.5 flex items-start gap-1.5 text-sm text-danger">
            <TriangleAlert aria-hidden className="mt-[3px] size-3.5 shrink-0" />
            {schedule.problem}
          </p>
        ) : isActive ? (
          <p className="mt-0.5 flex flex-wrap gap-x-3 text-xs text-ink-3">
            {schedule.nextFireAt && (
              <span>
                next <RelativeTime at={schedule.nextFireAt} className="text-ink-2" />
              </span>
            )}
            {preview.data?.fires.slice(1, 4).map((at) => (
              <span key={at}>
                then <RelativeTime at={at} />
              </span>
            ))}
          </p>
        ) : (
          <p className="mt-0.5 text-xs text-ink-3">off: does not fire</p>
        )}
        {Object.keys(schedule.parameters).length > 0 && (
          <p className="mt-0.5 truncate font-mono text-xs text-ink-3">{JSON.stringify(schedule.parameters)}</p>
        )}
      </div>
    </li>
  );
}

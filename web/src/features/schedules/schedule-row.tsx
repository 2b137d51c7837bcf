'use client';
import type { Schedule } from '@signalbox/proto/api';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ChevronDown, ChevronRight, Pencil, Trash2, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { toast } from 'sonner';
import { Button } from '../../components/ui/button.tsx';
import { ConfirmDialog } from '../../components/ui/confirm-dialog.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { Switch } from '../../components/ui/switch.tsx';
import { Tag } from '../../components/ui/tag.tsx';
import { api } from '../../lib/trpc/client.ts';
import { readError } from '../../lib/trpc/errors.ts';
import { scheduleText } from '../deployments/schedule-text.ts';
import { useMay } from '../shell/session.tsx';
import { ComingFires } from './coming-fires.tsx';
import { rulesText } from './rules-text.ts';
import { ScheduleDialog } from './schedule-dialog.tsx';

/** One schedule: when it fires, whether it does, how, and on demand what is to come. Those of code are changed in the code. */
export function ScheduleRow({ schedule }: { schedule: Schedule }) {
  const queryClient = useQueryClient();
  const mayChange = useMay()('deployments:operate', [schedule.deployment.id]);
  const [isOpen, setOpen] = useState(false);
  const [asked, setAsked] = useState<'edit' | 'delete' | null>(null);
  const setActive = useMutation({
    mutationFn: (active: boolean) => api.schedules.setActive.mutate({ schedule: schedule.id, active }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['deployments'] }),
    onError: (error) => toast.error('Could not switch this schedule', { description: readError(error).message }),
  });
  const remove = useMutation({
    mutationFn: () => api.schedules.delete.mutate({ schedule: schedule.id }),
    onSuccess: () => toast.success(`Schedule ${schedule.slug} is deleted`),
    onError: (error) => toast.error('Could not delete this schedule', { description: readError(error).message }),
    onSettled: () => {
      setAsked(null);
      return queryClient.invalidateQueries({ queryKey: ['deployments'] });
    },
  });
  const Chevron = isOpen ? ChevronDown : ChevronRight;
  const isActive = setActive.isPending ? setActive.variables : schedule.active;
  return (
    <li className="flex gap-3 px-4 py-3">
      <div className="pt-0.5">
        <Switch
          isOn={isActive}
          disabled={setActive.isPending || !mayChange}
          onChange={(next) => setActive.mutate(next)}
          label={`Schedule ${schedule.slug}`}
        />
      </div>
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-baseline gap-x-2">
          <span className="text-sm font-medium">{schedule.slug}</span>
          <code className="text-xs text-ink-2 [overflow-wrap:anywhere]">{scheduleText(schedule.spec)}</code>
          <span className="text-xs text-ink-3">{schedule.origin === 'code' ? 'owned by the code' : 'made by a person'}</span>
        </p>
        {schedule.problem ? (
          <p className="mt-0.5 flex items-start gap-1.5 text-sm text-danger">
            <TriangleAlert aria-hidden className="mt-[3px] size-3.5 shrink-0" />
            <span>
              {schedule.problem}
              {schedule.retryAt && (
                <span className="block text-ink-2">
                  tried again <RelativeTime at={schedule.retryAt} />
                </span>
              )}
            </span>
          </p>
        ) : isActive ? (
          <p className="mt-0.5 flex flex-wrap gap-x-3 text-xs text-ink-3">
            {schedule.nextFireAt && (
              <span>
                next <RelativeTime at={schedule.nextFireAt} className="text-ink-2" />
              </span>
            )}
          </p>
        ) : (
          <p className="mt-0.5 text-xs text-ink-3">off: does not fire</p>
        )}
        <p className="mt-1 flex flex-wrap gap-1 empty:hidden">
          {rulesText(schedule).map((text) => (
            <Tag key={text}>{text}</Tag>
          ))}
        </p>
        {Object.keys(schedule.parameters).length > 0 && (
          <p className="mt-0.5 truncate font-mono text-xs text-ink-3">{JSON.stringify(schedule.parameters)}</p>
        )}
        <div className="mt-1 flex flex-wrap gap-1">
          <Button size="sm" variant="quiet" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            <Chevron aria-hidden className="size-3.5" />
            Next fires
          </Button>
          {schedule.origin === 'operator' && mayChange && (
            <>
              <Button size="sm" variant="quiet" onClick={() => setAsked('edit')}>
                <Pencil aria-hidden className="size-3.5" />
                Edit
              </Button>
              <Button size="sm" variant="quiet" onClick={() => setAsked('delete')}>
                <Trash2 aria-hidden className="size-3.5" />
                Delete
              </Button>
            </>
          )}
        </div>
        {isOpen && <ComingFires schedule={schedule} />}
        {asked === 'edit' && <ScheduleDialog deployment={schedule.deployment} schedule={schedule} onClose={() => setAsked(null)} />}
        <ConfirmDialog
          isOpen={asked === 'delete'}
          onOpenChange={(next) => setAsked(next ? 'delete' : null)}
          title={`Delete schedule ${schedule.slug}?`}
          confirmLabel="Delete the schedule"
          isBusy={remove.isPending}
          onConfirm={() => remove.mutate()}
        >
          It fires no more. Runs that it made stay.
        </ConfirmDialog>
      </div>
    </li>
  );
}

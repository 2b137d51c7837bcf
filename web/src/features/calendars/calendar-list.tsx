'use client';
import type { Calendar } from '@signalbox/proto/api';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { toast } from 'sonner';
import { Button } from '../../components/ui/button.tsx';
import { ConfirmDialog } from '../../components/ui/confirm-dialog.tsx';
import { plural } from '../../lib/format.ts';
import { api } from '../../lib/trpc/client.ts';
import { readError } from '../../lib/trpc/errors.ts';
import { May } from '../shell/session.tsx';
import { CalendarDialog, WEEKDAYS } from './calendar-dialog.tsx';

export function CalendarList({ calendars }: { calendars: readonly Calendar[] }) {
  return (
    <ul className="divide-y divide-line">
      {calendars.map((calendar) => (
        <CalendarRow key={calendar.id} calendar={calendar} />
      ))}
    </ul>
  );
}

function CalendarRow({ calendar }: { calendar: Calendar }) {
  const queryClient = useQueryClient();
  const [asked, setAsked] = useState<'edit' | 'delete' | null>(null);
  const remove = useMutation({
    mutationFn: () => api.calendars.delete.mutate({ calendar: calendar.id }),
    onSuccess: () => toast.success(`Calendar ${calendar.name} is deleted`),
    onError: (error) => toast.error('Could not delete this calendar', { description: readError(error).message }),
    onSettled: () => {
      setAsked(null);
      return queryClient.invalidateQueries({ queryKey: ['calendars'] });
    },
  });
  const { weekdays, exclude, include, freezes } = calendar.rules;
  const facts = [
    weekdays === null ? 'open on all days' : `open ${weekdays.map((day) => WEEKDAYS[day - 1]).join(' ') || 'on no day'}`,
    exclude.length > 0 && `${plural(exclude.length, 'entry', 'entries')} closed`,
    include.length > 0 && `${plural(include.length, 'entry', 'entries')} open all the same`,
    freezes.length > 0 && plural(freezes.length, 'freeze window'),
    calendar.timezone,
  ].filter(Boolean);
  return (
    <li className="flex items-center gap-3 px-4 py-3">
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-baseline gap-x-2">
          <span className="text-sm font-medium">{calendar.name}</span>
          <span className="truncate text-xs text-ink-3">{calendar.description}</span>
        </p>
        <p className="text-xs text-ink-2">{facts.join(' · ')}</p>
      </div>
      <span className="text-sm text-ink-2">{plural(calendar.schedules, 'schedule')}</span>
      <May scope="deployments:operate">
        <Button variant="quiet" size="icon" aria-label={`Edit ${calendar.name}`} onClick={() => setAsked('edit')}>
          <Pencil aria-hidden className="size-4" />
        </Button>
        <Button variant="quiet" size="icon" aria-label={`Delete ${calendar.name}`} onClick={() => setAsked('delete')}>
          <Trash2 aria-hidden className="size-4" />
        </Button>
      </May>
      {asked === 'edit' && <CalendarDialog calendar={calendar} onClose={() => setAsked(null)} />}
      <ConfirmDialog
        isOpen={asked === 'delete'}
        onOpenChange={(next) => setAsked(next ? 'delete' : null)}
        title={`Delete calendar ${calendar.name}?`}
        confirmLabel="Delete the calendar"
        isBusy={remove.isPending}
        onConfirm={() => remove.mutate()}
      >
        It can be deleted only while no schedule goes by it.
      </ConfirmDialog>
    </li>
  );
}

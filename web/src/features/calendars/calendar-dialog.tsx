'use client';
import type { Calendar } from '@signalbox/proto/api';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { toast } from 'sonner';
import { Button } from '../../components/ui/button.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../components/ui/dialog.tsx';
import { Field, Input, Textarea } from '../../components/ui/field.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import { localTimeZone } from '../../lib/format.ts';
import { api } from '../../lib/trpc/client.ts';
import { readError } from '../../lib/trpc/errors.ts';
import { daysText, freezesText, parseDays, parseFreezes } from './days-text.ts';

export const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** Makes or changes a calendar. */
export function CalendarDialog({ calendar, onClose }: { calendar: Calendar | null; onClose: () => void }) {
  const queryClient = useQueryClient();
  const save = useMutation({
    mutationFn: (form: FormData) => {
      const text = (name: string) => String(form.get(name) ?? '').trim();
      const weekdays = WEEKDAYS.map((_, i) => i + 1).filter((day) => form.get(`day-${day}`) === 'on');
      const input = {
        name: text('name'),
        description: text('description'),
        timezone: text('timezone') || 'UTC',
        rules: {
          weekdays: weekdays.length === WEEKDAYS.length ? null : weekdays,
          exclude: parseDays(text('exclude')),
          include: parseDays(text('include')),
          freezes: parseFreezes(text('freezes')),
        },
      };
      return calendar ? api.calendars.update.mutate({ calendar: calendar.id, ...input }) : api.calendars.create.mutate(input);
    },
    onSuccess: ({ name }) => {
      toast.success(`Calendar ${name} is ${calendar ? 'changed' : 'made'}`);
      void queryClient.invalidateQueries({ queryKey: ['calendars'] });
      void queryClient.invalidateQueries({ queryKey: ['schedules'] });
      onClose();
    },
    onError: () => {},
  });
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    save.mutate(new FormData(event.currentTarget));
  };
  const rules = calendar?.rules;
  return (
    <Dialog
      isOpen
      size="lg"
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={calendar ? `Calendar ${calendar.name}` : 'New calendar'}
      description="Schedules that go by it fire only while it is open."
    >
      <form onSubmit={onSubmit} className="flex min-h-0 flex-col">
        <DialogBody className="space-y-4">
          {save.error && <Notice tone="danger" role="alert" title={readError(save.error).message} />}
          <div className="grid gap-4 sm:grid-cols-2">
            <Field label="Name" isRequired>
              {(control) => (
                <Input
                  {...control}
                  name="name"
                  required
                  maxLength={63}
                  pattern="[a-z0-9]+(-[a-z0-9]+)*"
                  defaultValue={calendar?.name}
                  autoComplete="off"
                />
              )}
            </Field>
            <Field label="Time zone" hint="Its days are counted in it.">
              {(control) => <Input {...control} name="timezone" defaultValue={calendar?.timezone ?? localTimeZone()} />}
            </Field>
          </div>
          <Field label="Description">
            {(control) => <Input {...control} name="description" defaultValue={calendar?.description} autoComplete="off" />}
          </Field>
          <fieldset>
            <legend className="mb-1 text-sm font-medium">Open on</legend>
            <div className="flex flex-wrap gap-x-4 gap-y-1">
              {WEEKDAYS.map((name, i) => (
                <label key={name} className="flex items-center gap-1.5 text-sm">
                  <input type="checkbox" name={`day-${i + 1}`} defaultChecked={rules ? (rules.weekdays?.includes(i + 1) ?? true) : i < 5} />
                  {name}
                </label>
              ))}
            </div>
          </fieldset>
          <Field label="Closed on" hint="A line each: 2026-12-25 Christmas, 12-25 for every year, 12-24..12-26 for a stretch.">
            {(control) => <Textarea {...control} name="exclude" className="font-mono" defaultValue={daysText(rules?.exclude ?? [])} />}
          </Field>
          <Field label="Open all the same on" hint="Lines as above; they win over weekdays and closed days.">
            {(control) => <Textarea {...control} name="include" className="font-mono" defaultValue={daysText(rules?.include ?? [])} />}
          </Field>
          <Field label="Freeze windows" hint="A line each: 2026-12-20T12:00Z..2027-01-03T12:00Z Year end. Nothing fires within.">
            {(control) => <Textarea {...control} name="freezes" className="font-mono" defaultValue={freezesText(rules?.freezes ?? [])} />}
          </Field>
        </DialogBody>
        <DialogFooter>
          <Button onClick={onClose}>Close</Button>
          <Button type="submit" variant="primary" isBusy={save.isPending}>
            {calendar ? 'Save' : 'Create'}
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}

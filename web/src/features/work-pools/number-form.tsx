'use client';
import type { WorkPool } from '@signalbox/proto/api';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { toast } from 'sonner';
import { Button } from '../../components/ui/button.tsx';
import { Field, Input } from '../../components/ui/field.tsx';
import { api } from '../../lib/trpc/client.ts';
import { readError } from '../../lib/trpc/errors.ts';

const SETTINGS = {
  concurrencyLimit: { label: 'Runs at once', none: 'no limit', min: 1, max: 100_000, step: 1 },
  costPerHour: { label: 'Cost of a run an hour', none: 'not known', min: 0, max: 1_000_000, step: 'any' },
} as const;

/** One number that a pool has or has not, changed in place. */
export function NumberForm({ pool, setting, mayChange }: { pool: WorkPool; setting: keyof typeof SETTINGS; mayChange: boolean }) {
  const queryClient = useQueryClient();
  const { label, none, ...bounds } = SETTINGS[setting];
  const stored = String(pool[setting] ?? '');
  const [text, setText] = useState(stored);
  const save = useMutation({
    mutationFn: () => api.workPools.update.mutate({ pool: pool.name, [setting]: text.trim() === '' ? null : Number(text) }),
    onSuccess: () => {
      toast.success(`${label}: ${text.trim() || none}`);
      return queryClient.invalidateQueries({ queryKey: ['work-pools'] });
    },
    onError: (error) => toast.error(`Could not change: ${label.toLowerCase()}`, { description: readError(error).message }),
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={onSubmit} className="flex items-end gap-2">
      <div className="w-44">
        <Field label={label}>
          {(control) => (
            <Input
              {...control}
              type="number"
              {...bounds}
              disabled={!mayChange}
              placeholder={none}
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          )}
        </Field>
      </div>
      {mayChange && (
        <Button type="submit" disabled={text.trim() === stored} isBusy={save.isPending}>
          Save
        </Button>
      )}
    </form>
  );
}

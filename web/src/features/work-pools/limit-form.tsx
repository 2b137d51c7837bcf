'use client';
import type { WorkPool } from '@signalbox/proto/api';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { toast } from 'sonner';
import { Button } from '../../components/ui/button.tsx';
import { Field, Input } from '../../components/ui/field.tsx';
import { api } from '../../lib/trpc/client.ts';
import { readError } from '../../lib/trpc/errors.ts';

/** The pool's own limit, changed in place. */
export function LimitForm({ pool, mayChange }: { pool: WorkPool; mayChange: boolean }) {
  const queryClient = useQueryClient();
  const stored = pool.concurrencyLimit === null ? '' : String(pool.concurrencyLimit);
  const [text, setText] = useState(stored);
  const save = useMutation({
    mutationFn: () => api.workPools.update.mutate({ pool: pool.name, concurrencyLimit: text.trim() === '' ? null : Number(text) }),
    onSuccess: () => {
      toast.success(text.trim() === '' ? 'No limit' : `At most ${text} at once`);
      return queryClient.invalidateQueries({ queryKey: ['work-pools'] });
    },
    onError: (error) => toast.error('Could not change the limit', { description: readError(error).message }),
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={onSubmit} className="flex items-end gap-2">
      <div className="w-36">
        <Field label="Runs at once">
          {(control) => (
            <Input
              {...control}
              type="number"
              min={1}
              max={100_000}
              disabled={!mayChange}
              placeholder="no limit"
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

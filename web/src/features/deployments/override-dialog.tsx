'use client';
import type { EffectiveValue } from '@signalbox/proto/api';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { toast } from 'sonner';
import { Button } from '../../components/ui/button.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../components/ui/dialog.tsx';
import { Field, Input, Textarea } from '../../components/ui/field.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import { api } from '../../lib/trpc/client.ts';
import { readError } from '../../lib/trpc/errors.ts';
import { editFieldValue, readFieldValue, readSpan } from './field-words.ts';

interface OverrideDialogProps {
  deployment: string;
  /** The path that is set; null: the reader names one, such as a parameter that code does not mention. */
  field: EffectiveValue | null;
  onClose: () => void;
}

/** Sets a value over code: with a reason, and an end if one is given. */
export function OverrideDialog({ deployment, field, onClose }: OverrideDialogProps) {
  return (
    <Dialog
      isOpen
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={field ? `Override ${field.path}` : 'Override a field'}
      description={field?.about ?? 'One key of the parameters or variables, or any field that people may set.'}
    >
      <OverrideForm deployment={deployment} field={field} onClose={onClose} />
    </Dialog>
  );
}

function OverrideForm({ deployment, field, onClose }: OverrideDialogProps) {
  const queryClient = useQueryClient();
  const [isRemoved, setRemoved] = useState(false);
  const input = field?.input ?? 'json';
  const save = useMutation({
    mutationFn: (form: FormData) => {
      const path = field?.path ?? String(form.get('path')).trim();
      const entry = isRemoved ? { path, removed: true } : { path, value: readFieldValue(String(form.get('value') ?? ''), input) };
      const expires = String(form.get('expires') ?? '').trim();
      const expiresInMs = expires === '' ? null : readSpan(expires);
      if (expires !== '' && expiresInMs === null) throw new Error(`Ends after: expected a time such as 2h or 30m, got "${expires}"`);
      const end = expiresInMs === null ? {} : { expiresInMs };
      return api.deployments.setOverlay.mutate({ deployment, set: [entry], reason: String(form.get('reason')), ...end });
    },
    onSuccess: () => {
      toast.success('Overridden: a deploy does not undo it');
      onClose();
      return queryClient.invalidateQueries({ queryKey: ['deployments'] });
    },
  });
  const problem = save.error ? readError(save.error) : null;
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    save.mutate(new FormData(event.currentTarget));
  };
  return (
    <form onSubmit={onSubmit} className="flex min-h-0 flex-col">
      <DialogBody className="space-y-4">
        {problem && <Notice tone="danger" role="alert" title={problem.message} />}
        {!field && (
          <Field label="Field" hint="timeoutMs, parameters.city, variables.env.LOG_LEVEL" isRequired>
            {(control) => <Input {...control} name="path" required maxLength={500} autoComplete="off" spellCheck={false} />}
          </Field>
        )}
        <Field label="Value" hint={HINT[input]}>
          {(control) => (
            <Textarea
              {...control}
              name="value"
              disabled={isRemoved}
              defaultValue={field ? editFieldValue(field.value, input) : ''}
              spellCheck={false}
              className="font-mono text-xs"
            />
          )}
        </Field>
        <label className="flex items-center gap-2 text-sm">
          <input type="checkbox" checked={isRemoved} onChange={(event) => setRemoved(event.target.checked)} />
          Remove what code says: the default holds, a key is gone
        </label>
        <Field label="Reason" hint="Shown beside the value, and by whoever deploys next." isRequired>
          {(control) => <Input {...control} name="reason" required maxLength={1_000} autoComplete="off" />}
        </Field>
        <Field label="Ends after" hint="Then code's value comes back by itself: 30m, 2h, 7d. Empty: when somebody resets it.">
          {(control) => <Input {...control} name="expires" placeholder="never" autoComplete="off" />}
        </Field>
      </DialogBody>
      <DialogFooter>
        <Button onClick={onClose}>Close</Button>
        <Button type="submit" variant="primary" isBusy={save.isPending}>
          Override
        </Button>
      </DialogFooter>
    </form>
  );
}

const HINT = {
  text: 'Taken as it stands.',
  json: 'JSON, or plain text.',
  duration: '10m, 2h, 90s, or none.',
} as const;

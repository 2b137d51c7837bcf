'use client';
import type { Severity, SlaKind } from '@signalbox/proto/api';
import { useState } from 'react';
import { Field, Input, Select } from '../../components/ui/field.tsx';
import { DialogForm } from '../../components/ui/form-dialog.tsx';
import { SeveritySelect } from '../../components/ui/severity.tsx';
import { api } from '../../lib/trpc/client.ts';
import { useWrite } from '../../lib/use-write.ts';
import type { SlaSubject } from './queries.ts';

const KINDS: readonly (readonly [SlaKind, string])[] = [
  ['completion', 'Each run ends in time'],
  ['lateness', 'Each run starts in time'],
  ['frequency', 'A run completes often enough'],
];

export function SlaForm({ about, onClose }: { about: SlaSubject; onClose: () => void }) {
  const isOfAsset = 'asset' in about;
  const [kind, setKind] = useState<SlaKind>(isOfAsset ? 'freshness' : 'completion');
  const create = useWrite(
    (form: FormData) =>
      api.slas.create.mutate({
        name: String(form.get('name')).trim(),
        kind,
        ...about,
        seconds: Math.round(Number(form.get('minutes')) * 60),
        severity: String(form.get('severity')) as Severity,
      }),
    { done: ({ name }) => `${name} is promised`, stale: [['slas']], isErrorToasted: false },
  );
  return (
    <DialogForm
      submitLabel="Promise it"
      isBusy={create.isPending}
      error={create.error}
      onClose={onClose}
      onSubmit={(form) => create.mutate(form, { onSuccess: onClose })}
    >
      <Field
        label="Name"
        hint={isOfAsset ? 'Of this workspace: orders are of today.' : 'Of this workspace: nightly load is done by six.'}
        isRequired
      >
        {(control) => <Input {...control} name="name" required maxLength={100} autoComplete="off" />}
      </Field>
      {!isOfAsset && (
        <Field label="What is promised">
          {(control) => (
            <Select {...control} value={kind} onChange={(event) => setKind(event.target.value as SlaKind)}>
              {KINDS.map(([each, label]) => (
                <option key={each} value={each}>
                  {label}
                </option>
              ))}
            </Select>
          )}
        </Field>
      )}
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={isOfAsset ? 'Made at least every (minutes)' : 'Within (minutes)'} isRequired>
          {(control) => (
            <Input {...control} name="minutes" type="number" required min={0.2} step="any" defaultValue={60} inputMode="decimal" />
          )}
        </Field>
        <Field label="Severity">{(control) => <SeveritySelect {...control} name="severity" defaultValue="moderate" />}</Field>
      </div>
    </DialogForm>
  );
}

'use client';
import type { ApiKey } from '@signalbox/proto/api';
import { Button } from '../../components/ui/button.tsx';
import { Field, Select } from '../../components/ui/field.tsx';
import { DialogForm, FormDialog } from '../../components/ui/form-dialog.tsx';
import { SecretShown } from '../../components/ui/secret-shown.tsx';
import { api } from '../../lib/trpc/client.ts';
import { useWrite } from '../../lib/use-write.ts';
import { LIFETIMES } from './lifetimes.ts';

const OVERLAPS = [
  { hours: 0, text: 'stops at once' },
  { hours: 1, text: 'works for 1 hour more' },
  { hours: 24, text: 'works for 1 day more' },
  { hours: 72, text: 'works for 3 days more' },
  { hours: 168, text: 'works for a week more' },
];

/** A new key in the place of an old one, which works on for a while. */
export function RotateApiKeyButton({ apiKey }: { apiKey: ApiKey }) {
  return (
    <FormDialog
      title={`Rotate ${apiKey.name}`}
      description="A new key with the same name, role and owner."
      trigger={(open) => (
        <Button size="sm" variant="quiet" aria-label={`Rotate ${apiKey.name}`} onClick={open}>
          Rotate
        </Button>
      )}
    >
      {(close) => <Rotate apiKey={apiKey} onClose={close} />}
    </FormDialog>
  );
}

function Rotate({ apiKey, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const rotate = useWrite(
    (form: FormData) =>
      api.apiKeys.rotate.mutate({
        key: apiKey.id,
        overlapHours: Number(form.get('overlap')),
        expiresInDays: Number(form.get('days')),
      }),
    { stale: [['api-keys']], isErrorToasted: false },
  );
  if (rotate.data)
    return (
      <SecretShown
        title="Copy the new key now"
        about="This is the only time it is shown. Put it where the old one was; once the old one is not used any more, revoke it."
        label="The new API key"
        secret={rotate.data.secret}
        onDone={onClose}
      />
    );
  return (
    <DialogForm
      submitLabel="Rotate the key"
      isBusy={rotate.isPending}
      error={rotate.error}
      onClose={onClose}
      onSubmit={(form) => rotate.mutate(form)}
    >
      <Field label="The old key">
        {(control) => (
          <Select {...control} name="overlap" defaultValue="24">
            {OVERLAPS.map(({ hours, text }) => (
              <option key={hours} value={hours}>
                {text}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Field label="The new key expires after">
        {(control) => (
          <Select {...control} name="days" defaultValue="90">
            {LIFETIMES.map((days) => (
              <option key={days} value={days}>
                {days} days
              </option>
            ))}
          </Select>
        )}
      </Field>
    </DialogForm>
  );
}

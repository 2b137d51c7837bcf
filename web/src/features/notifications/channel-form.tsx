'use client';
import type { Channel, ChannelKind, SavedChannel } from '@signalbox/proto/api';
import { useState } from 'react';
import { Field, type FieldControl, Input, Select } from '../../components/ui/field.tsx';
import { DialogForm } from '../../components/ui/form-dialog.tsx';
import { SecretShown } from '../../components/ui/secret-shown.tsx';
import { SeveritySelect } from '../../components/ui/severity.tsx';
import { localTimeZone } from '../../lib/format.ts';
import { api } from '../../lib/trpc/client.ts';
import { issuesUnder, readError } from '../../lib/trpc/errors.ts';
import { useWrite } from '../../lib/use-write.ts';
import { CHANNEL_KINDS, CHANNEL_WORDS } from './channel-words.ts';

type Create = Parameters<typeof api.notifications.create.mutate>[0];
type Target = Create['target'];

/** Makes a channel, or changes the one given. What is secret of it is written, and never read. */
export function ChannelForm({ channel, onClose }: { channel: Channel | null; onClose: () => void }) {
  const [kind, setKind] = useState<ChannelKind>(channel?.kind ?? 'slack');
  const [isQuiet, setQuiet] = useState(channel?.quietHours != null);
  const [made, setMade] = useState<SavedChannel | null>(null);
  const save = useWrite(
    (form: FormData): Promise<SavedChannel> => {
      const fields = fieldsOf(form, isQuiet);
      const target = targetOf(kind, form);
      if (channel) return api.notifications.update.mutate({ channel: channel.id, ...fields, ...(target ? { target } : {}) });
      if (!target) throw new Error(`${CHANNEL_WORDS[kind].needs} is missing.`);
      return api.notifications.create.mutate({ ...fields, target });
    },
    { done: ({ channel: { name } }) => `${name} is saved`, stale: [['notifications']], isErrorToasted: false },
  );
  if (made?.secret)
    return (
      <SecretShown
        title="Copy it now"
        about="This is the only time the key is shown."
        label="Key of the signatures"
        secret={made.secret}
        onDone={onClose}
      >
        Each request carries webhook-id, webhook-timestamp and webhook-signature: check the signature with this key.
      </SecretShown>
    );
  const problem = save.error ? readError(save.error) : null;
  const at = (field: string) => {
    const expected = problem ? issuesUnder(field, problem.issues)[0]?.expected : undefined;
    return expected ? `Expected ${expected}.` : null;
  };
  const { needs, hint, placeholder } = CHANNEL_WORDS[kind];
  const isMail = kind === 'email';
  const input = (control: FieldControl) => (
    <Input
      {...control}
      name="secret"
      type={isMail || kind === 'pagerduty' || kind === 'opsgenie' ? 'text' : 'url'}
      required={channel === null}
      placeholder={channel ? (isMail ? channel.target : 'Unchanged') : placeholder}
      autoComplete="off"
      spellCheck={false}
    />
  );
  return (
    <DialogForm
      submitLabel={channel ? 'Save' : 'Create'}
      isBusy={save.isPending}
      error={save.error}
      onClose={onClose}
      onSubmit={(form) => save.mutate(form, { onSuccess: (saved) => (saved.secret ? setMade(saved) : onClose()) })}
    >
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Kind">
          {(control) => (
            <Select {...control} value={kind} disabled={channel !== null} onChange={(event) => setKind(event.target.value as ChannelKind)}>
              {CHANNEL_KINDS.map((each) => (
                <option key={each} value={each}>
                  {CHANNEL_WORDS[each].name}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Name" error={at('name')} isRequired>
          {(control) => <Input {...control} name="name" required maxLength={100} defaultValue={channel?.name ?? ''} autoComplete="off" />}
        </Field>
      </div>
      <Field
        label={needs}
        hint={channel && !isMail ? 'Kept as it is unless you write a new one.' : hint}
        error={at('target')}
        isRequired={channel === null}
      >
        {input}
      </Field>
      {(kind === 'pagerduty' || kind === 'opsgenie') && (
        <Field label="Region" hint={channel ? 'Counts with a new key.' : undefined}>
          {(control) => (
            <Select {...control} name="region" defaultValue="us">
              <option value="us">United States</option>
              <option value="eu">Europe</option>
            </Select>
          )}
        </Field>
      )}
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Tells of" hint="What is milder is not sent.">
          {(control) => (
            <SeveritySelect
              {...control}
              name="leastSeverity"
              defaultValue={channel?.leastSeverity ?? 'minor'}
              wordOf={(level) => `${level} and worse`}
            />
          )}
        </Field>
        <Field label="Gather for (minutes)" hint="0 sends each at once. What is critical never waits." error={at('digestSeconds')}>
          {(control) => (
            <Input
              {...control}
              name="digest"
              type="number"
              min={0}
              max={1_440}
              defaultValue={(channel?.digestSeconds ?? 0) / 60}
              inputMode="numeric"
            />
          )}
        </Field>
        <Field label="Tell again after (hours)" hint="Of a problem that is there still; 0: never." error={at('remindSeconds')}>
          {(control) => (
            <Input
              {...control}
              name="remind"
              type="number"
              min={0}
              max={720}
              defaultValue={(channel?.remindSeconds ?? 86_400) / 3_600}
              inputMode="numeric"
            />
          )}
        </Field>
      </div>
      <fieldset className="space-y-3">
        <label className="flex items-center gap-2 text-sm font-medium">
          <input type="checkbox" checked={isQuiet} onChange={(event) => setQuiet(event.target.checked)} />
          Quiet hours
        </label>
        {isQuiet && (
          <div className="grid gap-4 sm:grid-cols-2">
            <Field label="From" error={at('quietHours.from')}>
              {(control) => <Input {...control} name="from" type="time" required defaultValue={channel?.quietHours?.from ?? '22:00'} />}
            </Field>
            <Field label="To" error={at('quietHours.to')}>
              {(control) => <Input {...control} name="to" type="time" required defaultValue={channel?.quietHours?.to ?? '07:00'} />}
            </Field>
            <Field label="Time zone" error={at('quietHours.timezone')}>
              {(control) => (
                <Input
                  {...control}
                  name="timezone"
                  required
                  defaultValue={channel?.quietHours?.timezone ?? localTimeZone()}
                  autoComplete="off"
                />
              )}
            </Field>
            <Field label="Disturbs all the same">
              {(control) => <SeveritySelect {...control} name="unless" defaultValue={channel?.quietHours?.unless ?? 'critical'} />}
            </Field>
          </div>
        )}
      </fieldset>
    </DialogForm>
  );
}

function fieldsOf(form: FormData, isQuiet: boolean) {
  const text = (name: string) => String(form.get(name) ?? '').trim();
  type Level = NonNullable<Create['leastSeverity']>;
  return {
    name: text('name'),
    leastSeverity: text('leastSeverity') as Level,
    digestSeconds: Math.round(Number(text('digest')) * 60),
    remindSeconds: Math.round(Number(text('remind')) * 3_600),
    quietHours: isQuiet ? { timezone: text('timezone'), from: text('from'), to: text('to'), unless: text('unless') as Level } : null,
  };
}

/** Null: nothing was written. */
function targetOf(kind: ChannelKind, form: FormData): Target | null {
  const secret = String(form.get('secret') ?? '').trim();
  if (secret === '') return null;
  const region = form.get('region') === 'eu' ? 'eu' : 'us';
  if (kind === 'pagerduty') return { kind, routingKey: secret, region };
  if (kind === 'opsgenie') return { kind, apiKey: secret, region };
  if (kind === 'email') return { kind, to: secret.split(/[\s,;]+/).filter(Boolean) };
  return { kind, url: secret };
}

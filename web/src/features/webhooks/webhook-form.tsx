'use client';
import type { Webhook, WebhookPreset } from '@signalbox/proto/api';
import { useState } from 'react';
import { Field, Input, Select, Textarea } from '../../components/ui/field.tsx';
import { DialogForm } from '../../components/ui/form-dialog.tsx';
import { SecretShown } from '../../components/ui/secret-shown.tsx';
import { api } from '../../lib/trpc/client.ts';
import { useWrite } from '../../lib/use-write.ts';

type Create = Parameters<typeof api.webhooks.create.mutate>[0];
type Verify = NonNullable<Create['verify']>;
type Scheme = Verify['scheme'];

/** What each sender is called, and how it proves that it is the one. */
export const PRESETS: Readonly<Record<WebhookPreset, { name: string; schemes: readonly Scheme[] }>> = {
  generic: { name: 'Anything', schemes: ['none', 'bearer', 'hmac', 'standard'] },
  github: { name: 'GitHub', schemes: ['github', 'none'] },
  gitlab: { name: 'GitLab', schemes: ['gitlab', 'standard', 'none'] },
  stripe: { name: 'Stripe', schemes: ['stripe', 'none'] },
  aws: { name: 'AWS: S3, SNS, EventBridge', schemes: ['sns', 'bearer', 'none'] },
  slack: { name: 'Slack', schemes: ['slack', 'none'] },
  alertmanager: { name: 'Alertmanager', schemes: ['bearer', 'none'] },
  cloudevents: { name: 'CloudEvents', schemes: ['bearer', 'standard', 'hmac', 'none'] },
};
const SCHEMES: Readonly<Record<Scheme, string>> = {
  none: 'Not at all: whoever knows the address',
  sns: 'Certificate of AWS',
  github: 'Secret of the webhook (X-Hub-Signature-256)',
  gitlab: 'Secret token (X-Gitlab-Token)',
  stripe: 'Signing secret (Stripe-Signature)',
  slack: 'Signing secret (X-Slack-Signature)',
  bearer: 'Bearer token, or a password of Basic',
  standard: 'Standard Webhooks (whsec_ key)',
  hmac: 'HMAC in a header',
};
const EXAMPLE =
  '{\n  "name": "deploy.{{ body.environment }}",\n  "resource": { "id": "service/{{ body.service }}" },\n  "payload": { "version": "{{ body.version }}" }\n}';

/** A new one, or what is to be changed of `webhook`: its secret stays unless another proof is chosen. */
export function WebhookForm({ webhook, onClose }: { webhook?: Webhook; onClose: () => void }) {
  const [preset, setPreset] = useState<WebhookPreset>(webhook?.preset ?? 'generic');
  const { schemes } = PRESETS[preset];
  const [chosen, setScheme] = useState<Scheme | 'keep'>(webhook ? 'keep' : 'none');
  const scheme = chosen === 'keep' || schemes.includes(chosen) ? chosen : (schemes[0] ?? 'none');
  const [made, setMade] = useState<{ webhook: Webhook; url: string } | null>(null);
  const create = useWrite(
    (form: FormData) =>
      api.webhooks.create.mutate({
        name: String(form.get('name')).trim(),
        preset,
        ...(scheme === 'keep' ? {} : { verify: verifyOf(scheme, form) }),
        template: templateOf(form),
      }),
    { stale: [['webhooks']], isErrorToasted: false },
  );
  const update = useWrite(
    (form: FormData) =>
      api.webhooks.update.mutate({
        webhook: webhook?.id ?? 'hook_',
        name: String(form.get('name')).trim(),
        preset,
        ...(scheme === 'keep' ? {} : { verify: verifyOf(scheme, form) }),
        template: templateOf(form),
      }),
    { stale: [['webhooks']], isErrorToasted: false },
  );
  if (made)
    return (
      <SecretShown
        title="Copy it now"
        about="This is the only time the address is shown. Whoever knows it can send events."
        label="Address"
        secret={made.url}
        onDone={onClose}
      >
        Give it to {PRESETS[preset].name === 'Anything' ? 'the sender' : PRESETS[preset].name}. It can be rotated at any time.
      </SecretShown>
    );
  return (
    <DialogForm
      submitLabel={webhook ? 'Save' : 'Create'}
      isBusy={create.isPending || update.isPending}
      error={create.error ?? update.error}
      onClose={onClose}
      onSubmit={(form) => (webhook ? update.mutate(form, { onSuccess: onClose }) : create.mutate(form, { onSuccess: setMade }))}
    >
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Name" isRequired>
          {(control) => <Input {...control} name="name" required maxLength={100} autoComplete="off" defaultValue={webhook?.name} />}
        </Field>
        <Field label="Sender">
          {(control) => (
            <Select
              {...control}
              value={preset}
              onChange={(event) => {
                const next = event.target.value as WebhookPreset;
                setPreset(next);
                setScheme(next === webhook?.preset ? 'keep' : (PRESETS[next].schemes[0] ?? 'none'));
              }}
            >
              {Object.entries(PRESETS).map(([value, { name }]) => (
                <option key={value} value={value}>
                  {name}
                </option>
              ))}
            </Select>
          )}
        </Field>
      </div>
      <Field label="How it proves that it is the one">
        {(control) => (
          <Select {...control} value={scheme} onChange={(event) => setScheme(event.target.value as Scheme | 'keep')}>
            {webhook && <option value="keep">As it is: {SCHEMES[webhook.scheme]}</option>}
            {schemes.map((each) => (
              <option key={each} value={each}>
                {SCHEMES[each]}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {scheme !== 'keep' && scheme !== 'none' && scheme !== 'sns' && (
        <Field label="Secret" hint="Sealed, and never shown again." isRequired>
          {(control) => <Input {...control} name="secret" required minLength={8} maxLength={500} autoComplete="off" spellCheck={false} />}
        </Field>
      )}
      {scheme === 'sns' && (
        <Field label="Topics" hint="ARNs, one a line, with * for any text. Empty: whoever has a topic of AWS and knows the address.">
          {(control) => (
            <Textarea
              {...control}
              name="topics"
              className="min-h-16 font-mono text-xs"
              placeholder="arn:aws:sns:eu-west-1:123456789012:*"
              spellCheck={false}
            />
          )}
        </Field>
      )}
      {scheme === 'hmac' && (
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label="Header">{(control) => <Input {...control} name="header" defaultValue="x-signature" autoComplete="off" />}</Field>
          <Field label="Algorithm">
            {(control) => (
              <Select {...control} name="algorithm" defaultValue="sha256">
                <option>sha256</option>
                <option>sha512</option>
                <option>sha1</option>
              </Select>
            )}
          </Field>
          <Field label="Before it">{(control) => <Input {...control} name="prefix" placeholder="sha256=" autoComplete="off" />}</Field>
          <Field label="Header with the time" hint="Signed as <time>.<body>: who saw a request cannot send it again.">
            {(control) => <Input {...control} name="timestampHeader" placeholder="x-timestamp" autoComplete="off" />}
          </Field>
        </div>
      )}
      <Field label="Event" hint="JSON with templates over method, headers, query, body and event. Empty: as the sender's kind has it.">
        {(control) => (
          <Textarea
            {...control}
            name="template"
            className="min-h-28 font-mono text-xs"
            placeholder={EXAMPLE}
            spellCheck={false}
            defaultValue={webhook?.template ? JSON.stringify(webhook.template, null, 2) : undefined}
          />
        )}
      </Field>
    </DialogForm>
  );
}

function verifyOf(scheme: Scheme, form: FormData): Verify {
  const text = (name: string) => String(form.get(name) ?? '').trim();
  if (scheme === 'none') return { scheme };
  if (scheme === 'sns') return { scheme, topics: text('topics').split(/\s+/).filter(Boolean) };
  const secret = text('secret');
  if (scheme === 'hmac') {
    const algorithm = (['sha1', 'sha256', 'sha512'] as const).find((each) => each === text('algorithm')) ?? 'sha256';
    return {
      scheme,
      secret,
      header: text('header') || 'x-signature',
      algorithm,
      prefix: text('prefix'),
      timestampHeader: text('timestampHeader'),
    };
  }
  return { scheme, secret };
}

/** @throws Error for what is no JSON */
export function templateOf(form: FormData): Create['template'] {
  const text = String(form.get('template') ?? '').trim();
  if (text === '') return null;
  try {
    return JSON.parse(text) as Create['template'];
  } catch {
    throw new Error('The event is no JSON: texts stand in double quotes, and there is no comma at the end.');
  }
}

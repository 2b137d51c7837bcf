'use client';
import type { Webhook, WebhookPreset } from '@signalbox/proto/api';
import { useState } from 'react';
import { Button } from '../../components/ui/button.tsx';
import { Field, Input, Select, Textarea } from '../../components/ui/field.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import { Panel } from '../../components/ui/panel.tsx';
import { ScrollRegion } from '../../components/ui/scroll-region.tsx';
import { api } from '../../lib/trpc/client.ts';
import { readError } from '../../lib/trpc/errors.ts';
import { useWrite } from '../../lib/use-write.ts';
import { PRESETS, templateOf } from './webhook-form.tsx';

/** What a request would become by a webhook that is there, or by one of a kind; nothing is written. */
export function WebhookTester({ webhooks }: { webhooks: readonly Webhook[] }) {
  // `preset:generic`, or the id of a webhook.
  const [chosen, setChosen] = useState('preset:generic');
  const webhook = webhooks.find(({ id }) => id === chosen);
  const preset = webhook?.preset ?? (chosen.startsWith('preset:') ? (chosen.slice('preset:'.length) as WebhookPreset) : 'generic');
  const preview = useWrite(
    (form: FormData) =>
      api.webhooks.preview.mutate({
        preset,
        template: templateOf(form),
        request: {
          headers: headersOf(String(form.get('headers') ?? '')),
          query: Object.fromEntries(new URLSearchParams(String(form.get('query') ?? ''))),
          body: String(form.get('body') ?? ''),
        },
      }),
    { stale: [], isErrorToasted: false },
  );
  return (
    <Panel title="Try a request">
      <form
        className="grid gap-4 p-4 lg:grid-cols-2"
        onSubmit={(event) => {
          event.preventDefault();
          preview.mutate(new FormData(event.currentTarget));
        }}
      >
        <div className="space-y-3">
          <Field label="By">
            {(control) => (
              <Select {...control} value={chosen} onChange={(event) => setChosen(event.target.value)}>
                {webhooks.length > 0 && (
                  <optgroup label="Webhooks">
                    {webhooks.map(({ id, name }) => (
                      <option key={id} value={id}>
                        {name}
                      </option>
                    ))}
                  </optgroup>
                )}
                <optgroup label="Senders">
                  {Object.entries(PRESETS).map(([value, { name }]) => (
                    <option key={value} value={`preset:${value}`}>
                      {name}
                    </option>
                  ))}
                </optgroup>
              </Select>
            )}
          </Field>
          <Field label="Headers" hint="One a line.">
            {(control) => (
              <Textarea
                {...control}
                name="headers"
                className="min-h-14 font-mono text-xs"
                placeholder="x-github-event: push"
                spellCheck={false}
              />
            )}
          </Field>
          <Field label="Body">
            {(control) => (
              <Textarea
                {...control}
                name="body"
                className="min-h-28 font-mono text-xs"
                placeholder='{ "action": "opened" }'
                spellCheck={false}
              />
            )}
          </Field>
          <Field label="Query" hint="As in an address, without the question mark.">
            {(control) => (
              <Input
                {...control}
                name="query"
                className="font-mono !text-xs"
                placeholder="source=shop"
                autoComplete="off"
                spellCheck={false}
              />
            )}
          </Field>
          <Field label="Event" hint="A template as JSON. Empty: as the sender's kind has it.">
            {(control) => (
              <Textarea
                {...control}
                // That of another webhook is another text.
                key={chosen}
                name="template"
                className="min-h-14 font-mono text-xs"
                defaultValue={webhook?.template ? JSON.stringify(webhook.template, null, 2) : undefined}
                spellCheck={false}
              />
            )}
          </Field>
          <Button type="submit" isBusy={preview.isPending}>
            Show the event
          </Button>
        </div>
        <div aria-live="polite" className="min-w-0 space-y-3">
          {preview.error && <Notice tone="danger" role="alert" title={readError(preview.error).message} />}
          {preview.data?.problem && (
            <Notice tone="danger" title="It would be refused">
              {preview.data.problem}
            </Notice>
          )}
          {preview.data && preview.data.events.length > 0 && (
            <ScrollRegion label="Events that it would make" className="max-h-96 overflow-auto rounded-md bg-sunken">
              <pre className="p-3 font-mono text-xs">{JSON.stringify(preview.data.events, null, 2)}</pre>
            </ScrollRegion>
          )}
          {preview.data?.events.length === 0 && !preview.data.problem && <p className="text-sm text-ink-3">It would make no event.</p>}
          {!preview.data && !preview.error && (
            <p className="text-sm text-ink-3">
              The events that it would make are shown here. Nothing is written, and no signature is asked for.
            </p>
          )}
        </div>
      </form>
    </Panel>
  );
}

function headersOf(text: string): Record<string, string> {
  const lines = text.split('\n').filter((line) => line.includes(':'));
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')).trim(), line.slice(line.indexOf(':') + 1).trim()]));
}

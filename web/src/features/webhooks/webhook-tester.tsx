'use client';
import type { WebhookPreset } from '@signalbox/proto/api';
import { useState } from 'react';
import { Button } from '../../components/ui/button.tsx';
import { Field, Select, Textarea } from '../../components/ui/field.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import { Panel } from '../../components/ui/panel.tsx';
import { api } from '../../lib/trpc/client.ts';
import { useWrite } from '../../lib/use-write.ts';
import { PRESETS } from './webhook-form.tsx';

/** What a request would become; nothing is written. */
export function WebhookTester() {
  const [preset, setPreset] = useState<WebhookPreset>('generic');
  const preview = useWrite(
    (form: FormData) =>
      api.webhooks.preview.mutate({
        preset,
        request: { headers: headersOf(String(form.get('headers') ?? '')), body: String(form.get('body') ?? '') },
      }),
    { stale: [] },
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
          <Field label="Sender">
            {(control) => (
              <Select {...control} value={preset} onChange={(event) => setPreset(event.target.value as WebhookPreset)}>
                {Object.entries(PRESETS).map(([value, { name }]) => (
                  <option key={value} value={value}>
                    {name}
                  </option>
                ))}
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
          <Button type="submit" isBusy={preview.isPending}>
            Show the event
          </Button>
        </div>
        <div aria-live="polite" className="min-w-0 space-y-3">
          {preview.data?.problem && (
            <Notice tone="danger" title="It would be refused">
              {preview.data.problem}
            </Notice>
          )}
          {preview.data ? (
            <pre className="max-h-96 overflow-auto rounded-md bg-sunken p-3 font-mono text-xs">
              {JSON.stringify(preview.data.events, null, 2)}
            </pre>
          ) : (
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

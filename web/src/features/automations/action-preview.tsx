'use client';
import type { TriggerInput } from '@signalbox/proto/api';
import { useMutation, useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useState } from 'react';
import { Button } from '../../components/ui/button.tsx';
import { Select } from '../../components/ui/field.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import { ScrollRegion } from '../../components/ui/scroll-region.tsx';
import { formatExact } from '../../lib/format.ts';
import { paths } from '../../lib/paths.ts';
import { api } from '../../lib/trpc/client.ts';
import { readError } from '../../lib/trpc/errors.ts';
import { ACTION_FORMS } from './action-fields.ts';
import { type ActionDraft, namesOf, withoutHeaderValues } from './draft.ts';
import { automationQueries } from './queries.ts';

/** What the actions would say for an event that was, with their templates filled in. Nothing is done. */
export function ActionPreview({ trigger, actions }: { trigger: TriggerInput; actions: readonly ActionDraft[] }) {
  const [event, setEvent] = useState('');
  const names = namesOf(trigger);
  const choices = useQuery(automationQueries(api).choices(names));
  const preview = useMutation({
    mutationFn: () => api.automations.preview.query({ actions: actions.map(withoutHeaderValues), trigger, ...(event ? { event } : {}) }),
    onError: () => {},
  });
  const { data, error } = preview;
  return (
    <div className="space-y-3">
      <div className="flex flex-wrap items-center gap-2">
        <Button isBusy={preview.isPending} disabled={actions.length === 0} onClick={() => preview.mutate()}>
          Fill in for an event
        </Button>
        <Select
          aria-label="Event to fill in for"
          className="!w-64 max-w-full"
          value={event}
          onChange={(chosen) => setEvent(chosen.target.value)}
        >
          <option value="">The newest that fits</option>
          {choices.data?.items.map(({ id, name, resource, occurredAt }) => (
            <option key={id} value={id}>
              {name} of {resource['name'] || resource['id']}, {formatExact(occurredAt)}
            </option>
          ))}
        </Select>
      </div>
      {actions.length === 0 && <p className="text-xs text-ink-3">Add an action to see what it would say.</p>}
      {error && <Notice tone="danger" role="alert" title={readError(error).message} />}
      {data && (
        <div role="status" className="space-y-3 text-sm">
          <p className="text-xs text-ink-3">
            {data.event ? (
              <>
                For{' '}
                <Link href={paths.event(data.event.position)} className="underline decoration-line-strong underline-offset-2">
                  {data.event.name} of {data.event.resource['name'] || data.event.resource['id']}
                </Link>
                . Nothing was done.
              </>
            ) : (
              'There is no event yet: what comes of one stays empty.'
            )}
          </p>
          <ol className="space-y-3">
            {data.actions.map(({ type, rendered, problems }, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: an action has no name but its place.
              <li key={index} className="space-y-1">
                <p className="font-medium">{ACTION_FORMS[type as keyof typeof ACTION_FORMS]?.label ?? type}</p>
                {problems.map(({ field, message }) => (
                  <p key={`${field} ${message}`} className="text-xs text-danger">
                    {field && <code>{field}: </code>}
                    {message}
                  </p>
                ))}
                {rendered && (
                  <ScrollRegion label={`Action ${index + 1}, filled in`} className="max-h-64 overflow-auto rounded-md bg-sunken">
                    <pre className="whitespace-pre-wrap p-2 font-mono text-xs leading-5 [overflow-wrap:anywhere]">{filledIn(rendered)}</pre>
                  </ScrollRegion>
                )}
              </li>
            ))}
          </ol>
        </div>
      )}
    </div>
  );
}

/** Its fields, less what says nothing. */
function filledIn({ type: _, ...fields }: Readonly<Record<string, unknown>>): string {
  const said = Object.entries(fields).filter(
    ([, value]) => JSON.stringify(value) !== '{}' && JSON.stringify(value) !== '[]' && value !== '',
  );
  return said.length === 0
    ? 'as it is'
    : said.map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value, null, 2)}`).join('\n');
}

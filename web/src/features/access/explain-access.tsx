'use client';
import { useQuery } from '@tanstack/react-query';
import { Check, Minus } from 'lucide-react';
import { parseAsString, useQueryStates } from 'nuqs';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Field, Input, Select } from '../../components/ui/field.tsx';
import { Panel } from '../../components/ui/panel.tsx';
import { SkeletonRows } from '../../components/ui/skeleton.tsx';
import { plural } from '../../lib/format.ts';
import { api } from '../../lib/trpc/client.ts';
import { apiKeyQueries } from '../api-keys/queries.ts';
import { useMay } from '../shell/session.tsx';
import { objectQueries } from './object-queries.ts';
import { accessQueries, type ExplainInput } from './queries.ts';

type Choice<T> = { readonly value: T; readonly name: string };
type Subject = NonNullable<NonNullable<ExplainInput>['subject']>;

/** What somebody may do in this workspace, and why. The question stands in the URL. */
export function ExplainAccess() {
  const mayAskOthers = useMay()('grants:write');
  const [asked, setAsked] = useQueryStates({
    who: parseAsString.withDefault(''),
    on: parseAsString.withDefault(''),
    scope: parseAsString.withDefault(''),
  });
  const others = useSubjects(mayAskOthers);
  const objects = useQuery(objectQueries(api).choices());
  const subject = others.flatMap(({ choices }) => choices).find(({ value }) => value.id === asked.who)?.value;
  const object = objects.data?.find((each) => each.object.id === asked.on)?.object;
  const explained = useQuery(accessQueries(api).explain({ ...(subject && { subject }), ...(object && { object }) }));
  const wanted = asked.scope.trim().toLowerCase();
  const lines = (explained.data?.scopes ?? []).filter(({ scope, what }) => `${scope} ${what}`.toLowerCase().includes(wanted));
  const allowed = lines.filter((line) => line.allowed).length;
  return (
    <Panel title="What may somebody do here, and why">
      <div className="grid gap-4 border-b border-line p-4 sm:grid-cols-3">
        <Field label="Who" hint={mayAskOthers ? undefined : 'About others is told who has the scope grants:write.'}>
          {(control) => (
            <Select
              {...control}
              value={subject?.id ?? ''}
              disabled={!mayAskOthers}
              onChange={(event) => void setAsked({ who: event.target.value || null })}
            >
              <option value="">You</option>
              {others.map(
                ({ label, choices }) =>
                  choices.length > 0 && (
                    <optgroup key={label} label={label}>
                      {choices.map(({ value, name }) => (
                        <option key={value.id} value={value.id}>
                          {name}
                        </option>
                      ))}
                    </optgroup>
                  ),
              )}
            </Select>
          )}
        </Field>
        <Field label="On">
          {(control) => (
            <Select {...control} value={object?.id ?? ''} onChange={(event) => void setAsked({ on: event.target.value || null })}>
              <option value="">The whole workspace</option>
              {(objects.data ?? []).map((each) => (
                <option key={each.object.id} value={each.object.id}>
                  {each.object.kind.replace('-', ' ')} {each.name}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="What">
          {(control) => (
            <Input
              {...control}
              type="search"
              placeholder="cancel, runs:create"
              value={asked.scope}
              onChange={(event) => void setAsked({ scope: event.target.value || null })}
            />
          )}
        </Field>
      </div>
      {explained.isPending ? (
        <SkeletonRows />
      ) : explained.isError ? (
        <ErrorState error={explained.error} onRetry={() => void explained.refetch()} />
      ) : (
        <>
          <p role="status" className="border-b border-line px-4 py-2 text-sm">
            <span className="font-medium">{explained.data.subject.name}</span> has the role {explained.data.role} and may {allowed} of{' '}
            {plural(lines.length, 'thing')}
            {explained.data.object && ` on ${explained.data.object.name}`}.
          </p>
          <ul aria-label="Scopes" className="divide-y divide-line">
            {lines.map(({ scope, what, allowed: may, because }) => (
              <li
                key={scope}
                className="grid grid-cols-[1.25rem_minmax(0,1fr)] gap-x-3 px-4 py-2 text-sm md:grid-cols-[1.25rem_minmax(0,1.2fr)_minmax(0,1fr)]"
              >
                {may ? (
                  <Check aria-label="may" className="mt-0.5 size-4 text-good" />
                ) : (
                  <Minus aria-label="may not" className="mt-0.5 size-4 text-ink-3" />
                )}
                <span className={may ? '' : 'text-ink-3'}>
                  {what} <code className="ml-1 text-xs text-ink-3">{scope}</code>
                </span>
                <span className="col-start-2 text-xs text-ink-3 md:col-start-auto">{because.join('; ')}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </Panel>
  );
}

function useSubjects(enabled: boolean): { label: string; choices: Choice<Subject>[] }[] {
  const people = useQuery({ ...accessQueries(api).people(), enabled });
  const accounts = useQuery({ ...accessQueries(api).serviceAccounts(), enabled });
  const keys = useQuery({ ...apiKeyQueries(api).list(), enabled });
  return [
    { label: 'People', choices: (people.data ?? []).map(({ id, email }) => ({ value: { kind: 'person', id }, name: email })) },
    {
      label: 'Service accounts',
      choices: (accounts.data ?? []).map(({ id, name }) => ({ value: { kind: 'service-account', id }, name })),
    },
    {
      label: 'API keys',
      choices: (keys.data ?? [])
        .filter((key) => key.owner && !key.revokedAt)
        .map(({ id, name, owner }) => ({ value: { kind: 'api-key', id }, name: `${name} (of ${owner?.name})` })),
    },
  ];
}

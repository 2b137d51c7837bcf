'use client';
import { useQuery } from '@tanstack/react-query';
import { Check, Minus } from 'lucide-react';
import { useState } from 'react';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Field, Select } from '../../components/ui/field.tsx';
import { Panel } from '../../components/ui/panel.tsx';
import { SkeletonRows } from '../../components/ui/skeleton.tsx';
import { api } from '../../lib/trpc/client.ts';
import { accessQueries } from './queries.ts';

/** What somebody may do in this workspace, and why. */
export function ExplainAccess({ mayAskOthers }: { mayAskOthers: boolean }) {
  const [person, setPerson] = useState<string | null>(null);
  const people = useQuery({ ...accessQueries(api).people(), enabled: mayAskOthers });
  const explained = useQuery(accessQueries(api).explain(person));
  return (
    <Panel title="What may somebody do here, and why">
      {mayAskOthers && (
        <div className="max-w-sm px-4 pt-4">
          <Field label="Who">
            {(control) => (
              <Select {...control} value={person ?? ''} onChange={(event) => setPerson(event.target.value || null)}>
                <option value="">You</option>
                {(people.data ?? []).map((each) => (
                  <option key={each.id} value={each.id}>
                    {each.email}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        </div>
      )}
      {explained.isPending ? (
        <SkeletonRows />
      ) : explained.isError ? (
        <ErrorState error={explained.error} onRetry={() => void explained.refetch()} />
      ) : (
        <ul className="divide-y divide-line">
          {explained.data.scopes.map(({ scope, what, allowed, because }) => (
            <li
              key={scope}
              className="grid grid-cols-[1.25rem_minmax(0,1fr)] gap-x-3 px-4 py-2 text-sm md:grid-cols-[1.25rem_minmax(0,1.2fr)_minmax(0,1fr)]"
            >
              {allowed ? (
                <Check aria-label="may" className="mt-0.5 size-4 text-good" />
              ) : (
                <Minus aria-label="may not" className="mt-0.5 size-4 text-ink-3" />
              )}
              <span className={allowed ? '' : 'text-ink-3'}>
                {what} <code className="ml-1 text-xs text-ink-3">{scope}</code>
              </span>
              <span className="col-start-2 text-xs text-ink-3 md:col-start-auto">{because.join('; ')}</span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

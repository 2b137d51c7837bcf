'use client';
import type { UseQueryResult } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { Button } from '../../components/ui/button.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Input } from '../../components/ui/field.tsx';
import { Panel } from '../../components/ui/panel.tsx';
import { SkeletonRows } from '../../components/ui/skeleton.tsx';
import { plural } from '../../lib/format.ts';

/** From so many on, a list has a field to search it. */
const SEARCHED_FROM = 9;
const SHOWN_AT_FIRST = 100;

interface AccessListProps<T> {
  title: string;
  /** One line under the title: what the list is about. */
  about?: ReactNode;
  actions?: ReactNode;
  query: UseQueryResult<readonly T[]>;
  keyOf: (item: T) => string;
  /** Name, what is said of it, and what can be done with it. */
  row: (item: T) => { name: ReactNode; about?: ReactNode; aside?: ReactNode };
  /** What a search looks at. */
  textOf: (item: T) => string;
  empty: { title: string; text: ReactNode };
}

/** A list with its loading, empty, forbidden and error states; a long one can be searched. */
export function AccessList<T>({ title, about, actions, query, keyOf, row, textOf, empty }: AccessListProps<T>) {
  const [wanted, setWanted] = useState('');
  const [isWhole, setWhole] = useState(false);
  const all = query.data ?? [];
  const found = all.filter((item) => textOf(item).toLowerCase().includes(wanted.trim().toLowerCase()));
  const shown = isWhole ? found : found.slice(0, SHOWN_AT_FIRST);
  return (
    <Panel title={title} actions={actions}>
      {about && <p className="border-b border-line px-4 py-2 text-xs text-ink-3">{about}</p>}
      {query.isPending ? (
        <SkeletonRows count={3} />
      ) : query.isError ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : all.length === 0 ? (
        <p className="px-4 py-5 text-sm text-ink-3">
          <span className="font-medium text-ink-2">{empty.title}.</span> {empty.text}
        </p>
      ) : (
        <>
          {all.length >= SEARCHED_FROM && (
            <div className="border-b border-line px-4 py-2">
              <Input
                type="search"
                aria-label={`Search: ${title}`}
                placeholder={`Search ${plural(all.length, 'entry', 'entries')}`}
                value={wanted}
                onChange={(event) => setWanted(event.target.value)}
                className="max-w-xs"
              />
            </div>
          )}
          <ul aria-label={title} className="divide-y divide-line">
            {shown.map((item) => {
              const { name, about: said, aside } = row(item);
              return (
                <li key={keyOf(item)} className="flex flex-wrap items-center gap-x-4 gap-y-1.5 px-4 py-2.5 text-sm">
                  <div className="min-w-48 flex-1">
                    <span className="block truncate font-medium">{name}</span>
                    {said && <span className="block text-xs text-ink-3">{said}</span>}
                  </div>
                  {aside && <div className="flex flex-wrap items-center gap-2">{aside}</div>}
                </li>
              );
            })}
            {found.length === 0 && <li className="px-4 py-5 text-sm text-ink-3">None of them is like “{wanted}”.</li>}
          </ul>
          {found.length > shown.length && (
            <div className="border-t border-line p-3 text-center">
              <Button onClick={() => setWhole(true)}>Show all {found.length}</Button>
            </div>
          )}
        </>
      )}
    </Panel>
  );
}

'use client';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Panel } from '../../components/ui/panel.tsx';
import { SkeletonRows } from '../../components/ui/skeleton.tsx';

interface AccessListProps<T> {
  title: string;
  actions?: ReactNode;
  query: UseQueryResult<readonly T[]>;
  keyOf: (item: T) => string;
  /** Name, what is said of it, and what can be done with it. */
  row: (item: T) => { name: ReactNode; about: ReactNode; aside?: ReactNode };
  empty: { title: string; text: string };
}

/** A list with its loading, empty, forbidden and error states. */
export function AccessList<T>({ title, actions, query, keyOf, row, empty }: AccessListProps<T>) {
  return (
    <Panel title={title} actions={actions}>
      {query.isPending ? (
        <SkeletonRows count={3} />
      ) : query.isError ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : query.data.length === 0 ? (
        <EmptyState title={empty.title}>
          <p>{empty.text}</p>
        </EmptyState>
      ) : (
        <ul className="divide-y divide-line">
          {query.data.map((item) => {
            const { name, about, aside } = row(item);
            return (
              <li key={keyOf(item)} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2.5 text-sm">
                <div className="min-w-48 flex-1">
                  <span className="block truncate font-medium">{name}</span>
                  <span className="block text-xs text-ink-3">{about}</span>
                </div>
                {aside}
              </li>
            );
          })}
        </ul>
      )}
    </Panel>
  );
}

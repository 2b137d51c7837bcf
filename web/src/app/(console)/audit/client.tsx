'use client';
import { ACTOR_KINDS } from '@signalbox/proto/api';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useDeferredValue } from 'react';
import { PageBody, PageHeader } from '../../../components/layout/page-header.tsx';
import { Button, buttonClass } from '../../../components/ui/button.tsx';
import { EmptyState } from '../../../components/ui/empty-state.tsx';
import { ErrorState } from '../../../components/ui/error-state.tsx';
import { Field, Input, Select } from '../../../components/ui/field.tsx';
import { Panel } from '../../../components/ui/panel.tsx';
import { SkeletonRows } from '../../../components/ui/skeleton.tsx';
import { AuditEntryRow } from '../../../features/audit/audit-entry.tsx';
import { auditFilterOf, auditSearchParams, SINCE_TEXT } from '../../../features/audit/audit-filter.ts';
import { auditQueries } from '../../../features/audit/queries.ts';
import { useVerifyChain, VerifyButton, VerifyResult } from '../../../features/audit/verify-chain.tsx';
import { useMay, useSession } from '../../../features/shell/session.tsx';
import { useNow } from '../../../lib/now.tsx';
import { api } from '../../../lib/trpc/client.ts';
import { useUrlFilter } from '../../../lib/use-url-filter.ts';

const CLEAR = { action: null, who: null, kind: null, outcome: null, since: null, target: null };

export function AuditPage() {
  const { me } = useSession();
  const may = useMay();
  const mayOrganization = may('organization:audit');
  const mayRead = mayOrganization || may('audit:read');
  const [search, setSearch] = useUrlFilter(auditSearchParams);
  const now = useNow(60_000);
  const filter = auditFilterOf(useDeferredValue(search), now);
  const entries = useInfiniteQuery(auditQueries(api).list(search.of, filter));
  const items = entries.data?.pages.flatMap((page) => page.items) ?? [];
  const verify = useVerifyChain(search.of);
  const place = search.of === 'organization' ? { organization: me.organization?.slug ?? '' } : { workspace: me.workspace?.id ?? '' };
  const exported = new URLSearchParams(Object.entries({ ...place, ...filter }).map(([name, value]) => [name, String(value)]));
  const isFiltered = Object.keys(filter).length > 0;
  return (
    <>
      <PageHeader title="Audit" description="Who did what, and what was refused">
        {mayRead && (
          <>
            <VerifyButton verify={verify} />
            <a className={buttonClass()} href={`/api/audit/export?${exported}`} download>
              <Download aria-hidden className="size-3.5" />
              Export
            </a>
          </>
        )}
      </PageHeader>
      <PageBody>
        <VerifyResult verify={verify} />
        <Panel>
          <search
            hidden={!mayRead}
            className="grid grid-cols-2 items-end gap-3 border-b border-line px-4 py-3 sm:grid-cols-3 lg:grid-cols-6"
          >
            {mayOrganization && (
              <Field label="Of">
                {(control) => (
                  <Select
                    {...control}
                    value={search.of}
                    onChange={(event) => setSearch({ of: event.target.value === 'organization' ? 'organization' : null })}
                  >
                    <option value="workspace">This workspace</option>
                    <option value="organization">The organization</option>
                  </Select>
                )}
              </Field>
            )}
            <Field label="Action">
              {(control) => (
                <Input
                  {...control}
                  type="search"
                  placeholder="run or run.cancel"
                  maxLength={80}
                  value={search.action}
                  onChange={(event) => setSearch({ action: event.target.value || null })}
                />
              )}
            </Field>
            <Field label="Who">
              {(control) => (
                <Input
                  {...control}
                  type="search"
                  placeholder="part of a name"
                  maxLength={100}
                  value={search.who}
                  onChange={(event) => setSearch({ who: event.target.value || null })}
                />
              )}
            </Field>
            <Field label="Kind">
              {(control) => (
                <Select
                  {...control}
                  value={search.kind ?? ''}
                  onChange={(event) => setSearch({ kind: ACTOR_KINDS.find((each) => each === event.target.value) ?? null })}
                >
                  <option value="">Anybody</option>
                  {ACTOR_KINDS.map((each) => (
                    <option key={each}>{each}</option>
                  ))}
                </Select>
              )}
            </Field>
            <Field label="Outcome">
              {(control) => (
                <Select
                  {...control}
                  value={search.outcome ?? ''}
                  onChange={(event) =>
                    setSearch({ outcome: (['done', 'refused'] as const).find((each) => each === event.target.value) ?? null })
                  }
                >
                  <option value="">Any</option>
                  <option value="done">Done</option>
                  <option value="refused">Refused</option>
                </Select>
              )}
            </Field>
            <Field label="When">
              {(control) => (
                <Select
                  {...control}
                  value={search.since ?? ''}
                  onChange={(event) =>
                    setSearch({
                      since: (Object.keys(SINCE_TEXT) as (keyof typeof SINCE_TEXT)[]).find((each) => each === event.target.value) ?? null,
                    })
                  }
                >
                  <option value="">Ever</option>
                  {Object.entries(SINCE_TEXT).map(([value, text]) => (
                    <option key={value} value={value}>
                      {text}
                    </option>
                  ))}
                </Select>
              )}
            </Field>
          </search>
          {filter.target && (
            <p className="flex items-center gap-2 border-b border-line px-4 py-1.5 text-xs text-ink-2">
              Done to <code>{filter.target}</code>
              <Button size="sm" variant="quiet" onClick={() => setSearch({ target: null })}>
                Show all
              </Button>
            </p>
          )}
          {entries.isPending ? (
            <SkeletonRows />
          ) : entries.isError ? (
            <ErrorState error={entries.error} onRetry={() => void entries.refetch()} />
          ) : items.length === 0 ? (
            <EmptyState title={isFiltered ? 'Nothing fits' : 'Nothing was done yet'}>
              <p>Every change leaves one entry, and so does what was refused.{isFiltered && ' None is like what you look for.'}</p>
              {isFiltered && <Button onClick={() => setSearch(CLEAR)}>Clear the filter</Button>}
            </EmptyState>
          ) : (
            <ul aria-label="Audit entries" className="divide-y divide-line">
              {items.map((entry) => (
                <AuditEntryRow key={entry.id} entry={entry} onTarget={(target) => setSearch({ target })} />
              ))}
            </ul>
          )}
          {entries.hasNextPage && (
            <div className="border-t border-line p-3 text-center">
              <Button isBusy={entries.isFetchingNextPage} onClick={() => void entries.fetchNextPage()}>
                Older
              </Button>
            </div>
          )}
        </Panel>
      </PageBody>
    </>
  );
}

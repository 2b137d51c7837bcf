'use client';
import type { AuditEntry } from '@signalbox/proto/api';
import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { PageBody, PageHeader } from '../../../components/layout/page-header.tsx';
import { Button, buttonClass } from '../../../components/ui/button.tsx';
import { EmptyState } from '../../../components/ui/empty-state.tsx';
import { ErrorState } from '../../../components/ui/error-state.tsx';
import { Field, Input, Select } from '../../../components/ui/field.tsx';
import { Notice } from '../../../components/ui/notice.tsx';
import { Panel } from '../../../components/ui/panel.tsx';
import { RelativeTime } from '../../../components/ui/relative-time.tsx';
import { SkeletonRows } from '../../../components/ui/skeleton.tsx';
import { type AuditFilter, auditQueries } from '../../../features/audit/queries.ts';
import { useSession } from '../../../features/shell/session.tsx';
import { api } from '../../../lib/trpc/client.ts';
import { readError } from '../../../lib/trpc/errors.ts';

/** As it comes over the wire, where a value that is undefined is left out. */
type Shown = Omit<AuditEntry, 'before' | 'after'> & { readonly before?: unknown; readonly after?: unknown };

export function AuditPage() {
  const { me } = useSession();
  const [filter, setFilter] = useState<AuditFilter>({});
  const entries = useInfiniteQuery(auditQueries(api).list(filter));
  const items = entries.data?.pages.flatMap((page) => page.items) ?? [];
  const query = new URLSearchParams({ workspace: me.workspace?.id ?? '', ...filter });
  return (
    <>
      <PageHeader title="Audit" description="Who did what, and what was refused">
        <a className={buttonClass()} href={`/api/audit/export?${query}`} download>
          Download
        </a>
      </PageHeader>
      <PageBody>
        <Chain />
        <Panel>
          <FilterBar onChange={setFilter} />
          {entries.isPending ? (
            <SkeletonRows />
          ) : entries.isError ? (
            <ErrorState error={entries.error} onRetry={() => void entries.refetch()} />
          ) : items.length === 0 ? (
            <EmptyState title="Nothing fits">
              <p>Every change of this workspace leaves one entry, and so does what was refused. None is like what you look for.</p>
            </EmptyState>
          ) : (
            <ul className="divide-y divide-line">
              {items.map((entry) => (
                <Entry key={entry.id} entry={entry} />
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

function FilterBar({ onChange }: { onChange: (filter: AuditFilter) => void }) {
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [action, actor, outcome] = ['action', 'actor', 'outcome'].map((name) => String(form.get(name) ?? '').trim());
    onChange({ ...(action && { action }), ...(actor && { actor }), ...((outcome === 'done' || outcome === 'refused') && { outcome }) });
  };
  return (
    <form onSubmit={onSubmit} className="flex flex-wrap items-end gap-3 border-b border-line px-4 py-3">
      <Field label="Action">
        {(control) => <Input {...control} name="action" placeholder="run or run.cancel" pattern="[a-z-]+(\.[a-z-]+)?" />}
      </Field>
      <Field label="Who">{(control) => <Input {...control} name="actor" maxLength={100} />}</Field>
      <Field label="Outcome">
        {(control) => (
          <Select {...control} name="outcome">
            <option value="">Any</option>
            <option value="done">Done</option>
            <option value="refused">Refused</option>
          </Select>
        )}
      </Field>
      <Button type="submit">Filter</Button>
    </form>
  );
}

function Entry({ entry }: { entry: Shown }) {
  return (
    <li className="px-4 py-2.5 text-sm">
      <details>
        <summary className="flex cursor-pointer flex-wrap items-center gap-x-4 gap-y-1">
          <code className="min-w-48 text-xs">{entry.action}</code>
          <span className="min-w-0 flex-1 truncate">{targetText(entry)}</span>
          <span className="w-48 truncate text-ink-2">{entry.actor.name}</span>
          <span className={entry.outcome === 'refused' ? 'text-danger' : 'text-ink-3'}>{entry.outcome}</span>
          <span className="w-32 text-right text-ink-2">
            <RelativeTime at={entry.at} />
          </span>
        </summary>
        <pre className="mt-2 overflow-x-auto rounded-md bg-sunken p-3 text-xs">
          {JSON.stringify(
            { actor: entry.actor, target: entry.target, before: entry.before, after: entry.after, address: entry.address },
            null,
            2,
          )}
        </pre>
      </details>
    </li>
  );
}

/** What it was done to: by its name where the entry knows one, else by the end of its id. */
function targetText({ target, before, after }: Shown): string {
  const name = [after, before]
    .map((facts) => (facts as { name?: unknown } | null | undefined)?.name)
    .find((each) => typeof each === 'string');
  return `${target.kind} ${name ?? (target.id ? `…${target.id.slice(-8)}` : '')}`.trim();
}

/** Whether anybody changed the record since. */
function Chain() {
  const verify = useMutation({
    mutationFn: async () => {
      const problems: string[] = [];
      let [entries, from] = [0, 1 as number | null];
      while (from !== null) {
        const verdict = await api.audit.verify.query({ from });
        entries += verdict.entries;
        problems.push(...verdict.problems.map(({ link, what }) => `link ${link} ${what}`));
        from = verdict.next;
      }
      return { entries, problems };
    },
    onError: () => {},
  });
  const { data } = verify;
  return (
    <div className="flex flex-wrap items-center gap-3">
      <Button size="sm" isBusy={verify.isPending} onClick={() => verify.mutate()}>
        Verify the chain
      </Button>
      {verify.error && <Notice tone="danger" role="alert" title={readError(verify.error).message} />}
      {data && data.problems.length === 0 && (
        <span role="status">Nobody changed anything: {data.entries} sealed entries are as they were written.</span>
      )}
      {data && data.problems.length > 0 && (
        <Notice tone="danger" role="alert" title="The record was changed">
          {data.problems.slice(0, 20).join('; ')}
        </Notice>
      )}
    </div>
  );
}

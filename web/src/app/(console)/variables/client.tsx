'use client';
import { useQuery } from '@tanstack/react-query';
import { Pencil, Plus, Trash2 } from 'lucide-react';
import { useDeferredValue, useState } from 'react';
import { PageBody, PageHeader } from '../../../components/layout/page-header.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { CodeBlock } from '../../../components/ui/code-block.tsx';
import { EmptyState } from '../../../components/ui/empty-state.tsx';
import { ErrorState } from '../../../components/ui/error-state.tsx';
import { Input } from '../../../components/ui/field.tsx';
import { Panel } from '../../../components/ui/panel.tsx';
import { RelativeTime } from '../../../components/ui/relative-time.tsx';
import { SkeletonRows } from '../../../components/ui/skeleton.tsx';
import { Tag } from '../../../components/ui/tag.tsx';
import { useSession } from '../../../features/shell/session.tsx';
import { DeleteVariable } from '../../../features/variables/delete-variable.tsx';
import { type ShownVariable, VARIABLES_SHOWN, variableQueries } from '../../../features/variables/queries.ts';
import { VariableDialog } from '../../../features/variables/variable-dialog.tsx';
import { api } from '../../../lib/trpc/client.ts';

type Open = { readonly what: 'new' } | { readonly what: 'edit' | 'delete'; readonly variable: ShownVariable };

export function VariablesPage() {
  const [prefix, setPrefix] = useState('');
  const mayChange = useSession().me.scopes.includes('variables:write');
  const [open, setOpen] = useState<Open | null>(null);
  const variables = useQuery(variableQueries(api).list(useDeferredValue(prefix.trim())));
  const onClose = () => setOpen(null);
  return (
    <>
      <PageHeader title="Variables" description="Values that flows read by name, and people change without a deploy">
        {mayChange && (
          <Button variant="primary" onClick={() => setOpen({ what: 'new' })}>
            <Plus aria-hidden className="size-3.5" />
            New variable
          </Button>
        )}
      </PageHeader>
      <PageBody>
        <Input
          aria-label="Name begins with"
          placeholder="Name begins with"
          className="max-w-xs"
          value={prefix}
          onChange={(event) => setPrefix(event.target.value)}
        />
        <Panel>
          {variables.isPending ? (
            <SkeletonRows />
          ) : variables.isError ? (
            <ErrorState error={variables.error} onRetry={() => void variables.refetch()} />
          ) : variables.data.items.length === 0 ? (
            <EmptyState title={prefix ? 'No variable begins so' : 'No variable yet'}>
              <p>
                A variable is a value of JSON that flows read when they need it. Secrets do not belong here: code names them, and agents
                have them.
              </p>
              <div className="text-left">
                <CodeBlock label="Example" text={"const regions = await variable<string[]>('regions', ['eu']);"} />
              </div>
            </EmptyState>
          ) : (
            <ul className="divide-y divide-line">
              {variables.data.items.map((variable) => (
                <VariableRow
                  key={variable.name}
                  variable={variable}
                  mayChange={mayChange}
                  onEdit={() => setOpen({ what: 'edit', variable })}
                  onDelete={() => setOpen({ what: 'delete', variable })}
                />
              ))}
            </ul>
          )}
          {variables.data?.nextCursor && (
            <p className="border-t border-line px-4 py-2 text-xs text-ink-3">
              The first {VARIABLES_SHOWN} are shown. Say how the name begins.
            </p>
          )}
        </Panel>
      </PageBody>
      {open?.what === 'new' && <VariableDialog variable={null} onClose={onClose} />}
      {open?.what === 'edit' && <VariableDialog variable={open.variable} onClose={onClose} />}
      {open?.what === 'delete' && <DeleteVariable variable={open.variable} onClose={onClose} />}
    </>
  );
}

function VariableRow({
  variable,
  mayChange,
  onEdit,
  onDelete,
}: {
  mayChange: boolean;
  variable: ShownVariable;
  onEdit: () => void;
  onDelete: () => void;
}) {
  const { name, value, description, tags, updatedAt } = variable;
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-1 px-4 py-2.5 md:grid-cols-[minmax(0,1fr)_minmax(0,1.4fr)_7rem_auto]">
      <div className="min-w-0">
        <span className="flex items-center gap-2">
          <span className="truncate text-sm font-medium">{name}</span>
          {tags.map((tag) => (
            <Tag key={tag}>{tag}</Tag>
          ))}
        </span>
        {description && <span className="block truncate text-xs text-ink-3">{description}</span>}
      </div>
      <code className="order-last col-span-2 truncate font-mono text-xs text-ink-2 md:order-none md:col-span-1">
        {JSON.stringify(value)}
      </code>
      <span className="hidden text-right text-xs text-ink-3 md:block">
        <RelativeTime at={updatedAt} />
      </span>
      {mayChange && (
        <span className="flex">
          <Button variant="quiet" size="icon" aria-label={`Change ${name}`} onClick={onEdit}>
            <Pencil aria-hidden className="size-3.5" />
          </Button>
          <Button variant="quiet" size="icon" aria-label={`Delete ${name}`} onClick={onDelete}>
            <Trash2 aria-hidden className="size-3.5" />
          </Button>
        </span>
      )}
    </li>
  );
}

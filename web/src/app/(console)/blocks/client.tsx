'use client';
import type { Block } from '@signalbox/proto/api';
import { useQuery } from '@tanstack/react-query';
import { KeyRound, Pencil, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { PageBody, PageHeader } from '../../../components/layout/page-header.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { CodeBlock } from '../../../components/ui/code-block.tsx';
import { EmptyState } from '../../../components/ui/empty-state.tsx';
import { ErrorState } from '../../../components/ui/error-state.tsx';
import { Panel } from '../../../components/ui/panel.tsx';
import { RelativeTime } from '../../../components/ui/relative-time.tsx';
import { SkeletonRows } from '../../../components/ui/skeleton.tsx';
import { BlockDialog } from '../../../features/blocks/block-dialog.tsx';
import { DeleteBlock } from '../../../features/blocks/delete-block.tsx';
import { BLOCKS_SHOWN, blockQueries } from '../../../features/blocks/queries.ts';
import { secretsOf } from '../../../features/blocks/secret-fields.ts';
import { useMay } from '../../../features/shell/session.tsx';
import { api } from '../../../lib/trpc/client.ts';

const EXAMPLE = `const postgres = block({
  type: 'postgres',
  schema: z.object({ host: z.string(), password: z.string() }),
  secrets: ['password'],
});
const { host, password } = await postgres.load('orders');`;

type Open = { readonly what: 'new' } | { readonly what: 'edit' | 'delete'; readonly block: Block };

export function BlocksPage() {
  const may = useMay();
  const mayMake = may('blocks:write');
  const [open, setOpen] = useState<Open | null>(null);
  const blocks = useQuery(blockQueries(api).list());
  const types = useQuery(blockQueries(api).types());
  const onClose = () => setOpen(null);
  const hasTypes = (types.data?.length ?? 0) > 0;
  return (
    <>
      <PageHeader title="Blocks" description="Settings of a kind, typed by code, that flows load by name">
        {mayMake && (
          <Button variant="primary" disabled={!hasTypes} onClick={() => setOpen({ what: 'new' })}>
            <Plus aria-hidden className="size-3.5" />
            New block
          </Button>
        )}
      </PageHeader>
      <PageBody>
        <Panel>
          {blocks.isPending || types.isPending ? (
            <SkeletonRows />
          ) : blocks.isError || types.isError ? (
            <ErrorState
              error={blocks.error ?? types.error}
              onRetry={() => {
                void blocks.refetch();
                void types.refetch();
              }}
            />
          ) : blocks.data.items.length === 0 ? (
            <EmptyState title={hasTypes ? 'No block yet' : 'No type of blocks yet'}>
              <p>
                {hasTypes
                  ? 'Code has declared what blocks look like: make one with a form.'
                  : 'Code declares a type with its schema, and signalbox deploy brings it here. Then blocks of it are made with a form.'}
              </p>
              <div className="text-left">
                <CodeBlock label="Example" text={EXAMPLE} />
              </div>
            </EmptyState>
          ) : (
            <ul className="divide-y divide-line">
              {blocks.data.items.map((block) => (
                <BlockRow
                  key={`${block.type}/${block.name}`}
                  block={block}
                  mayChange={may('blocks:write', [block.id])}
                  onEdit={() => setOpen({ what: 'edit', block })}
                  onDelete={() => setOpen({ what: 'delete', block })}
                />
              ))}
            </ul>
          )}
          {blocks.data?.nextCursor && (
            <p className="border-t border-line px-4 py-2 text-xs text-ink-3">
              The first {BLOCKS_SHOWN} are shown; signalbox blocks ls has the others.
            </p>
          )}
        </Panel>
      </PageBody>
      {open?.what === 'new' && <BlockDialog types={types.data ?? []} block={null} onClose={onClose} />}
      {open?.what === 'edit' && <BlockDialog types={types.data ?? []} block={open.block} onClose={onClose} />}
      {open?.what === 'delete' && <DeleteBlock block={open.block} onClose={onClose} />}
    </>
  );
}

function BlockRow({ block, mayChange, onEdit, onDelete }: { mayChange: boolean; block: Block; onEdit: () => void; onDelete: () => void }) {
  const name = `${block.type}/${block.name}`;
  const secrets = secretsOf(block.value);
  const plain = Object.fromEntries(Object.entries(block.value).filter(([field]) => !secrets.some(([secret]) => secret === field)));
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-1 px-4 py-2.5 md:grid-cols-[minmax(0,1fr)_minmax(0,1.4fr)_7rem_auto]">
      <div className="min-w-0">
        <span className="block truncate text-sm">
          <span className="text-ink-3">{block.type} / </span>
          <span className="font-medium">{block.name}</span>
        </span>
        {block.description && <span className="block truncate text-xs text-ink-3">{block.description}</span>}
      </div>
      <div className="order-last col-span-2 min-w-0 md:order-none md:col-span-1">
        <code className="block truncate font-mono text-xs text-ink-2">{JSON.stringify(plain)}</code>
        {secrets.map(([field, reference]) => (
          <span key={field} className="mt-0.5 flex items-center gap-1.5 truncate text-xs text-ink-3">
            <KeyRound aria-hidden className="size-3" />
            <span>
              {field}: <code className="font-mono">{reference}</code>
            </span>
          </span>
        ))}
      </div>
      <span className="hidden text-right text-xs text-ink-3 md:block">
        <RelativeTime at={block.updatedAt} />
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

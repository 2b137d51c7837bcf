'use client';
import type { AuditEntry } from '@signalbox/proto/api';
import { ChevronRight } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../components/ui/button.tsx';
import { CodeBlock } from '../../components/ui/code-block.tsx';
import { CopyButton } from '../../components/ui/copy-button.tsx';
import { Fact, Facts } from '../../components/ui/panel.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { Tag } from '../../components/ui/tag.tsx';
import { cn } from '../../lib/class-names.ts';
import { formatExact } from '../../lib/format.ts';

/** As it comes over the wire, where a value that is undefined is left out. */
export type ShownEntry = Omit<AuditEntry, 'before' | 'after'> & { readonly before?: unknown; readonly after?: unknown };

interface Props {
  entry: ShownEntry;
  /** Narrows the list to what was done to the same thing. */
  onTarget: (id: string) => void;
}

/** One line; opened, all that was written down. */
export function AuditEntryRow({ entry, onTarget }: Props) {
  const [isOpen, setOpen] = useState(false);
  return (
    <li className="text-sm">
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
        className="grid w-full grid-cols-[0.875rem_minmax(0,1fr)_auto] items-center gap-x-3 gap-y-0.5 px-4 py-2 text-left -outline-offset-2 hover:bg-hover md:grid-cols-[0.875rem_11rem_minmax(0,1fr)_12rem_4rem_7rem]"
      >
        <ChevronRight aria-hidden className={cn('size-3.5 text-ink-3 transition-transform', isOpen && 'rotate-90')} />
        <code className="truncate text-xs">{entry.action}</code>
        <span className="col-span-2 col-start-2 truncate md:col-auto">{targetText(entry)}</span>
        <span className="col-start-2 truncate text-ink-2 md:col-auto">{entry.actor.name}</span>
        <span
          className={cn(
            'col-start-3 row-start-1 text-right md:col-auto md:row-auto md:text-left',
            entry.outcome === 'refused' ? 'font-medium text-danger' : 'text-ink-3',
          )}
        >
          {entry.outcome}
        </span>
        <span className="text-right text-ink-2">
          <RelativeTime at={entry.at} />
        </span>
      </button>
      {isOpen && <Details entry={entry} onTarget={onTarget} />}
    </li>
  );
}

function Details({ entry, onTarget }: Props) {
  const { actor, target, address, requestId, at, before, after } = entry;
  return (
    <div className="space-y-3 border-t border-line bg-sunken px-4 py-3">
      <Facts className="grid-cols-2 md:grid-cols-4">
        <Fact name="At">{formatExact(at)}</Fact>
        <Fact name="By">
          {actor.name} <Tag>{actor.kind}</Tag>
        </Fact>
        <Fact name="Vouched for by">{actor.via ?? '–'}</Fact>
        <Fact name="From">{address ?? '–'}</Fact>
        <Fact name="To">{target.kind}</Fact>
        <Fact name="Its id">
          {target.id ? (
            <Button variant="quiet" size="sm" className="-ml-2 font-mono text-xs" onClick={() => onTarget(target.id ?? '')}>
              <span className="max-w-40 truncate">{target.id}</span>
            </Button>
          ) : (
            '–'
          )}
        </Fact>
        <Fact name="Request">
          {requestId ? (
            <span className="flex items-center">
              <code className="truncate text-xs">{requestId}</code>
              <CopyButton text={requestId} label="Copy the request id" isIconOnly />
            </span>
          ) : (
            '–'
          )}
        </Fact>
      </Facts>
      <div className="grid gap-3 md:grid-cols-2">
        {before != null && (
          <div>
            <p className="mb-1 text-xs text-ink-3">Before</p>
            <CodeBlock label="Before" text={JSON.stringify(before, null, 2)} />
          </div>
        )}
        {after != null && (
          <div>
            <p className="mb-1 text-xs text-ink-3">After</p>
            <CodeBlock label="After" text={JSON.stringify(after, null, 2)} />
          </div>
        )}
      </div>
    </div>
  );
}

/** What it was done to: by its name where the entry knows one, else by the end of its id. */
function targetText({ target, before, after }: ShownEntry): string {
  const name = [after, before]
    .flatMap((facts) => {
      // A refusal names what was asked for.
      const { name, slug, procedure } = (facts ?? {}) as { name?: unknown; slug?: unknown; procedure?: unknown };
      return [name, slug, procedure];
    })
    .find((each) => typeof each === 'string');
  return `${target.kind} ${name ?? (target.id ? `…${target.id.slice(-8)}` : '')}`.trim();
}

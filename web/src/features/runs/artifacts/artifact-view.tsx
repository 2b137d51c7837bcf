'use client';
import { CircleCheck, CircleX, ExternalLink } from 'lucide-react';
import PageLink from 'next/link';
import { CodeBlock } from '../../../components/ui/code-block.tsx';
import { Panel } from '../../../components/ui/panel.tsx';
import { RelativeTime } from '../../../components/ui/relative-time.tsx';
import { ScrollRegion } from '../../../components/ui/scroll-region.tsx';
import { plural } from '../../../lib/format.ts';
import { paths } from '../../../lib/paths.ts';
import type { StoredArtifact } from '../queries.ts';
import { type ArtifactContent, readArtifact } from './artifact-data.ts';
import { Markdown } from './markdown.tsx';

export function ArtifactView({ artifact }: { artifact: StoredArtifact }) {
  const content = readArtifact(artifact.kind, artifact.data.body);
  return (
    <Panel
      title={
        <span className="flex items-baseline gap-2">
          <span>{artifact.key ?? artifact.kind}</span>
          {artifact.description && <span className="truncate font-normal text-ink-3">{artifact.description}</span>}
        </span>
      }
      actions={
        <span className="text-xs text-ink-3">
          <RelativeTime at={artifact.updatedAt} />
        </span>
      }
    >
      <Content content={content} label={artifact.description ?? artifact.key ?? artifact.kind} />
    </Panel>
  );
}

function Content({ content, label }: { content: ArtifactContent; label: string }) {
  switch (content.kind) {
    case 'markdown':
      return (
        <div className="max-w-3xl px-5 py-4">
          <Markdown text={content.markdown} />
        </div>
      );
    case 'table':
      return <Table columns={content.columns} rows={content.rows} label={label} />;
    case 'progress':
      return (
        <div className="flex items-center gap-3 px-4 py-4">
          <div
            role="progressbar"
            aria-label={label}
            aria-valuenow={content.percent}
            aria-valuemin={0}
            aria-valuemax={100}
            className="h-1.5 flex-1 overflow-hidden rounded-full bg-hover"
          >
            <div className="h-full rounded-full bg-good transition-[width] duration-500" style={{ width: `${content.percent}%` }} />
          </div>
          <span className="w-12 text-right text-sm">{Math.round(content.percent * 10) / 10}%</span>
        </div>
      );
    case 'image':
      if (!content.isInline) return <Link url={content.url} text={content.alt || content.url} />;
      return (
        <div className="flex justify-center bg-sunken p-4">
          {/* biome-ignore lint/performance/noImgElement: the picture is in its address; there is nothing to load or resize. */}
          <img src={content.url} alt={content.alt || label} className="max-h-[32rem] max-w-full object-contain" />
        </div>
      );
    case 'link':
      return <Link url={content.url} text={content.text} />;
    case 'asset':
      return (
        <div className="space-y-1 px-4 py-3 text-sm">
          <p className="flex items-center gap-1.5">
            {content.isMade ? (
              <CircleCheck aria-hidden className="size-4 text-good" />
            ) : (
              <CircleX aria-hidden className="size-4 text-danger" />
            )}
            <PageLink href={paths.asset(content.uri)} className="truncate font-medium hover:underline">
              {content.uri}
            </PageLink>
            <span className="text-ink-3">{content.isMade ? 'made' : 'failed'}</span>
          </p>
          {content.upstream.length > 0 && <p className="truncate text-xs text-ink-3">from {content.upstream.join(', ')}</p>}
          {content.facts && <code className="block truncate font-mono text-xs text-ink-2">{content.facts}</code>}
        </div>
      );
    case 'raw':
      return (
        <div className="p-3">
          <CodeBlock label={label} text={content.json} />
        </div>
      );
  }
}

function Link({ url, text }: { url: string; text: string }) {
  return (
    <p className="px-4 py-3.5">
      <a
        href={url}
        target="_blank"
        rel="noreferrer noopener"
        className="inline-flex items-center gap-1.5 text-sm text-accent hover:underline"
      >
        {text}
        <ExternalLink aria-hidden className="size-3.5" />
      </a>
    </p>
  );
}

const ROWS_SHOWN = 500;

function Table({ columns, rows, label }: { columns: readonly string[]; rows: readonly (readonly string[])[]; label: string }) {
  const isNumeric = columns.map(
    (_, column) => rows.length > 0 && rows.every((row) => row[column] === '' || Number.isFinite(Number(row[column]))),
  );
  const align = (column: number) => (isNumeric[column] ? 'text-right' : 'text-left');
  return (
    <ScrollRegion label={label} className="max-h-[28rem] overflow-auto">
      <table className="w-full border-collapse text-sm">
        <thead className="sticky top-0 bg-sunken text-xs text-ink-2">
          <tr>
            {columns.map((column, index) => (
              <th key={column} scope="col" className={`whitespace-nowrap px-4 py-1.5 font-medium ${align(index)}`}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, ROWS_SHOWN).map((row, rowIndex) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows of a published table have no identity and never move.
            <tr key={rowIndex} className="border-t border-line hover:bg-hover">
              {row.map((cell, index) => (
                <td key={columns[index]} className={`whitespace-nowrap px-4 py-1 ${align(index)}`}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > ROWS_SHOWN && (
        <p className="border-t border-line px-4 py-2 text-xs text-ink-3">{plural(rows.length - ROWS_SHOWN, 'further row')} not shown</p>
      )}
    </ScrollRegion>
  );
}

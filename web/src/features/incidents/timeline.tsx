import type { IncidentEntry } from '@signalbox/proto/api';
import { RelativeTime } from '../../components/ui/relative-time.tsx';

const WORDS: Readonly<Record<IncidentEntry['kind'], string>> = {
  declared: 'declared it',
  again: 'saw it again',
  comment: 'said',
  status: 'moved it',
  severity: 'changed the severity',
  title: 'changed the title',
  summary: 'changed what is known',
  linked: 'linked',
  unlinked: 'unlinked',
  resolved: 'resolved it',
  reopened: 'reopened it',
};

/** All that was said and done, oldest first. */
export function Timeline({ entries }: { entries: readonly IncidentEntry[] }) {
  return (
    <ol className="relative space-y-4 px-4 py-4 before:absolute before:inset-y-6 before:left-[19px] before:w-px before:bg-line-strong">
      {entries.map((entry) => (
        <li key={entry.id} className="relative pl-6">
          <span aria-hidden className="absolute left-0 top-1.5 size-[7px] rounded-full bg-ink-3 ring-4 ring-surface" />
          <p className="text-sm text-ink-2">
            <span className="font-medium text-ink">{entry.actor.name}</span> {WORDS[entry.kind]}
            {entry.kind !== 'summary' && entry.before && entry.after ? `: ${entry.before} to ${entry.after}` : ''}{' '}
            <RelativeTime at={entry.at} className="text-xs text-ink-3" />
          </p>
          {entry.text && <p className="mt-0.5 whitespace-pre-wrap break-words text-sm">{entry.text}</p>}
        </li>
      ))}
    </ol>
  );
}

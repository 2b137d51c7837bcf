'use client';
import type { Usage } from '@signalbox/proto/api';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { amount, type Bound, KIND_WORDS, type Kind, levelOf, SPAN_WORDS } from './usage-words.ts';

const TONE = { open: '', fine: 'bg-(--state-running)', near: 'bg-late', over: 'bg-danger' } as const;
const WORD = { open: '', fine: '', near: 'nearly used up', over: 'used up' } as const;

/** What is used of each bound, as bars. */
export function UsageList({ usage }: { usage: Usage }) {
  return (
    <ul className="divide-y divide-line">
      {usage.kinds.map(({ kind, limits, refusedToday }) => (
        <li key={kind} className="grid gap-x-6 gap-y-2 px-4 py-3 md:grid-cols-[11rem_minmax(0,1fr)]">
          <div>
            <h3 className="text-sm font-medium">{KIND_WORDS[kind]}</h3>
            {refusedToday !== null && refusedToday > 0 && <p className="text-xs text-danger">{amount(kind, refusedToday)} refused today</p>}
          </div>
          <ul className="grid gap-2">
            {limits.filter(isShown).map((bound) => (
              <BoundRow key={bound.span} kind={kind} bound={bound} />
            ))}
          </ul>
        </li>
      ))}
    </ul>
  );
}

/** Without a bound a minute is not counted. */
const isShown = ({ span, most }: Bound): boolean => span !== 'minute' || most !== null;

function BoundRow({ kind, bound }: { kind: Kind; bound: Bound }) {
  const { span, most, used, resetAt, source, reason } = bound;
  const level = levelOf(bound);
  const text =
    most === null ? `${amount(kind, used)} ${SPAN_WORDS[span]}` : `${amount(kind, used)} of ${amount(kind, most)} ${SPAN_WORDS[span]}`;
  return (
    <li className="grid items-center gap-x-4 gap-y-1 text-sm sm:grid-cols-[minmax(0,1fr)_18rem]">
      {most === null ? (
        <span className="text-xs text-ink-3">no bound</span>
      ) : (
        <meter className="sr-only" min={0} max={most} value={Math.min(used, most)} aria-label={`${KIND_WORDS[kind]} ${SPAN_WORDS[span]}`} />
      )}
      {most !== null && (
        <span aria-hidden className="h-2 overflow-hidden rounded-full bg-hover shadow-[inset_0_0_0_1px_var(--line)]">
          <i className={`block h-full ${TONE[level]}`} style={{ width: `${Math.min(100, (used / Math.max(1, most)) * 100)}%` }} />
        </span>
      )}
      <span className="text-ink-2">
        {text}
        {WORD[level] && <strong className={level === 'over' ? 'text-danger' : 'text-late'}> {WORD[level]}</strong>}
        {resetAt && used > 0 && (
          <span className="text-ink-3">
            {' '}
            · all again <RelativeTime at={resetAt} />
          </span>
        )}
        {source === 'operator' && <span className="text-ink-3"> · set by the operator{reason && `: ${reason}`}</span>}
      </span>
    </li>
  );
}

'use client';
import type { UsageHistory } from '@signalbox/proto/api';
import { amount, KIND_WORDS, type Kind } from './usage-words.ts';

const HEIGHT = 48;

/** One kind over time: used below, refused on top. Plain SVG, with the same facts as a sentence for those who do not see it. */
export function UsageChart({ kind, items, slots }: { kind: Kind; items: UsageHistory['items']; slots: readonly string[] }) {
  const byInstant = new Map(items.filter((item) => item.kind === kind).map((item) => [item.at, item]));
  const all = slots.map((at) => byInstant.get(at) ?? { at, used: 0, refused: 0 });
  const most = Math.max(1, ...all.map(({ used, refused }) => used + refused));
  const total = all.reduce((sum, { used }) => sum + used, 0);
  const refused = all.reduce((sum, each) => sum + each.refused, 0);
  return (
    <figure className="min-w-0">
      <figcaption className="mb-1 flex justify-between gap-2 text-xs">
        <span className="font-medium">{KIND_WORDS[kind]}</span>
        <span className="text-ink-2">
          {amount(kind, total)}
          {refused > 0 && <span className="text-danger"> · {amount(kind, refused)} refused</span>}
        </span>
      </figcaption>
      <svg
        viewBox={`0 0 ${slots.length * 4} ${HEIGHT}`}
        preserveAspectRatio="none"
        className="h-12 w-full border-b border-line"
        aria-hidden
      >
        {all.map((each, index) => {
          const high = (each.used / most) * HEIGHT;
          const over = (each.refused / most) * HEIGHT;
          return (
            <g key={each.at}>
              <title>{`${new Date(each.at).toLocaleString()}: ${amount(kind, each.used)}${each.refused ? `, ${amount(kind, each.refused)} refused` : ''}`}</title>
              <rect x={index * 4} width={4} y={0} height={HEIGHT} fill="transparent" />
              <rect x={index * 4 + 0.5} width={3} y={HEIGHT - high} height={high} fill="var(--state-running)" />
              <rect x={index * 4 + 0.5} width={3} y={HEIGHT - high - over} height={over} fill="var(--state-failed)" />
            </g>
          );
        })}
      </svg>
    </figure>
  );
}

/** Instants of every hour or day of the last `days`, oldest first, in UTC as the counts are. */
export function slotsOf(by: 'hour' | 'day', days: number, nowMs: number): string[] {
  const stepMs = by === 'hour' ? 3_600_000 : 86_400_000;
  const from = Math.floor(nowMs / 86_400_000) * 86_400_000 - (days - 1) * 86_400_000;
  return Array.from({ length: Math.floor((nowMs - from) / stepMs) + 1 }, (_, index) => new Date(from + index * stepMs).toISOString());
}

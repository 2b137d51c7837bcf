/** The filter of the feed: in the URL, in the query's key, and as the API wants it. */

/** How far back, and how wide a bar of the chart is. */
export const EVENT_RANGES = {
  '15m': { label: 'Last 15 minutes', ms: 900_000, barSeconds: 15 },
  '1h': { label: 'Last hour', ms: 3_600_000, barSeconds: 60 },
  '24h': { label: 'Last 24 hours', ms: 86_400_000, barSeconds: 1_800 },
  '7d': { label: 'Last 7 days', ms: 7 * 86_400_000, barSeconds: 10_800 },
  '30d': { label: 'Last 30 days', ms: 30 * 86_400_000, barSeconds: 43_200 },
} as const;
export type EventRange = keyof typeof EVENT_RANGES;

export interface EventFilter {
  /** Names with `*`, apart by spaces or commas; `!` before one leaves it out. */
  readonly name: string;
  readonly about: string;
  readonly text: string;
  readonly range: EventRange;
  /** A stretch chosen in the chart: instants; empty: as the range says. */
  readonly from: string;
  readonly to: string;
}

export const NO_EVENT_FILTER: EventFilter = { name: '', about: '', text: '', range: '24h', from: '', to: '' };

export const isFiltered = (filter: EventFilter): boolean =>
  [filter.name, filter.about, filter.text, filter.from, filter.to].some((text) => text !== '');

const MOST_BARS = 60;

/** Instants of the filter as of now (Unix milliseconds), and the width of a bar of its chart. */
export function spanAt(filter: EventFilter, nowMs: number): { fromMs: number; toMs: number; barSeconds: number } {
  const range = EVENT_RANGES[filter.range];
  const [from, to] = [Date.parse(filter.from), Date.parse(filter.to)];
  if (Number.isNaN(from) || Number.isNaN(to) || to <= from) return { fromMs: nowMs - range.ms, toMs: nowMs, barSeconds: range.barSeconds };
  return { fromMs: from, toMs: to, barSeconds: Math.max(1, Math.ceil((to - from) / 1_000 / MOST_BARS)) };
}

/** As the API takes it. A range that ends now has no end, so that what comes is seen. */
export function filterAt(filter: EventFilter, nowMs: number) {
  const { fromMs, toMs } = spanAt(filter, nowMs);
  const names = filter.name.split(/[\s,]+/).filter(Boolean);
  return {
    from: new Date(fromMs).toISOString(),
    ...(toMs < nowMs ? { to: new Date(toMs).toISOString() } : {}),
    ...(names.length > 0 ? { names: names.slice(0, 20) } : {}),
    ...(filter.about ? { about: filter.about } : {}),
    ...(filter.text.trim() ? { text: filter.text.trim() } : {}),
  };
}

/** Bars from the first to the last instant, also those without an event. `counts` have the instants at which bars begin. */
export function fillBars(counts: readonly { key: string; count: number }[], span: { fromMs: number; toMs: number; barSeconds: number }) {
  const barMs = span.barSeconds * 1_000;
  const known = new Map(counts.map(({ key, count }) => [Date.parse(key), count]));
  const bars: { from: string; count: number }[] = [];
  for (let at = span.fromMs - (span.fromMs % barMs); at < span.toMs; at += barMs)
    bars.push({ from: new Date(at).toISOString(), count: known.get(at) ?? 0 });
  return bars;
}

/**
 * Triggers over what is so when we look: figures out of range, and deadlines. Edges, not levels: a key fires once, and resolves
 * once. Its bucket goes: none -> pending (out of range, not long enough) -> open (has fired) -> none (has resolved).
 *
 * @see Bucket: of a pending one `openedAt` is since when it is out of range; of an open one `openedAt` is when it fired and
 * `quietUntil` since when it is back in range.
 */
import type { MetricTrigger } from '@signalbox/proto/api';
import { type Bucket, EMPTY } from './step.ts';

export type StateStep = { readonly bucket: Bucket | null; readonly outcome: 'triggered' | 'resolved' | null };
/** Whether a bucket is one of a key that has fired. */
export const isOpen = (bucket: Bucket | undefined): boolean => bucket !== undefined && bucket.fired['open'] === 1;

const open = (at: number, clearSince: number | null = null): Bucket => ({
  ...EMPTY,
  openedAt: at,
  quietUntil: clearSince,
  fired: { open: 1 },
});

/** What a figure makes of its bucket. `value` null: there is none, too few runs; then all stays. */
export function stepFigure(
  { operator, threshold, forSeconds }: Pick<MetricTrigger, 'operator' | 'threshold' | 'forSeconds'>,
  before: Bucket | undefined,
  value: number | null,
  nowMs: number,
): StateStep {
  if (value === null) return { bucket: before ?? null, outcome: null };
  const isOut = isBeyond(value, operator, threshold);
  const forMs = forSeconds * 1_000;
  if (before && isOpen(before)) {
    if (isOut) return { bucket: open(before.openedAt ?? nowMs), outcome: null };
    const clearSince = before.quietUntil ?? nowMs;
    return nowMs - clearSince >= forMs
      ? { bucket: null, outcome: 'resolved' }
      : { bucket: open(before.openedAt ?? nowMs, clearSince), outcome: null };
  }
  if (!isOut) return { bucket: null, outcome: null };
  const since = before?.openedAt ?? nowMs;
  return nowMs - since >= forMs ? { bucket: open(nowMs), outcome: 'triggered' } : { bucket: { ...EMPTY, openedAt: since }, outcome: null };
}

/** What it makes of a bucket that its key is over its deadline now, or not. */
export function stepDeadline(before: Bucket | undefined, isOver: boolean, nowMs: number): StateStep {
  if (isOpen(before)) return isOver ? { bucket: before ?? null, outcome: null } : { bucket: null, outcome: 'resolved' };
  return isOver ? { bucket: open(nowMs), outcome: 'triggered' } : { bucket: null, outcome: null };
}

export function isBeyond(value: number, operator: MetricTrigger['operator'], threshold: number): boolean {
  switch (operator) {
    case '<':
      return value < threshold;
    case '<=':
      return value <= threshold;
    case '>':
      return value > threshold;
    case '>=':
      return value >= threshold;
  }
}

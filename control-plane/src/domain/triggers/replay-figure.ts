/** When a figure would have fired: the same steps, at each instant at which it changed. */
import type { MetricTrigger } from '@signalbox/proto/api';
import { isOpen, stepFigure } from './state.ts';
import type { Bucket } from './step.ts';

/** One run's share in a figure: it counts from an instant on, up to another. */
export type Span = { readonly key: string; readonly value: number; readonly fromMs: number; readonly untilMs: number };
export type FigureFiring = { readonly key: string; readonly at: number; readonly value: number };

type Range = { readonly fromMs: number; readonly toMs: number };

/** Firings in the order in which they would have come; what resolved is none. */
export function replayFigure(trigger: MetricTrigger, spans: readonly Span[], range: Range): FigureFiring[] {
  const firings = [...Map.groupBy(spans, ({ key }) => key)].flatMap(([key, own]) =>
    replayKey(trigger, own, range).map((firing) => ({ key, ...firing })),
  );
  return firings.sort((a, b) => a.at - b.at);
}

function replayKey(trigger: MetricTrigger, spans: readonly Span[], { fromMs, toMs }: Range): Omit<FigureFiring, 'key'>[] {
  const edges = spans.flatMap(({ value, fromMs: from, untilMs }) => [
    { at: from, n: 1, value },
    { at: untilMs, n: -1, value: -value },
  ]);
  edges.sort((a, b) => a.at - b.at);
  const firings: Omit<FigureFiring, 'key'>[] = [];
  let [n, sum] = [0, 0];
  let bucket: Bucket | undefined;
  const look = (at: number) => {
    const value = figureOf(trigger, n, sum);
    const step = stepFigure(trigger, bucket, value, at);
    bucket = step.bucket ?? undefined;
    if (step.outcome === 'triggered' && value !== null) firings.push({ at, value });
  };
  for (let i = 0; i <= edges.length; ) {
    // The figure stays so until the next edge; meanwhile it may have been so for long enough.
    const next = Math.min(edges[i]?.at ?? toMs, toMs);
    const since = Math.max(fromMs, edges[i - 1]?.at ?? fromMs);
    if (since < next) {
      look(since);
      const counted = bucket && (isOpen(bucket) ? bucket.quietUntil : bucket.openedAt);
      const due = counted == null ? null : counted + trigger.forSeconds * 1_000;
      if (due !== null && due > since && due < next) look(due);
    }
    const at = edges[i]?.at;
    if (at === undefined || at > toMs) break;
    for (; edges[i]?.at === at; i++) {
      n += edges[i]?.n ?? 0;
      sum += edges[i]?.value ?? 0;
    }
    if (n === 0) sum = 0;
  }
  return firings;
}

/** Null: too few runs make none. */
function figureOf({ metric, leastRuns }: MetricTrigger, n: number, sum: number): number | null {
  if (metric === 'queue-depth') return n;
  if (n < leastRuns) return null;
  return metric === 'cost' ? sum : sum / n;
}

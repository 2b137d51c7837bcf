/** The stretch of time that the timeline shows, and the ticks above it. Pure; all in Unix milliseconds. */

export interface TimeWindow {
  readonly fromMs: number;
  readonly toMs: number;
}

interface Span {
  readonly startedAt: string | null;
  readonly endedAt: string | null;
}

/** Shortest stretch one may zoom to. */
const MIN_SPAN_MS = 10;

/** From the first to the last thing that happened, with a little air; at least a tenth of a second. */
export function fitWindow(spans: readonly Span[], startMs: number, nowMs: number): TimeWindow {
  let fromMs = startMs;
  let toMs = startMs;
  for (const { startedAt, endedAt } of spans) {
    if (!startedAt) continue;
    fromMs = Math.min(fromMs, Date.parse(startedAt));
    toMs = Math.max(toMs, endedAt ? Date.parse(endedAt) : nowMs);
  }
  toMs = Math.max(toMs, fromMs + 100);
  return { fromMs, toMs: toMs + (toMs - fromMs) * 0.03 };
}

/** Zooms by `factor` (2: twice as near) about the point at `anchor` (0 left, 1 right), within `limit`. */
export function zoomWindow(window: TimeWindow, factor: number, anchor: number, limit: TimeWindow): TimeWindow {
  const span = window.toMs - window.fromMs;
  const nextSpan = Math.min(Math.max(span / factor, MIN_SPAN_MS), limit.toMs - limit.fromMs);
  return clampWindow(window.fromMs + (span - nextSpan) * anchor, nextSpan, limit);
}

/** Moves by a share of what is in sight (1: a whole window later), within `limit`. */
export function panWindow(window: TimeWindow, share: number, limit: TimeWindow): TimeWindow {
  const span = window.toMs - window.fromMs;
  return clampWindow(window.fromMs + span * share, span, limit);
}

function clampWindow(fromMs: number, span: number, limit: TimeWindow): TimeWindow {
  const from = Math.min(Math.max(fromMs, limit.fromMs), limit.toMs - span);
  return { fromMs: from, toMs: from + span };
}

/** Where a stretch lies in the window, as fractions 0 to 1 cut to what is in sight; null when out of sight. */
export function placeBar(fromMs: number, toMs: number, window: TimeWindow): { left: number; width: number } | null {
  const span = window.toMs - window.fromMs;
  const left = (fromMs - window.fromMs) / span;
  const right = (toMs - window.fromMs) / span;
  if (right < 0 || left > 1) return null;
  const cut = Math.max(0, left);
  return { left: cut, width: Math.min(1, right) - cut };
}

const STEPS_MS = [1, 2, 5, 10, 20, 50, 100, 200, 500].concat(
  [1, 2, 5, 10, 15, 30].map((seconds) => seconds * 1_000),
  [1, 2, 5, 10, 15, 30].map((minutes) => minutes * 60_000),
  [1, 2, 3, 6, 12].map((hours) => hours * 3_600_000),
  [1, 2, 7, 14, 30, 90, 365].map((days) => days * 86_400_000),
);

/** Round offsets from `originMs` within the window, at most `most` of them. */
export function windowTicks(window: TimeWindow, originMs: number, most: number): number[] {
  const span = window.toMs - window.fromMs;
  const step = STEPS_MS.find((each) => span / each <= most) ?? STEPS_MS.at(-1) ?? span;
  const ticks: number[] = [];
  for (let at = Math.ceil((window.fromMs - originMs) / step) * step; at <= window.toMs - originMs; at += step) ticks.push(at);
  return ticks;
}

/** `0`, `250 ms`, `1.5 s`, `2:30`, `1:05:00`: an offset as short as an axis needs it. */
export function formatTick(offsetMs: number): string {
  const sign = offsetMs < 0 ? '−' : '';
  const ms = Math.abs(offsetMs);
  if (ms === 0) return '0';
  if (ms < 1_000) return `${sign}${ms} ms`;
  if (ms < 60_000) return `${sign}${ms / 1_000} s`;
  const seconds = Math.floor(ms / 1_000);
  const parts = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60), seconds % 60];
  if (parts[0] === 0) parts.shift();
  return sign + parts.map((part, index) => (index === 0 ? String(part) : String(part).padStart(2, '0'))).join(':');
}

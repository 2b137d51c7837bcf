/** Fires at anchor + n x every, for every whole n: elapsed time, whatever clocks do. */

/** First fire strictly after `fromMs`. `anchorMs` may lie before or after it. */
export function nextOfInterval(everyMs: number, anchorMs: number, fromMs: number): number {
  return anchorMs + (Math.floor((fromMs - anchorMs) / everyMs) + 1) * everyMs;
}

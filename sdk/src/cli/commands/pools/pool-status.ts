import type { WorkPool } from '@signalbox/proto/api';
import type { Style } from '../../output/style.ts';

/** The pool's status as a colored word. */
export function poolStatus(pool: WorkPool, style: Style): string {
  switch (pool.status) {
    case 'ready':
      return style.green('ready');
    case 'not-ready':
      return style.red('not ready');
    case 'paused':
      return style.yellow('paused');
    default:
      return pool.status satisfies never;
  }
}

/** `2 of 4`, or `2` without a limit. */
export function slotsOf(pool: WorkPool): string {
  return pool.concurrencyLimit === null ? String(pool.slotsHeld) : `${pool.slotsHeld} of ${pool.concurrencyLimit}`;
}

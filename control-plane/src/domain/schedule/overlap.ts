/** What becomes of fires that are due while runs of the same schedule have not ended. */
import type { Overlap } from '@signalbox/proto/api';

export type OverlapFacts = {
  /** Runs of the schedule that have not ended, at this moment. */
  readonly live: number;
  /** Fires of it that wait their turn already. */
  readonly queued: number;
};

export type Decision =
  | { readonly atMs: number; readonly outcome: 'created' }
  | { readonly atMs: number; readonly outcome: 'queued' | 'skipped'; readonly reason: string };

export type Decided = {
  /** One for each instant, in their order. */
  readonly decisions: readonly Decision[];
  /** Live runs are to be cancelled: a newer one takes their place. */
  readonly cancelsLive: boolean;
};

/** Fires of one schedule that wait their turn; more are left out. */
export const QUEUE_MOST = 100;

/** Decides for instants in ascending order. */
export function decideOverlap(overlap: Overlap, dueMs: readonly number[], { live, queued }: OverlapFacts): Decided {
  const unless = (condition: boolean, decide: (atMs: number, i: number) => Decision): Decision[] =>
    dueMs.map((atMs, i) => (condition && i === 0 ? { atMs, outcome: 'created' } : decide(atMs, i)));
  const skip =
    (reason: string) =>
    (atMs: number): Decision => ({ atMs, outcome: 'skipped', reason });

  switch (overlap) {
    case 'allow':
      return { decisions: dueMs.map((atMs) => ({ atMs, outcome: 'created' })), cancelsLive: false };
    case 'skip':
      return { decisions: unless(live === 0, skip('overlap: the run before has not ended')), cancelsLive: false };
    case 'queue': {
      const isFree = live === 0 && queued === 0;
      const room = QUEUE_MOST - queued + (isFree ? 1 : 0);
      const wait = (atMs: number, i: number): Decision =>
        i < room
          ? { atMs, outcome: 'queued', reason: 'overlap: waits until the run before has ended' }
          : { atMs, outcome: 'skipped', reason: `overlap: ${QUEUE_MOST} fires wait already` };
      return { decisions: unless(isFree, wait), cancelsLive: false };
    }
    case 'cancel-older': {
      const newest = dueMs.at(-1);
      const decisions = dueMs.map(
        (atMs): Decision =>
          atMs === newest ? { atMs, outcome: 'created' } : { atMs, outcome: 'skipped', reason: 'overlap: a newer fire took its place' },
      );
      return { decisions, cancelsLive: live > 0 && dueMs.length > 0 };
    }
    default:
      return overlap satisfies never;
  }
}

/** Comparing what an agent says it holds with what it is given. Pure. */

import { toId, toUuid } from '@signalbox/proto';
import type { HoldRequest, RunEpoch, Stretch } from '@signalbox/proto/messages';
import type { Wanted } from '../../domain/run-snapshot.ts';

/** A run that is an agent's, as its dispatch row says. */
export type HeldRun = {
  readonly runId: string;
  readonly epoch: number;
  readonly agentId: string;
  readonly type: string;
  readonly name: string;
  readonly isUnnamed: boolean;
  /** What its process is to do and has not done. */
  readonly wanted: Pick<Wanted, 'how' | 'key'> | null;
};

export type Comparison = {
  /** Named, and not its own under that epoch. */
  readonly notYours: RunEpoch[];
  /** Its own and not named: from now on unnamed, if they were not. */
  readonly unnamed: string[];
  /** Its own, named, and thought unnamed so far. */
  readonly namedAgain: string[];
  /** Its own, named, and Lost. */
  readonly regained: string[];
  /** Its own, and to be cancelled. */
  readonly cancel: RunEpoch[];
};

/** `stretch`: which ids `named` is whole for; nothing is said of the others. */
export function compareHolding(named: readonly RunEpoch[], all: readonly HeldRun[], stretch?: Stretch): Comparison {
  const held = stretch ? all.filter(({ runId }) => isWithin(stretch, toId('run', runId))) : all;
  const epochs = new Map(held.map((run) => [run.runId, run.epoch]));
  // An agent may still name an older epoch of a run beside the one that is its own.
  const names = new Set(named.map(({ run, epoch }) => `${toUuid('run', run)}:${epoch}`));
  const isNamed = ({ runId, epoch }: HeldRun) => names.has(`${runId}:${epoch}`);
  return {
    notYours: named.filter(({ run, epoch }) => epochs.get(toUuid('run', run)) !== epoch).map(({ run, epoch }) => ({ run, epoch })),
    unnamed: held.filter((run) => !isNamed(run) && !run.isUnnamed).map(({ runId }) => runId),
    namedAgain: held.filter((run) => isNamed(run) && run.isUnnamed).map(({ runId }) => runId),
    regained: held.filter((run) => isNamed(run) && run.name === 'Lost').map(({ runId }) => runId),
    cancel: toCancel(held),
  };
}

function isWithin({ after, upTo }: Stretch, run: string): boolean {
  return (after === null || run > after) && (upTo === null || run <= upTo);
}

/** Of more in one answer the next renewal tells. */
const MOST_ASKED = 500;

export function toCancel(held: readonly HeldRun[]): RunEpoch[] {
  const cancelling = held.filter(({ type }) => type === 'CANCELLING').slice(0, MOST_ASKED);
  return cancelling.map(({ runId, epoch }) => ({ run: toId('run', runId), epoch }));
}

export function toHold(held: readonly HeldRun[]): HoldRequest[] {
  return held
    .flatMap(({ type, runId, epoch, wanted }) =>
      wanted && type !== 'CANCELLING' ? [{ run: toId('run', runId), epoch, how: wanted.how, key: wanted.key }] : [],
    )
    .slice(0, MOST_ASKED);
}

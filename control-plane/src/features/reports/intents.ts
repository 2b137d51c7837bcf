/** What an entry about a run asks of the run machine, and what is noted of it when it comes too late. */
import type { RunFailure } from '@signalbox/proto';
import type { StateEntry } from '@signalbox/proto/messages';
import type { Intent, Owner } from '../../domain/run-snapshot.ts';
import { storable, storableText } from '../../platform/storable.ts';

/** Entries that may move a run; task runs are stored as they are. */
export type MoveEntry = Exclude<StateEntry, { type: 'task.state' }>;

export function intentOf(entry: MoveEntry, agentId: string): Intent {
  const owner: Owner = { agentId, epoch: entry.epoch };
  switch (entry.type) {
    case 'run.started':
      return { kind: 'start', owner, at: new Date(entry.at) };
    case 'run.start-failed':
      return { kind: 'start-failed', owner, failure: storable(entry.failure) };
    case 'run.given-back':
      return { kind: 'give-back', owner, reason: storableText(entry.reason) };
    case 'run.suspended':
      return { kind: 'suspend', owner };
    case 'run.ended':
      return endOf(entry, owner);
    default:
      return entry satisfies never;
  }
}

function endOf(entry: Extract<MoveEntry, { type: 'run.ended' }>, owner: Owner): Intent {
  const said = {
    ...(entry.name === undefined ? {} : { name: storableText(entry.name) }),
    ...(entry.message === undefined ? {} : { message: storableText(entry.message) }),
  };
  const failure = (kind: RunFailure['kind']): RunFailure =>
    entry.failure ? storable(entry.failure) : { kind, message: said.message ?? 'no reason was reported' };
  switch (entry.state) {
    case 'COMPLETED':
      return { kind: 'complete', owner, ...said, ...(entry.result === undefined ? {} : { result: storable(entry.result) }) };
    case 'FAILED':
      return entry.name === 'TimedOut' || entry.failure?.kind === 'timed-out'
        ? { kind: 'time-out', owner, ...said, failure: failure('timed-out') }
        : { kind: 'fail', owner, ...said, failure: failure('application') };
    case 'CRASHED':
      return { kind: 'crash', owner, ...said, failure: failure('crashed') };
    case 'CANCELLED':
      return { kind: 'cancelled-observed', owner, ...(said.message === undefined ? {} : { message: said.message }) };
    default:
      return entry.state satisfies never;
  }
}

/** Kept on the attempt when the epoch is over; null: nothing worth a note. */
export function lateNote(entry: MoveEntry): string | null {
  if (entry.type !== 'run.ended') return null;
  const why = entry.message ?? entry.failure?.message;
  return `its agent reported later: ${entry.name ?? entry.state}${why ? `, ${why}` : ''}`;
}

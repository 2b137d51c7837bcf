/** Which of the machine's columns a stored state belongs to. */
import type { RunStateType } from '@signalbox/proto';
import type { StateKey } from './run-snapshot.ts';

/** The column a stored state belongs to: names a flow or a launcher gave count as their type's first. */
export function stateKey(type: RunStateType, name: string): StateKey {
  switch (type) {
    case 'SCHEDULED':
      return name === 'AwaitingRetry' || name === 'Resuming' ? name : 'Scheduled';
    case 'PENDING':
      return 'Pending';
    case 'RUNNING':
      return name === 'AwaitingChild' || name === 'Lost' ? name : 'Running';
    case 'PAUSED':
      return name === 'Suspended' ? 'Suspended' : 'Paused';
    case 'CANCELLING':
      return 'Cancelling';
    case 'COMPLETED':
      return 'Completed';
    case 'FAILED':
      return 'Failed';
    case 'CRASHED':
      return 'Crashed';
    case 'CANCELLED':
      return 'Cancelled';
    default:
      return type satisfies never;
  }
}

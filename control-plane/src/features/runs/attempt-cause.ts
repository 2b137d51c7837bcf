/** Why an attempt came to be, from the run's own history: the state it was claimed out of. Pure. */
import type { RunState } from '@signalbox/proto';
import type { AttemptCause } from '@signalbox/proto/api';

/** `states` oldest first; `claimedAt` of the attempt. A run whose history was lost says `first`. */
export function causeOf(states: readonly RunState[], claimedAt: Date): AttemptCause {
  const waits = states.filter((state) => state.type === 'SCHEDULED' && Date.parse(state.at) <= claimedAt.getTime());
  const wait = waits.at(-1);
  return {
    kind: wait ? kindOf(wait, waits.length === 1) : 'first',
    at: wait?.at ?? claimedAt.toISOString(),
    message: wait?.message ?? null,
    by: wait?.retry?.by ?? null,
    mode: wait?.retry?.mode ?? null,
  };
}

function kindOf({ name, retry }: RunState, isFirst: boolean): AttemptCause['kind'] {
  if (retry) return 'by-hand';
  if (name === 'AwaitingRetry') return 'retry';
  if (name === 'Resuming') return 'resume';
  return isFirst ? 'first' : 'requeue';
}

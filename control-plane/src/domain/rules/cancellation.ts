/** Cancel is desired state: at once where nothing runs, else CANCELLING until the exit is observed. */
import type { Intent, Rule, RunSnapshot, Verdict } from '../run-snapshot.ts';
import { end } from './end.ts';
import { accept } from './verdict.ts';

/** Nobody holds it: it ends here and now. */
export const cancelNow: Rule<'cancel'> = (run, intent) =>
  end(run, { type: 'CANCELLED', name: 'Cancelled', message: `cancelled by ${intent.by}` });

/** Its agent sends TERM, waits, sends KILL, and reports the exit; slots stay taken until then. */
export const cancelThere: Rule<'cancel'> = (run, intent) =>
  accept(run, { type: 'CANCELLING', name: 'Cancelling', message: `cancelled by ${intent.by}`, cancelCause: 'asked' }, [
    'tell-agent-to-cancel',
  ]);

/** However its process ended while it was being cancelled, the run is what it was being made. */
export function endCancelled(run: RunSnapshot, detail: string | undefined): Verdict {
  const message = detail ?? null;
  if (run.cancelCause !== 'pause-expired') return end(run, { type: 'CANCELLED', name: 'Cancelled', message });
  const reason = 'nobody ended its pause in time';
  return end(run, { type: 'FAILED', name: 'Failed', message: reason, failure: { kind: 'timed-out', message: reason } });
}

type EndIntent = Extract<Intent, { kind: 'fail' | 'time-out' | 'crash' | 'cancelled-observed' | 'give-back' | 'start-failed' | 'lose' }>;

/** The cell of every way to end in the CANCELLING column. */
export const obeyed = (run: RunSnapshot, intent: EndIntent): Verdict => endCancelled(run, detailOf(intent));

function detailOf(intent: EndIntent): string | undefined {
  switch (intent.kind) {
    case 'cancelled-observed':
      return intent.message;
    case 'give-back':
    case 'start-failed':
      return 'cancelled before it started';
    case 'lose':
      return intent.why === 'silent' ? 'cancelled; its agent was not heard of again' : 'cancelled; its agent does not hold it any more';
    case 'fail':
    case 'time-out':
    case 'crash':
      return `cancelled; its process ended: ${intent.message ?? intent.failure.message}`;
    default:
      return intent satisfies never;
  }
}

/** Slots of named limits for runs without an agent: those that code declares, kept within this process. */
import type { AcquireSlotsOp, AcquireSlotsReply, ReleaseSlotsReply } from '@signalbox/proto/messages';
import { SignalboxError } from '../client/signalbox-error.ts';
import { declaredLimits } from './declared-limits.ts';
import { type BookAnswer, SlotBook } from './slot-book.ts';

const book = new SlotBook(declaredLimits, () => performance.now());
/** Of those who wait: what makes them ask again. */
const wakes = new Map<string, () => void>();

/** `local` tells that nobody outside of this process is limited. */
export function acquireLocally(op: AcquireSlotsOp, wake: () => void): AcquireSlotsReply & { readonly local: true } {
  const answer = book.acquire(op);
  if (answer.refused) throw refusalOf(answer, op);
  if (answer.granted || !op.wait) wakes.delete(op.requestId);
  else wakes.set(op.requestId, wake);
  return { ...answer, local: true };
}

export function releaseLocally(op: { readonly requestId: string }): ReleaseSlotsReply {
  wakes.delete(op.requestId);
  if (book.release(op.requestId)) for (const wake of new Set(wakes.values())) wake();
  return { released: true, yours: false };
}

/** As the control plane says it. */
function refusalOf(answer: Extract<BookAnswer, { refused: string }>, op: AcquireSlotsOp): SignalboxError {
  if (answer.refused === 'given-back')
    return new SignalboxError({ code: 'CONFLICT', message: 'This request was given back before it was granted.' });
  if (answer.refused === 'unknown') {
    const names = answer.unknown.map((name) => `"${name}"`).join(', ');
    const message = `No limit ${names} is declared in this process. Declare it: limit({ name: '${answer.unknown[0]}', slots: 1 })`;
    return new SignalboxError({ code: 'INVALID_INPUT', message, details: { unknown: answer.unknown } });
  }
  const { name, slots } = answer.limit;
  const message =
    answer.refused === 'too-many'
      ? `occupy: expected at most the ${slots} slots of limit "${name}", got ${op.slots}`
      : `limits: expected limits with a decay per second (use concurrency() for others), got ${name}`;
  return new SignalboxError({ code: 'INVALID_INPUT', message });
}

/** What running flows ask of named limits. */
import { toId } from '@signalbox/proto';
import type { AcquireSlotsReply, ReleaseSlotsReply } from '@signalbox/proto/messages';
import { retried } from '../../platform/db.ts';
import { AppError, conflict, invalidInput, limitExceeded } from '../../platform/errors.ts';
import { sqlOfClient } from '../../platform/sql.ts';
import type { Caller, CallsCtx, OpOf } from '../calls/index.ts';
import { afterCommit } from '../dispatch/index.ts';
import { type Acquired, acquireSlots, releaseSlots } from './store/slots.ts';

export const limitCalls = { 'slots.acquire': acquire, 'slots.release': release };

async function acquire(ctx: CallsCtx, caller: Caller, op: OpOf<'slots.acquire'>): Promise<AcquireSlotsReply> {
  const answer = await retried(() => acquireSlots(sqlOfClient(ctx.db.reportSql), caller, op));
  if (answer.refused) throw refusalOf(answer, caller, op.slots);
  const { granted, full = [], unknown = [], retryInMs } = answer;
  return { granted, full, unknown, ...(retryInMs === undefined ? {} : { retryInMs }) };
}

async function release(ctx: CallsCtx, caller: Caller, op: OpOf<'slots.release'>): Promise<ReleaseSlotsReply> {
  const next = await retried(() => releaseSlots(sqlOfClient(ctx.db.reportSql), caller, op.requestId));
  const others = next.filter(({ runId }) => runId !== caller.runId);
  void afterCommit(
    ctx,
    others.map((run) => ({ kind: 'wake-run', ...run })),
  );
  return { released: true, yours: others.length < next.length };
}

/** Never PRECONDITION_FAILED or UNAVAILABLE: agents repeat those. */
function refusalOf(answer: Extract<Acquired, { refused: string }>, caller: Caller, slots: number): AppError {
  switch (answer.refused) {
    case 'stale':
      return conflict(`${toId('run', caller.runId)} is not held by this agent under epoch ${caller.epoch} any more.`, { reason: 'stale' });
    case 'given-back':
      return conflict('This request was given back before it was granted.', { reason: 'given-back' });
    case 'unknown': {
      const names = answer.unknown.map((name) => `"${name}"`).join(', ');
      const issues = answer.unknown.map((name) => ({ field: 'limits', expected: 'limits that exist in this workspace', received: name }));
      const message = `No limit ${names} in this workspace. Make it with: signalbox limits create ${answer.unknown[0]} --slots 1`;
      return new AppError('INVALID_INPUT', message, { issues, details: { unknown: answer.unknown } });
    }
    case 'too-many':
      return invalidInput([
        { field: 'occupy', expected: `at most the ${answer.slots} slots of limit "${answer.limit}"`, received: String(slots) },
      ]);
    case 'no-rate':
      return invalidInput([
        { field: 'limits', expected: 'limits with a decay per second (use concurrency() for others)', received: answer.limit },
      ]);
    case 'line':
      return limitExceeded('As many requests wait for these limits as may: 1,000 of a run, 10,000 of a limit.');
    default:
      return answer satisfies never;
  }
}

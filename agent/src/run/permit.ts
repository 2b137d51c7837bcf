/**
 * The right to call user code. The 10 s in which it must be called count on this machine's monotonic clock from the
 * first sending of the request that was granted, however late the answer came.
 */
import { randomUUID } from 'node:crypto';
import { PERMIT_VALID_MS, type PermitReply, permitReplySchema, type RunEpoch } from '@signalbox/proto/messages';
import { monotonicMs, pause } from '../bell.ts';
import { Backoff } from '../channel/backoff.ts';
import { RefusedError } from '../channel/channel.ts';
import type { Ask } from '../session.ts';

/** `fromMs`, `untilMs`: when user code may be called, on the monotonic clock. */
export type Permission =
  | { answer: 'granted'; fromMs: number; untilMs: number; token?: string | undefined }
  | { answer: 'refused'; reason: string };

const TIMEOUT_MS = 1_500;
/** It is asked for so long before the due instant, which a round trip and a write to disk would else be late. */
export const PERMIT_AHEAD_MS = 200;

/** Asks until there is an answer that decides; silence only delays it. */
export async function askPermit(ask: Ask, run: RunEpoch, signal: AbortSignal): Promise<Permission> {
  const backoff = new Backoff(250, 5_000);
  for (;;) {
    const sentAtMs = monotonicMs();
    const untilMs = sentAtMs + PERMIT_VALID_MS;
    const reply = await askOnce(ask, run, untilMs, backoff, signal);
    signal.throwIfAborted();
    const nowMs = monotonicMs();
    if (reply?.answer === 'granted' && nowMs < untilMs)
      return { answer: 'granted', fromMs: nowMs + (reply.inMs ?? 0), untilMs, token: reply.token };
    if (reply?.answer === 'refused') return reply;
    if (reply?.answer === 'wait') await pause(reply.ms, signal);
  }
}

/** One request id, repeated while its 10 s last. Null when they passed without an answer. */
async function askOnce(ask: Ask, run: RunEpoch, untilMs: number, backoff: Backoff, signal: AbortSignal): Promise<PermitReply | null> {
  const requestId = randomUUID();
  while (monotonicMs() < untilMs && !signal.aborted) {
    try {
      const reply = permitReplySchema.parse(await ask('permit', { ...run, requestId, aheadMs: PERMIT_AHEAD_MS }, TIMEOUT_MS));
      backoff.reset();
      return reply;
    } catch (error) {
      const isOurs = error instanceof RefusedError && (error.body.code === 'NOT_FOUND' || error.body.code === 'CONFLICT');
      if (isOurs) return { answer: 'refused', reason: error.message };
      await pause(backoff.next(), signal);
    }
  }
  return null;
}

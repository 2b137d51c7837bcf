/** Parameters of a run: inside the claim, or asked for when they were too large for it. */
import type { Envelope } from '@signalbox/proto';
import { type ClaimedRun, getParametersReplySchema } from '@signalbox/proto/messages';
import { pause } from '../bell.ts';
import { Backoff } from '../channel/backoff.ts';
import { RefusedError } from '../channel/channel.ts';
import type { Ask } from '../session.ts';
import { StartFailedError } from './startup.ts';

const TIMEOUT_MS = 5_000;

/** @throws StartFailedError when the control plane refuses them. */
export async function fetchParameters(ask: Ask, claimed: ClaimedRun, signal: AbortSignal): Promise<Envelope> {
  if (claimed.parameters) return claimed.parameters;
  const backoff = new Backoff(250, 5_000);
  for (;;) {
    signal.throwIfAborted();
    try {
      const { run, epoch } = claimed;
      return getParametersReplySchema.parse(await ask('call', { run, epoch, op: { name: 'getParameters' } }, TIMEOUT_MS)).parameters;
    } catch (error) {
      const isFinal = error instanceof RefusedError && ['NOT_FOUND', 'CONFLICT', 'INVALID_INPUT'].includes(error.body.code);
      if (isFinal) throw new StartFailedError({ kind: 'crashed', message: `its parameters could not be read: ${error.message}` });
      await pause(backoff.next(), signal);
    }
  }
}

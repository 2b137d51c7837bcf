/**
 * Keeps the NATS credential fresh: at a third of its life, over NATS or HTTPS, whichever answers, by signing a challenge.
 * The connection goes on with the old one; the newest is what the next connection shows.
 */
import type { AgentParts } from '../agent-parts.ts';
import type { Bell } from '../bell.ts';
import { Backoff } from '../channel/backoff.ts';
import type { Credential } from '../credential.ts';

const RETRY_MOST_MS = 10 * 60_000;

export async function credentialLoop(parts: AgentParts, credential: Credential, now: Bell, signal: AbortSignal): Promise<void> {
  const backoff = new Backoff(2_000, RETRY_MOST_MS);
  let waitMs = credential.renewInMs();
  while (!signal.aborted) {
    // A timer's delay is 32 bits.
    await now.wait(signal, Math.min(waitMs, 2 ** 31 - 1));
    if (signal.aborted) return;
    try {
      const expiresAt = await credential.renew(parts.channel, parts.clock, signal);
      backoff.reset();
      waitMs = credential.renewInMs();
      parts.status.note('credential', `good until ${expiresAt}`);
      parts.log.info({ expiresAt }, 'the credential was renewed');
    } catch (error) {
      waitMs = backoff.next();
      parts.status.note('credential', String(error));
      parts.log.warn({ error: String(error) }, 'the credential was not renewed');
    }
  }
}

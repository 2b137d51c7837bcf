/** A new credential for a key that is enrolled and not revoked, against a signature that only its holder can make. */
import { fromPublic } from '@nats-io/nkeys';
import { toUuid } from '@signalbox/proto';
import type { TokenReply, TokenRequest } from '@signalbox/proto/messages';
import { invalidInput, unauthenticated } from '../../platform/errors.ts';
import type { Services } from '../../platform/services.ts';
import { issueCredential } from './issue-credential.ts';

/** How far the signed instant may be from our clock. Agents' clocks may be wrong: the answer then tells them ours. */
const MAX_SKEW_SECONDS = 300;

/** @throws UNAUTHENTICATED for an unknown or revoked agent or a wrong signature (one text), INVALID_INPUT for a stale nonce. */
export async function renewAgentToken(services: Pick<Services, 'db' | 'credentials'>, input: TokenRequest): Promise<TokenReply> {
  const nowSeconds = Math.floor(Date.now() / 1000);
  if (!/^\d{1,12}$/.test(input.nonce) || Math.abs(Number(input.nonce) - nowSeconds) > MAX_SKEW_SECONDS) {
    throw invalidInput([
      {
        field: 'nonce',
        expected: `Unix seconds within ${MAX_SKEW_SECONDS} s of ${nowSeconds}, the clock of the control plane`,
        received: input.nonce,
      },
    ]);
  }
  const agent = await services.db.system.agent.findUnique({ where: { id: toUuid('agent', input.agent) } });
  const signed = new TextEncoder().encode(`signalbox-token:${input.agent}:${input.nonce}`);
  if (!agent || agent.revokedAt !== null || !verify(agent.publicKey, signed, input.signature)) {
    throw unauthenticated('The agent is not enrolled, was revoked, or did not sign with its key.');
  }
  const { id: agentId, workspaceId, poolId, publicKey } = agent;
  return issueCredential(services, { agentId, workspaceId, poolId, publicKey });
}

function verify(publicKey: string, signed: Uint8Array, signature: string): boolean {
  try {
    return fromPublic(publicKey).verify(signed, new Uint8Array(Buffer.from(signature, 'base64url')));
  } catch {
    return false; // a signature of the wrong length
  }
}

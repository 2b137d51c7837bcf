/** A new credential for a key that is enrolled and not revoked, against a signature that only its holder can make. */
import { fromPublic } from '@nats-io/nkeys';
import { toUuid } from '@signalbox/proto';
import type { TokenReply, TokenRequest } from '@signalbox/proto/messages';
import { recordRefusal } from '../../platform/audit.ts';
import { invalidInput, unauthenticated } from '../../platform/errors.ts';
import type { Services } from '../../platform/services.ts';
import { sqlOfClient } from '../../platform/sql.ts';
import { requireNetworkOf } from '../identity/index.ts';
import { issueCredential } from './issue-credential.ts';

/** Over HTTPS; null: over NATS, which an agent reaches with a good credential alone. */
type From = { readonly address: string; readonly requestId: string };

/** How far the signed instant may be from our clock. Agents' clocks may be wrong: the answer then tells them ours. */
const MAX_SKEW_SECONDS = 300;

/** @throws UNAUTHENTICATED for an unknown or revoked agent or a wrong signature (one text), INVALID_INPUT for a stale nonce. */
export async function renewAgentToken(
  services: Pick<Services, 'db' | 'credentials' | 'log'>,
  input: TokenRequest,
  from: From | null = null,
): Promise<TokenReply> {
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
  const agent = await services.db.system.agent.findUnique({
    where: { id: toUuid('agent', input.agent) },
    include: { workspace: { select: { organizationId: true } } },
  });
  const signed = new TextEncoder().encode(`signalbox-token:${input.agent}:${input.nonce}`);
  const isSigned = agent !== null && verify(agent.publicKey, signed, input.signature);
  if (!agent || agent.revokedAt !== null || !isSigned) {
    // Only who holds the key is worth a row: anybody may name an agent.
    if (agent && isSigned) noteRefusal(services, agent, from);
    throw unauthenticated('The agent is not enrolled, was revoked, or did not sign with its key.');
  }
  const { id: agentId, workspaceId, poolId, publicKey } = agent;
  if (from) await requireNetworkOf(sqlOfClient(services.db.systemSql), workspaceId, from.address);
  return issueCredential(services, { agentId, workspaceId, poolId, publicKey });
}

function noteRefusal(
  services: Pick<Services, 'db' | 'log'>,
  { id, name, workspaceId, workspace }: { id: string; name: string; workspaceId: string; workspace: { organizationId: string } },
  from: From | null,
): void {
  recordRefusal(services, {
    action: 'agent.refuse-credential',
    actor: { kind: 'agent', id, name },
    target: { kind: 'agent', id },
    organizationIds: [workspace.organizationId],
    workspaceId,
    address: from?.address ?? null,
    requestId: from?.requestId ?? null,
    details: { reason: 'revoked' },
  });
}

function verify(publicKey: string, signed: Uint8Array, signature: string): boolean {
  try {
    return fromPublic(publicKey).verify(signed, new Uint8Array(Buffer.from(signature, 'base64url')));
  } catch {
    return false; // a signature of the wrong length
  }
}

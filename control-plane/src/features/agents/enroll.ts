/**
 * A join code and a public key become an agent with a credential. The private key was made at home and stays there.
 *
 * A code is used once, under its row's lock. Its user may repeat the request with the same key (an answer that was
 * lost), and is answered the same agent.
 */

import { fromPublic } from '@nats-io/nkeys';
import { toId, uuidv7 } from '@signalbox/proto';
import type { Enroll, EnrollReply } from '@signalbox/proto/messages';
import { writeAudit } from '../../platform/audit.ts';
import type { Tx } from '../../platform/db.ts';
import { conflict, forbidden, invalidInput, limitExceeded, unauthenticated } from '../../platform/errors.ts';
import { hashSecret, sameHash } from '../../platform/secrets.ts';
import type { Services } from '../../platform/services.ts';
import { forgiveAttempt, JOIN_CODE_BY_ADDRESS, takeAttempt } from '../identity/index.ts';
import { issueCredential } from './issue-credential.ts';

type From = { readonly address: string; readonly requestId: string };
type Enrolled = {
  readonly agentId: string;
  readonly name: string;
  readonly workspace: { readonly id: string; readonly slug: string };
  readonly pool: { readonly id: string; readonly name: string };
};

/** @throws UNAUTHENTICATED for a code that is wrong, used or over, CONFLICT for a key that is another agent's. */
export async function enrollAgent(services: Services, input: Enroll, from: From): Promise<EnrollReply> {
  checkPublicKey(input.publicKey);
  const waitMs = await takeAttempt(services.db, JOIN_CODE_BY_ADDRESS, from.address);
  if (waitMs !== null) throw limitExceeded('Too many refused join codes from your address.', { retryAfterMs: waitMs });
  const enrolled = await services.db.system.$transaction((tx) => useCode(tx, input, from));
  await forgiveAttempt(services.db, JOIN_CODE_BY_ADDRESS, from.address);

  const { agentId, workspace, pool } = enrolled;
  const credential = await issueCredential(services, {
    workspaceId: workspace.id,
    agentId,
    poolId: pool.id,
    publicKey: input.publicKey,
  });
  services.bus.live(workspace.id, { kind: 'agent', id: toId('agent', agentId) });
  return {
    agent: toId('agent', agentId),
    name: enrolled.name,
    workspace: { id: toId('workspace', workspace.id), slug: workspace.slug },
    pool: { id: toId('workPool', pool.id), name: pool.name },
    ...credential,
    natsUrls: [...services.settings.agentNatsUrls],
  };
}

async function useCode(tx: Tx, input: Enroll, from: From): Promise<Enrolled> {
  const hash = hashSecret(input.joinCode);
  // The code's row is locked: of two that use it at once, one waits and then finds it used.
  const [found] = await tx.$queryRaw<
    { id: string; code_hash: Uint8Array; usable: boolean; used_by: string | null; workspace_id: string; pool_id: string }[]
  >`
    SELECT id, code_hash, used_at IS NULL AND expires_at > now() AS usable, used_by_agent_id AS used_by, workspace_id, pool_id
      FROM join_code WHERE code_hash = ${hash} FOR UPDATE`;
  if (!found || !sameHash(found.code_hash, hash)) throw refused();
  const { workspace_id: workspaceId, pool_id: poolId } = found;
  const workspace = await tx.workspace.findUniqueOrThrow({ where: { id: workspaceId }, select: { id: true, slug: true } });
  const pool = await tx.workPool.findUniqueOrThrow({ where: { id: poolId }, select: { id: true, name: true } });

  const known = await tx.agent.findUnique({ where: { publicKey: input.publicKey } });
  if (known && known.id === found.used_by && known.revokedAt === null) return { agentId: known.id, name: known.name, workspace, pool };
  if (!found.usable) throw refused();
  if (known?.revokedAt) throw forbidden('This agent was revoked. Start it with an empty data directory, so that it makes a new key.');
  if (known) throw conflict('This key is enrolled already. Start the agent without a join code, or with an empty data directory.');

  const agentId = uuidv7(Date.now());
  const name = await freeName(tx, poolId, input.name);
  await tx.agent.create({ data: { id: agentId, workspaceId, poolId, name, publicKey: input.publicKey } });
  await tx.joinCode.update({ where: { id: found.id }, data: { usedAt: new Date(), usedByAgentId: agentId } });
  await writeAudit(tx, {
    workspaceId,
    actor: { kind: 'join-code', id: found.id, name: toId('joinCode', found.id) },
    action: 'agent.enroll',
    requestId: from.requestId,
    facts: { target: { kind: 'agent', id: agentId }, before: null, after: { name, pool: pool.name, publicKey: input.publicKey } },
  });
  return { agentId, name, workspace, pool };
}

/** One text for all: it does not tell whether a code ever existed. */
function refused() {
  return unauthenticated('The join code is not valid: it may be mistyped, used or expired. Make a new one on the page of the work pool.');
}

/** The checksum inside an nkey tells a mistyped one. */
function checkPublicKey(publicKey: string): void {
  try {
    fromPublic(publicKey);
  } catch {
    throw invalidInput([{ field: 'publicKey', expected: 'the public key of an nkey user, checksum included', received: publicKey }]);
  }
}

/** `name`, or `name-2`, `name-3` ... when an agent of the pool that is not revoked has it. The pool's row is locked, so two do not pick one. */
async function freeName(tx: Tx, poolId: string, wanted: string): Promise<string> {
  await tx.$executeRaw`SELECT 1 FROM work_pool WHERE id = ${poolId}::uuid FOR NO KEY UPDATE`;
  const taken = await tx.agent.findMany({ where: { poolId, revokedAt: null, name: { startsWith: wanted } }, select: { name: true } });
  const names = new Set(taken.map((agent) => agent.name));
  for (let n = 1; ; n++) {
    const name = n === 1 ? wanted : `${wanted}-${n}`;
    if (!names.has(name)) return name;
  }
}

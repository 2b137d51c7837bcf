/** The row of a join code, locked; a code that is used or over is told to the security officers of its organization. */
import { toId } from '@signalbox/proto';
import { recordRefusal } from '../../platform/audit.ts';
import type { Tx } from '../../platform/db.ts';
import { unauthenticated } from '../../platform/errors.ts';
import { hashSecret, sameHash } from '../../platform/secrets.ts';
import type { Services } from '../../platform/services.ts';

export type JoinCodeRow = {
  readonly id: string;
  readonly usable: boolean;
  readonly usedBy: string | null;
  readonly workspaceId: string;
  readonly poolId: string;
  /** Email of who made it, where a person did. */
  readonly createdBy: string | null;
};

/** @throws UNAUTHENTICATED for a code that never was. */
export async function findJoinCode(
  tx: Tx,
  services: Pick<Services, 'db' | 'log'>,
  input: { readonly joinCode: string; readonly publicKey: string },
  from: { readonly address: string; readonly requestId: string },
): Promise<JoinCodeRow> {
  const hash = hashSecret(input.joinCode);
  // The code's row is locked: of two that use it at once, one waits and then finds it used.
  const [found] = await tx.$queryRaw<
    (JoinCodeRow & { readonly codeHash: Uint8Array; readonly organizationId: string; readonly usedKey: string | null })[]
  >`
    SELECT j.id, j.code_hash AS "codeHash", j.used_at IS NULL AND j.expires_at > now() AS usable, j.used_by_agent_id AS "usedBy",
           j.workspace_id AS "workspaceId", j.pool_id AS "poolId", w.organization_id AS "organizationId",
           (SELECT u.email FROM identity_user u WHERE u.id = j.created_by) AS "createdBy",
           (SELECT a.public_key FROM agent a WHERE a.id = j.used_by_agent_id) AS "usedKey"
      FROM join_code j JOIN workspace w ON w.id = j.workspace_id WHERE j.code_hash = ${hash} FOR UPDATE OF j`;
  if (!found || !sameHash(found.codeHash, hash)) throw refusedCode();
  // Its own agent may repeat itself: an answer was lost.
  if (!found.usable && found.usedKey !== input.publicKey) {
    const { id, workspaceId, organizationId } = found;
    recordRefusal(services, {
      action: 'agent.refuse-join-code',
      actor: { kind: 'join-code', id, name: toId('joinCode', id) },
      target: { kind: 'join-code', id },
      organizationIds: [organizationId],
      workspaceId,
      address: from.address,
      requestId: from.requestId,
      details: { reason: 'used or expired', publicKey: input.publicKey },
    });
  }
  return found;
}

/** One text for all: it does not tell whether a code ever existed. */
export function refusedCode() {
  return unauthenticated('The join code is not valid: it may be mistyped, used or expired. Make a new one on the page of the work pool.');
}

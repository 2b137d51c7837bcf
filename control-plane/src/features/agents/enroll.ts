/**
 * A public key becomes an agent with a credential, by a join code (used once) or by an API key that may enroll. The private key
 * was made at home and stays there.
 *
 * A code is used once, under its row's lock. Its user may repeat the request with the same key (an answer that was
 * lost), and is answered the same agent; so may the holder of an API key.
 */
import { fromPublic } from '@nats-io/nkeys';
import { toId, uuidv7 } from '@signalbox/proto';
import type { Enroll, EnrollReply } from '@signalbox/proto/messages';
import { type AuditActor, writeAudit } from '../../platform/audit.ts';
import type { Tx } from '../../platform/db.ts';
import { conflict, forbidden, invalidInput, limitExceeded, notFound, unauthenticated } from '../../platform/errors.ts';
import type { Services } from '../../platform/services.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import { authorize } from '../../platform/trpc.ts';
import { forgiveAttempt, identifyByKey, JOIN_CODE_BY_ADDRESS, requireNetworkOf, takeAttempt } from '../identity/index.ts';
import { requireRoomForAgent } from '../usage/index.ts';
import { findPoolRow } from '../work-pools/index.ts';
import { findJoinCode, refusedCode } from './find-join-code.ts';
import { issueCredential } from './issue-credential.ts';

type From = { readonly address: string; readonly requestId: string; readonly headers: Headers };
type Place = { readonly workspaceId: string; readonly poolId: string };
type By = { readonly via: 'join-code' | 'api-key'; readonly name: string | null; readonly actor: AuditActor };
type Enrolled = {
  readonly agentId: string;
  readonly name: string;
  readonly workspace: { readonly id: string; readonly slug: string };
  readonly pool: { readonly id: string; readonly name: string };
};

/** @throws UNAUTHENTICATED for a code that is wrong, used or over, CONFLICT for a key that is another agent's. */
export async function enrollAgent(services: Services, input: Enroll, from: From): Promise<EnrollReply> {
  checkPublicKey(input.publicKey);
  const enrolled = input.joinCode
    ? await byCode(services, { ...input, joinCode: input.joinCode }, from)
    : await byKey(services, input, from);
  const { agentId, workspace, pool } = enrolled;
  const credential = await issueCredential(services, { workspaceId: workspace.id, agentId, poolId: pool.id, publicKey: input.publicKey });
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

async function byCode(services: Services, input: Enroll & { joinCode: string }, from: From): Promise<Enrolled> {
  const waitMs = await takeAttempt(services.db, JOIN_CODE_BY_ADDRESS, from.address);
  if (waitMs !== null) throw limitExceeded('Too many refused join codes from your address.', { retryAfterMs: waitMs });
  const enrolled = await services.db.system.$transaction(async (tx) => {
    const code = await findJoinCode(tx, services, input, from);
    // On this connection: as many as the pool has, each waiting for another one, would all wait for ever.
    await requireNetworkOf(sqlOfTx(tx), code.workspaceId, from.address);
    const known = await tx.agent.findUnique({ where: { publicKey: input.publicKey } });
    if (known && known.id === code.usedBy && known.revokedAt === null) return place(tx, code, known);
    if (!code.usable) throw refusedCode();
    refuseKnown(known);
    const actor = { kind: 'join-code', id: code.id, name: toId('joinCode', code.id) } as const;
    const agent = await makeAgent(tx, services, code, input, from, { via: 'join-code', name: code.createdBy, actor });
    await tx.joinCode.update({ where: { id: code.id }, data: { usedAt: new Date(), usedByAgentId: agent.id } });
    return place(tx, code, agent);
  });
  await forgiveAttempt(services.db, JOIN_CODE_BY_ADDRESS, from.address);
  return enrolled;
}

/** For fleets that are made by machines: the key of a service account with the role Agent, or any that may enroll. */
async function byKey(services: Services, input: Enroll, from: From): Promise<Enrolled> {
  const identity = await identifyByKey(services, from.headers, from.address);
  if (!identity) throw unauthenticated('Send a join code, or an API key with the scope agents:connect as "Authorization: Bearer sbk_...".');
  const { workspace, narrowing } = authorize(identity, null, 'agents:connect', true);
  const { pool: ref } = input;
  if (ref === undefined) throw invalidInput([{ field: 'pool', expected: 'the work pool to serve: an API key is for all of a workspace' }]);
  return services.db.system.$transaction(async (tx) => {
    const pool = await findPoolRow(tx, workspace.id, ref);
    if (!pool || (narrowing && !(narrowing.on === 'work-pool' && narrowing.ids.includes(pool.id)))) throw notFound('work pool', ref);
    const at = { workspaceId: workspace.id, poolId: pool.id };
    const known = await tx.agent.findUnique({ where: { publicKey: input.publicKey } });
    if (known && known.poolId === pool.id && known.revokedAt === null) return place(tx, at, known);
    refuseKnown(known);
    const { actor } = identity;
    return place(tx, at, await makeAgent(tx, services, at, input, from, { via: 'api-key', name: actor.name, actor }));
  });
}

async function makeAgent(
  tx: Tx,
  { settings }: Pick<Services, 'settings'>,
  at: Place,
  input: Enroll,
  from: From,
  by: By,
): Promise<{ id: string; name: string }> {
  const { workspaceId, poolId } = at;
  await requireRoomForAgent(sqlOfTx(tx), workspaceId, settings.workspaceLimits);
  const id = uuidv7(Date.now());
  const name = await freeName(tx, poolId, input.name);
  const enrolled = { enrolledVia: by.via, enrolledBy: by.name, enrolledFrom: from.address };
  await tx.agent.create({ data: { id, workspaceId, poolId, name, publicKey: input.publicKey, ...enrolled } });
  const pool = await tx.workPool.findUniqueOrThrow({ where: { id: poolId }, select: { name: true } });
  const after = { name, pool: pool.name, publicKey: input.publicKey, from: from.address };
  await writeAudit(tx, {
    workspaceId,
    actor: by.actor,
    action: 'agent.enroll',
    requestId: from.requestId,
    facts: { target: { kind: 'agent', id }, before: null, after },
  });
  return { id, name };
}

async function place(tx: Tx, at: Place, agent: { id: string; name: string }): Promise<Enrolled> {
  const workspace = await tx.workspace.findUniqueOrThrow({ where: { id: at.workspaceId }, select: { id: true, slug: true } });
  const pool = await tx.workPool.findUniqueOrThrow({ where: { id: at.poolId }, select: { id: true, name: true } });
  return { agentId: agent.id, name: agent.name, workspace, pool };
}

function refuseKnown(known: { revokedAt: Date | null } | null): void {
  if (known?.revokedAt) throw forbidden('This agent was revoked. Start it with an empty data directory, so that it makes a new key.');
  if (known) throw conflict('This key is enrolled already. Start the agent without a join code, or with an empty data directory.');
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

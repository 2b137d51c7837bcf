/** The verbs of service levels. */
import { toId, toUuid, uuidv7 } from '@signalbox/proto';
import type { createSlaInput, listSlasInput, listSlaViolationsInput, Sla, SlaViolation, updateSlaInput } from '@signalbox/proto/api';
import type { z } from 'zod';
import { type Audited, audited } from '../../platform/audit.ts';
import { conflict, invalidInput, limitExceeded, notFound, preconditionFailed } from '../../platform/errors.ts';
import { cursorPlainUuid, type Page } from '../../platform/pagination.ts';
import type { CommandCtx, Ctx } from '../../platform/services.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import {
  deploymentIsThere,
  findSla,
  insertSla,
  lockSla,
  type NewSla,
  nameIsTaken,
  readSlas,
  readViolations,
  removeSla,
  writeSla,
} from './store.ts';

/** Service levels of one workspace. */
const MOST = 1_000;

export function listSlas(ctx: Ctx, { deployment, asset }: z.output<typeof listSlasInput>): Promise<Sla[]> {
  return readSlas(sqlOfTx(ctx.tx), ctx.workspace.id, {
    deploymentId: deployment ? toUuid('deployment', deployment) : null,
    asset: asset ?? null,
  });
}

/** @throws NOT_FOUND for the deployment, CONFLICT when the name is taken, INVALID_INPUT */
export async function createSla(ctx: CommandCtx, input: z.output<typeof createSlaInput>): Promise<Audited<Sla>> {
  const { name, kind, deployment, asset = null, seconds, severity } = input;
  const sql = sqlOfTx(ctx.tx);
  const isOfAsset = kind === 'freshness';
  if (isOfAsset !== (asset !== null))
    throw invalidInput([{ field: 'asset', expected: isOfAsset ? 'the URI of an asset' : 'nothing: it is about a deployment' }]);
  if (isOfAsset === (deployment !== undefined))
    throw invalidInput([{ field: 'deployment', expected: isOfAsset ? 'nothing: it is about an asset' : 'the id of a deployment' }]);
  const deploymentId = deployment ? toUuid('deployment', deployment) : null;
  if (deploymentId && !(await deploymentIsThere(sql, ctx.workspace.id, deploymentId))) throw notFound('deployment', deployment ?? '');
  const id = await addSla(ctx, { name, kind, asset, seconds, severity, deploymentId, codeOf: null });
  return audited(await findOrThrow(ctx, toId('sla', id)), { target: { kind: 'sla', id }, before: null, after: input });
}

/** Its id. @throws CONFLICT when the name is taken, LIMIT_EXCEEDED */
export async function addSla(ctx: CommandCtx, sla: NewSla): Promise<string> {
  const sql = sqlOfTx(ctx.tx);
  if ((await readSlas(sql, ctx.workspace.id, { deploymentId: null, asset: null })).length >= MOST)
    throw limitExceeded(`A workspace has at most ${MOST} service levels.`);
  const id = uuidv7(Date.now());
  if (!(await insertSla(sql, { id, workspaceId: ctx.workspace.id }, sla))) throw nameTaken(sla.name);
  return id;
}

/** What is absent stays. @throws NOT_FOUND, CONFLICT when the new name is taken, PRECONDITION_FAILED for more than a switch of one of code */
export async function updateSla(ctx: CommandCtx, { sla, ...changes }: z.output<typeof updateSlaInput>): Promise<Audited<Sla>> {
  const sql = sqlOfTx(ctx.tx);
  const before = await lockOrThrow(ctx, sla);
  const { isEnabled: _, ...ofCode } = changes;
  if (Object.values(ofCode).some((value) => value !== undefined)) requireOperators(before);
  const { name = before.name, seconds = before.seconds, severity = before.severity, isEnabled = before.isEnabled } = changes;
  if (name !== before.name && (await nameIsTaken(sql, ctx.workspace.id, name))) throw nameTaken(name);
  const id = toUuid('sla', before.id);
  await writeSla(sql, id, { name, seconds, severity, isEnabled });
  const after = await findOrThrow(ctx, sla);
  return audited(after, { target: { kind: 'sla', id }, before: facts(before), after: facts(after) });
}

/** @throws NOT_FOUND, PRECONDITION_FAILED for one of code */
export async function deleteSla(ctx: CommandCtx, { sla }: { sla: string }): Promise<Audited<{ deleted: true }>> {
  const before = await lockOrThrow(ctx, sla);
  requireOperators(before);
  const id = toUuid('sla', before.id);
  await removeSla(sqlOfTx(ctx.tx), id);
  return audited({ deleted: true as const }, { target: { kind: 'sla', id }, before: facts(before), after: null });
}

/** Newest first. */
export async function listSlaViolations(ctx: Ctx, input: z.output<typeof listSlaViolationsInput>): Promise<Page<SlaViolation>> {
  const { sla, deployment, asset = null, cursor, limit } = input;
  const rows = await readViolations(sqlOfTx(ctx.tx), ctx.workspace.id, {
    slaId: sla ? toUuid('sla', sla) : null,
    deploymentId: deployment ? toUuid('deployment', deployment) : null,
    asset,
    before: cursorPlainUuid(cursor),
    limit: limit + 1,
  });
  const items = rows.slice(0, limit);
  return { items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}

async function lockOrThrow(ctx: Ctx, id: string): Promise<Sla> {
  if (!(await lockSla(sqlOfTx(ctx.tx), ctx.workspace.id, toUuid('sla', id)))) throw notFound('service level', id);
  return findOrThrow(ctx, id);
}

async function findOrThrow(ctx: Ctx, id: string): Promise<Sla> {
  const found = await findSla(sqlOfTx(ctx.tx), ctx.workspace.id, toUuid('sla', id));
  if (!found) throw notFound('service level', id);
  return found;
}

function requireOperators({ name, origin }: Sla): void {
  if (origin === 'operator') return;
  throw preconditionFailed(`"${name}" is declared in code: change it there and deploy, or switch it off.`, { name });
}

const nameTaken = (name: string) => conflict(`There is a service level "${name}" already.`, { name });
const facts = ({ name, kind, seconds, severity, isEnabled }: Sla) => ({ name, kind, seconds, severity, isEnabled });

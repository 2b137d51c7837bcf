/** What automations did, and why; and trying again what was given up. */
import { toId, toUuid } from '@signalbox/proto';
import type { AutomationFiring, listFiringsInput } from '@signalbox/proto/api';
import type { z } from 'zod';
import { type Audited, audited } from '../../platform/audit.ts';
import { conflict, notFound } from '../../platform/errors.ts';
import { cursorUuid, type Page, pageOf } from '../../platform/pagination.ts';
import type { CommandCtx, Ctx } from '../../platform/services.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import { actionExists, findFiring, readFirings, redoAction } from './firings-store.ts';
import { requireAutomation } from './save.ts';

export async function listFirings(ctx: Ctx, input: z.output<typeof listFiringsInput>): Promise<Page<AutomationFiring>> {
  const automation = input.automation === undefined ? null : await requireAutomation(ctx, input.automation);
  const rows = await readFirings(sqlOfTx(ctx.tx), ctx.workspace.id, {
    automationId: automation?.id ?? null,
    kind: input.kind ?? null,
    failed: input.failed ?? null,
    event: input.event ?? null,
    before: cursorUuid('automationFiring', input.cursor),
    limit: input.limit + 1,
  });
  return pageOf(
    'automationFiring',
    rows,
    input.limit,
    ({ id }) => id,
    ({ firing }) => firing,
  );
}

/** @throws NOT_FOUND */
export async function getFiring(ctx: Ctx, { firing }: { firing: string }): Promise<AutomationFiring> {
  const found = await findFiring(sqlOfTx(ctx.tx), ctx.workspace.id, toUuid('automationFiring', firing));
  if (!found) throw notFound('firing', firing);
  return found;
}

/** @throws NOT_FOUND, CONFLICT for one that was not given up */
export async function retryAction(ctx: CommandCtx, { action }: { action: string }): Promise<Audited<AutomationFiring>> {
  const sql = sqlOfTx(ctx.tx);
  const id = toUuid('automationAction', action);
  const redone = await redoAction(sql, ctx.workspace.id, id);
  if (!redone) {
    if (!(await actionExists(sql, ctx.workspace.id, id))) throw notFound('action', action);
    throw conflict(`${action} was not given up: only a failed action is tried again.`, { action });
  }
  const firing = await getFiring(ctx, { firing: toId('automationFiring', redone.firingId) });
  return audited(firing, { target: { kind: 'automation-action', id }, before: { status: 'failed' }, after: { status: 'waiting' } });
}

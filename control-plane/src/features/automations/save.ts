/** Writing what an automation is from now on, without asking whether it may be: check.ts is asked before. */
import { isDeepStrictEqual } from 'node:util';
import { toId } from '@signalbox/proto';
import { type Automation, type AutomationDefinition, automationDefinitionSchema, isEventsTrigger } from '@signalbox/proto/api';
import { initialBuckets } from '../../domain/triggers/index.ts';
import { callsOf, hideHeaders } from '../../domain/webhook-headers.ts';
import { type Audited, audited } from '../../platform/audit.ts';
import { AppError, notFound } from '../../platform/errors.ts';
import type { CommandCtx, Ctx } from '../../platform/services.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import { type AutomationRow, findAutomation, restartTrigger, showAutomation, updateAutomation } from './store.ts';

/** Fields that are laid over code, where it is of code. */
export type Laid = { readonly fields: Partial<AutomationDefinition>; readonly reason: string | null };

/** @throws NOT_FOUND */
export async function requireAutomation(ctx: Ctx, ref: string, how?: 'lock'): Promise<AutomationRow> {
  const row = await findAutomation(sqlOfTx(ctx.tx), ctx.workspace.id, ref, how);
  if (!row) throw notFound('automation', ref);
  return row;
}

/** The trigger starts anew only where it changed or was switched. @throws CONFLICT for a name that is taken */
export async function writeAutomation(
  ctx: CommandCtx,
  row: AutomationRow,
  wanted: AutomationDefinition,
  { laid, scopes }: { readonly laid: Laid; readonly scopes: readonly string[] },
): Promise<Audited<Automation>> {
  const definition = automationDefinitionSchema.parse(wanted);
  const author = authorOf(ctx);
  const fields = { ...row.overlay?.fields, ...laid.fields };
  const overlay =
    row.code === null || Object.keys(fields).length === 0
      ? null
      : { fields, by: author.name, reason: laid.reason ?? row.overlay?.reason ?? null, at: new Date().toISOString() };
  const { deploymentId, code } = row;
  const written = { definition, scopes, author, deploymentId, code, overlay };
  if (!(await updateAutomation(sqlOfTx(ctx.tx), ctx.workspace.id, row.id, written))) throw nameTaken(definition.name);
  if (!isDeepStrictEqual(row.trigger, definition.trigger) || definition.enabled !== row.enabled) await restart(ctx, row.id, definition);
  tell(ctx, row.id);
  const changes = changedFields(definitionOf(row), definition);
  const shown = showAutomation(await requireAutomation(ctx, toId('automation', row.id)));
  const pick = (of: AutomationDefinition) => Object.fromEntries(changes.map((field) => [field, of[field]]));
  const known = new Set(callsOf(row).flatMap(({ action }) => Object.values(action.headers)));
  return audited(shown, {
    target: { kind: 'automation', id: row.id },
    before: hideHeaders(pick(definitionOf(row))),
    after: hideHeaders(pick(definition), known),
  });
}

/** What code says from now on, under the overlay that stays. `effective` is both merged. */
export async function writeCode(
  ctx: CommandCtx,
  row: AutomationRow,
  effective: AutomationDefinition,
  { code, scopes }: { readonly code: AutomationDefinition; readonly scopes: readonly string[] },
): Promise<void> {
  const { deploymentId, overlay } = row;
  const written = { definition: effective, scopes, author: authorOf(ctx), deploymentId, code, overlay };
  if (!(await updateAutomation(sqlOfTx(ctx.tx), ctx.workspace.id, row.id, written))) throw nameTaken(effective.name);
  if (!isDeepStrictEqual(row.trigger, effective.trigger) || effective.enabled !== row.enabled) await restart(ctx, row.id, effective);
  tell(ctx, row.id);
}

/** Switched on, it counts from here; what happened meanwhile is no business of its. */
export async function writeSwitch(ctx: CommandCtx, row: AutomationRow, enabled: boolean): Promise<Audited<Automation>> {
  if (row.enabled === enabled && row.problem === null)
    return audited(showAutomation(row), { target: { kind: 'automation', id: row.id }, before: { enabled }, after: { enabled } });
  return writeAutomation(ctx, row, { ...definitionOf(row), enabled }, { laid: { fields: { enabled }, reason: null }, scopes: row.scopes });
}

export async function restart(ctx: CommandCtx, id: string, { trigger, enabled }: AutomationDefinition): Promise<void> {
  const buckets = enabled && isEventsTrigger(trigger) ? initialBuckets(trigger, Date.now()) : new Map();
  await restartTrigger(sqlOfTx(ctx.tx), ctx.workspace.id, id, buckets);
}

export function definitionOf(row: AutomationRow): AutomationDefinition {
  const { name, description, enabled, trigger, onTrigger, onResolve } = row;
  return { name, description, enabled, trigger, onTrigger, onResolve };
}

export function changedFields(before: AutomationDefinition, after: AutomationDefinition): (keyof AutomationDefinition)[] {
  return (Object.keys(after) as (keyof AutomationDefinition)[]).filter((field) => !isDeepStrictEqual(before[field], after[field]));
}

export function authorOf({ actor }: Ctx) {
  return { kind: actor.kind, id: actor.id, name: actor.kind === 'user' ? actor.email : actor.name };
}

export function tell(ctx: CommandCtx, id: string): void {
  ctx.afterCommit(() => ctx.bus.live(ctx.workspace.id, { kind: 'automation', id: toId('automation', id) }));
}

export function nameTaken(name: string): AppError {
  return new AppError('CONFLICT', `There is an automation "${name}" already.`, { details: { name } });
}

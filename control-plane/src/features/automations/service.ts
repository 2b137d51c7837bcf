/** The verbs of automations. One of code is changed by an overlay, which deploys leave alone; see overlay.ts. */
import { toId, uuidv7 } from '@signalbox/proto';
import {
  AUTOMATIONS_MAX,
  type Automation,
  type AutomationDefinition,
  type listAutomationsInput,
  type updateAutomationInput,
  type upsertedAutomationSchema,
} from '@signalbox/proto/api';
import type { z } from 'zod';
import { type Audited, audited } from '../../platform/audit.ts';
import { limitExceeded, notFound } from '../../platform/errors.ts';
import { cursorUuid, type Page, pageOf } from '../../platform/pagination.ts';
import type { CommandCtx, Ctx } from '../../platform/services.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import { findDeploymentRef } from '../deployments/index.ts';
import { checkDefinition, ownerOf, requireRights } from './check.ts';
import { closeHeaders } from './headers/seal-headers.ts';
import {
  authorOf,
  changedFields,
  definitionOf,
  type Laid,
  nameTaken,
  requireAutomation,
  restart,
  tell,
  writeAutomation,
  writeSwitch,
} from './save.ts';
import {
  type AutomationRow,
  countAutomations,
  findAutomation,
  insertAutomation,
  readAutomations,
  deleteAutomation as removeAutomation,
  showAutomation,
} from './store.ts';

type Ref = { readonly automation: string };

export async function listAutomations(ctx: Ctx, input: z.output<typeof listAutomationsInput>): Promise<Page<Automation>> {
  const deployment = input.deployment === undefined ? null : await findDeploymentRef(ctx.tx, ctx.workspace.id, input.deployment);
  if (input.deployment !== undefined && !deployment) throw notFound('deployment', input.deployment);
  const rows = await readAutomations(sqlOfTx(ctx.tx), ctx.workspace.id, {
    search: input.search || null,
    enabled: input.enabled ?? null,
    deploymentId: deployment?.id ?? null,
    before: cursorUuid('automation', input.cursor),
    limit: input.limit + 1,
  });
  return pageOf('automation', rows, input.limit, (row) => row.id, showAutomation);
}

export async function getAutomation(ctx: Ctx, { automation }: Ref): Promise<Automation> {
  return showAutomation(await requireAutomation(ctx, automation));
}

/** @throws CONFLICT for a name that is taken, LIMIT_EXCEEDED */
export async function createAutomation(ctx: CommandCtx, asked: AutomationDefinition): Promise<Audited<Automation>> {
  const sql = sqlOfTx(ctx.tx);
  const definition = await closeHeaders(ownerOf(ctx), asked);
  const scopes = await checkDefinition(ctx, definition);
  if ((await countAutomations(sql, ctx.workspace.id)) >= AUTOMATIONS_MAX)
    throw limitExceeded(`A workspace has at most ${AUTOMATIONS_MAX} automations.`);
  const id = uuidv7(Date.now());
  const written = { definition, scopes, author: authorOf(ctx) };
  if (!(await insertAutomation(sql, ctx.workspace.id, id, written))) throw nameTaken(definition.name);
  await restart(ctx, id, definition);
  tell(ctx, id);
  const made = showAutomation(await requireAutomation(ctx, toId('automation', id)));
  return audited(made, { target: { kind: 'automation', id }, before: null, after: factsOf(definition) });
}

/** Fields that are left out stay. @throws NOT_FOUND, CONFLICT for a name that is taken */
export async function updateAutomation(ctx: CommandCtx, input: z.output<typeof updateAutomationInput>): Promise<Audited<Automation>> {
  const { automation: ref, reason = null, ...given } = input;
  const before = await requireAutomation(ctx, ref, 'lock');
  const fields = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<AutomationDefinition>;
  const wanted = await closeHeaders(ownerOf(ctx), { ...definitionOf(before), ...fields }, storedOf(before));
  return save(ctx, before, wanted, { fields: pick(wanted, Object.keys(fields) as (keyof AutomationDefinition)[]), reason });
}

/** Made where there is none of its name, else what it says is what there is. */
export async function upsertAutomation(
  ctx: CommandCtx,
  asked: AutomationDefinition,
): Promise<Audited<z.output<typeof upsertedAutomationSchema>>> {
  const before = await findAutomation(sqlOfTx(ctx.tx), ctx.workspace.id, asked.name, 'lock');
  if (!before) {
    const { output, facts } = await createAutomation(ctx, asked);
    return audited({ outcome: 'created' as const, changes: Object.keys(asked), automation: output }, facts);
  }
  const definition = await closeHeaders(ownerOf(ctx), asked, storedOf(before));
  const changes = changedFields(definitionOf(before), definition);
  if (changes.length === 0) {
    const target = { kind: 'automation', id: before.id };
    return audited({ outcome: 'unchanged' as const, changes, automation: showAutomation(before) }, { target, before: null, after: null });
  }
  const { output, facts } = await save(ctx, before, definition, { fields: pick(definition, changes), reason: null });
  return audited({ outcome: 'updated' as const, changes, automation: output }, facts);
}

export const enableAutomation = (ctx: CommandCtx, input: Ref) => switchAutomation(ctx, input, true);
export const disableAutomation = (ctx: CommandCtx, input: Ref) => switchAutomation(ctx, input, false);

/** Switched on, it counts from here. @throws FORBIDDEN for what its actions need */
async function switchAutomation(ctx: CommandCtx, { automation }: Ref, enabled: boolean): Promise<Audited<Automation>> {
  const before = await requireAutomation(ctx, automation, 'lock');
  if (enabled) await requireRights(ctx, before);
  return writeSwitch(ctx, before, enabled);
}

/** With its history and what it has not done yet. One of code comes back with the next deploy. */
export async function deleteAutomation(ctx: CommandCtx, { automation }: Ref): Promise<Audited<{ deleted: true }>> {
  const before = await requireAutomation(ctx, automation, 'lock');
  await removeAutomation(sqlOfTx(ctx.tx), ctx.workspace.id, before.id);
  tell(ctx, before.id);
  const target = { kind: 'automation', id: before.id };
  return audited({ deleted: true as const }, { target, before: factsOf(definitionOf(before)), after: null });
}

/** What an operator laid over code is taken away. */
export async function resetAutomation(ctx: CommandCtx, { automation }: Ref): Promise<Audited<Automation>> {
  const before = await requireAutomation(ctx, automation, 'lock');
  if (before.code === null || before.overlay === null)
    return audited(showAutomation(before), { target: { kind: 'automation', id: before.id }, before: null, after: null });
  return save(ctx, { ...before, overlay: null }, before.code, { fields: {}, reason: null });
}

/** `wanted`: with headers sealed. */
async function save(ctx: CommandCtx, row: AutomationRow, wanted: AutomationDefinition, laid: Laid): Promise<Audited<Automation>> {
  return writeAutomation(ctx, row, wanted, { laid, scopes: await checkDefinition(ctx, wanted) });
}

/** Where what stands for a sealed value is looked for: what is seen of it, then what code says. */
const storedOf = (row: AutomationRow) => [row, ...(row.code ? [row.code] : [])];
const pick = (definition: AutomationDefinition, fields: readonly (keyof AutomationDefinition)[]): Partial<AutomationDefinition> =>
  Object.fromEntries(fields.map((field) => [field, definition[field]]));

function factsOf({ name, enabled, trigger, onTrigger, onResolve }: AutomationDefinition) {
  const types = (actions: AutomationDefinition['onTrigger']) => actions.map(({ type }) => type);
  return { name, enabled, trigger: trigger.type, onTrigger: types(onTrigger), onResolve: types(onResolve) };
}

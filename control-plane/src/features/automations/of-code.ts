/**
 * Triggers that a deployment declares in code: automations of its own. What code says lies below what an operator laid over it; a
 * deploy changes the one, leaves the other, and says what differs.
 */
import { toId, uuidv7 } from '@signalbox/proto';
import { type AutomationDefinition, automationDefinitionSchema, type DeployTrigger } from '@signalbox/proto/api';
import type { CommandCtx } from '../../platform/services.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import type { Deployed } from '../deployments/index.ts';
import { checkDefinition, ownerOf } from './check.ts';
import { closeHeaders } from './headers/seal-headers.ts';
import { authorOf, changedFields, nameTaken, restart, tell, writeCode } from './save.ts';
import { type AutomationRow, automationsOfDeployment, deleteAutomation, insertAutomation } from './store.ts';

/** @throws FORBIDDEN for actions that who deploys may not do, CONFLICT for a name that an automation has */
export async function automationsForDeploy(ctx: CommandCtx, { deploymentId, input }: Deployed): Promise<string[]> {
  if (input.triggers === undefined) return [];
  const sql = sqlOfTx(ctx.tx);
  const before = await automationsOfDeployment(sql, deploymentId);
  const wanted = input.triggers.map((trigger, i) =>
    definitionOf(trigger, { deploymentId, name: `${input.flow} ${input.name} trigger ${i + 1}` }),
  );
  const lines: string[] = [];
  for (const definition of wanted) {
    const row = before.find(({ code }) => code?.name === definition.name);
    lines.push(...(row ? await change(ctx, row, definition) : await make(ctx, deploymentId, definition)));
  }
  for (const row of before) {
    if (wanted.some(({ name }) => name === row.code?.name)) continue;
    await deleteAutomation(sql, ctx.workspace.id, row.id);
    lines.push(`trigger "${row.code?.name ?? row.name}": removed`);
  }
  return lines;
}

function definitionOf(declared: DeployTrigger, { deploymentId, name }: { deploymentId: string; name: string }): AutomationDefinition {
  const { parameters, delaySeconds, onTrigger, ...rest } = declared;
  const run = { type: 'run-deployment' as const, deployment: toId('deployment', deploymentId), parameters, delaySeconds };
  return automationDefinitionSchema.parse({ ...rest, name: declared.name ?? name, onTrigger: onTrigger ?? [run] });
}

async function make(ctx: CommandCtx, deploymentId: string, asked: AutomationDefinition): Promise<string[]> {
  const definition = await closeHeaders(ownerOf(ctx), asked);
  const scopes = await checkDefinition(ctx, definition);
  const id = uuidv7(Date.now());
  const written = { definition, scopes, author: authorOf(ctx), deploymentId, code: definition };
  if (!(await insertAutomation(sqlOfTx(ctx.tx), ctx.workspace.id, id, written))) throw nameTaken(definition.name);
  await restart(ctx, id, definition);
  tell(ctx, id);
  return [`trigger "${definition.name}": added`];
}

async function change(ctx: CommandCtx, row: AutomationRow, asked: AutomationDefinition): Promise<string[]> {
  const code = await closeHeaders(ownerOf(ctx), asked, row.code ? [row.code, row] : [row]);
  const changes = row.code ? changedFields(row.code, code) : [];
  if (changes.length === 0) return [];
  const effective = automationDefinitionSchema.parse({ ...code, ...row.overlay?.fields });
  await writeCode(ctx, row, effective, { code, scopes: await checkDefinition(ctx, effective) });
  return changes.map((field) => {
    const hidden = row.overlay && field in row.overlay.fields ? `, hidden by what ${row.overlay.by} set` : '';
    return `trigger "${code.name}": ${field} changed${hidden}`;
  });
}

/** The verbs of variables. The audit names them, and says of values that they changed and how large they are: people put what they like in. */
import type { listVariablesInput, setVariableInput, Variable } from '@signalbox/proto/api';
import { VARIABLE_MAX_BYTES } from '@signalbox/proto/messages';
import type { z } from 'zod';
import { type Audited, audited } from '../../platform/audit.ts';
import { conflict, invalidInput, limitExceeded, notFound } from '../../platform/errors.ts';
import type { Page } from '../../platform/pagination.ts';
import type { CommandCtx, Ctx } from '../../platform/services.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import { countVariables, findVariable, putVariable, readVariables, removeVariable } from './store.ts';

/** Variables of one workspace. */
const MOST = 10_000;

/** By name. */
export async function listVariables(ctx: Ctx, input: z.output<typeof listVariablesInput>): Promise<Page<Variable>> {
  const { prefix = '', limit, cursor = '' } = input;
  const rows = await readVariables(sqlOfTx(ctx.tx), ctx.workspace.id, { prefix, after: cursor, limit: limit + 1 });
  const items = rows.slice(0, limit);
  return { items, nextCursor: rows.length > limit ? (items.at(-1)?.name ?? null) : null };
}

/** @throws NOT_FOUND */
export async function getVariable(ctx: Ctx, { name }: { name: string }): Promise<Variable> {
  const found = await findVariable(sqlOfTx(ctx.tx), ctx.workspace.id, name);
  if (!found) throw notFound('variable', name);
  return found;
}

/** Makes it, or changes it. @throws CONFLICT with `onlyNew` where there is one; INVALID_INPUT for a value over 64 KiB */
export async function setVariable(ctx: CommandCtx, input: z.output<typeof setVariableInput>): Promise<Audited<Variable>> {
  const bytes = Buffer.byteLength(JSON.stringify(input.value) ?? '');
  if (bytes === 0) throw invalidInput([{ field: 'value', expected: 'a value of JSON', received: 'nothing' }]);
  if (bytes > VARIABLE_MAX_BYTES) {
    throw invalidInput([{ field: 'value', expected: `at most ${VARIABLE_MAX_BYTES} bytes of JSON`, received: `${bytes} bytes` }]);
  }
  const sql = sqlOfTx(ctx.tx);
  const workspaceId = ctx.workspace.id;
  const before = await findVariable(sql, workspaceId, input.name, 'lock');
  if (before && input.onlyNew) throw conflict(`There is a variable "${input.name}" already.`, { name: input.name });
  if (!before && (await countVariables(sql, workspaceId)) >= MOST) throw limitExceeded(`A workspace has at most ${MOST} variables.`);
  const { name, value, description = before?.description ?? '', tags = before?.tags ?? [] } = input;
  const after = await putVariable(sql, workspaceId, { name, value, description, tags });
  return audited(after, { target: { kind: 'variable', id: null }, before: before && facts(before), after: facts(after) });
}

/** @throws NOT_FOUND */
export async function deleteVariable(ctx: CommandCtx, { name }: { name: string }): Promise<Audited<{ deleted: true }>> {
  const before = await removeVariable(sqlOfTx(ctx.tx), ctx.workspace.id, name);
  if (!before) throw notFound('variable', name);
  return audited({ deleted: true as const }, { target: { kind: 'variable', id: null }, before: facts(before), after: null });
}

function facts({ name, value, description, tags }: Variable) {
  return { name, description, tags, valueBytes: Buffer.byteLength(JSON.stringify(value)) };
}

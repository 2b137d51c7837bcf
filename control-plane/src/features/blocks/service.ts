/** The verbs of blocks. The audit names them and says how large a value is; a secret field takes references alone. */
import { type FieldIssue, toUuid, uuidv7 } from '@signalbox/proto';
import {
  type Block,
  type BlockType,
  type listBlocksInput,
  secretSlotSchema,
  type setBlockInput,
  type setBlockTypeInput,
} from '@signalbox/proto/api';
import { BLOCK_MAX_BYTES } from '@signalbox/proto/messages';
import type { z } from 'zod';
import { type Audited, audited } from '../../platform/audit.ts';
import { conflict, invalidInput, limitExceeded, notFound, preconditionFailed } from '../../platform/errors.ts';
import type { Page } from '../../platform/pagination.ts';
import { checkParameters, checkSchema } from '../../platform/parameter-schema.ts';
import type { CommandCtx, Ctx } from '../../platform/services.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import {
  type BlockRef,
  countBlocks,
  findBlock,
  findBlockType,
  putBlock,
  putBlockType,
  readBlocks,
  readBlockTypes,
  removeBlock,
  removeBlockType,
} from './store.ts';

/** Of one workspace. */
const MOST_TYPES = 500;
const MOST_BLOCKS = 10_000;
/** Stands for a secret while the rest of a block is checked. */
const SECRET_SCHEMA = { type: 'object', required: ['$secret'], properties: { $secret: { type: 'string' } } };

/** By name. */
export async function listBlockTypes(ctx: Ctx): Promise<BlockType[]> {
  return readBlockTypes(sqlOfTx(ctx.tx), ctx.workspace.id, MOST_TYPES);
}

/** Makes it, or changes it; blocks that are there stay as they are. @throws INVALID_INPUT for a schema that is none */
export async function setBlockType(ctx: CommandCtx, input: z.output<typeof setBlockTypeInput>): Promise<Audited<BlockType>> {
  const issues = await checkSchema(input.schema, 'schema');
  const properties = (input.schema['properties'] ?? {}) as Record<string, unknown>;
  for (const [i, field] of input.secretFields.entries()) {
    if (!Object.hasOwn(properties, field)) {
      const known = Object.keys(properties).slice(0, 20).join(', ') || 'none';
      issues.push({ field: `secretFields.${i}`, expected: `a property of the schema (${known})`, received: field });
    }
  }
  if (issues.length > 0) throw invalidInput(issues);
  const sql = sqlOfTx(ctx.tx);
  const before = await findBlockType(sql, ctx.workspace.id, input.name);
  if (!before && (await listBlockTypes(ctx)).length >= MOST_TYPES)
    throw limitExceeded(`A workspace has at most ${MOST_TYPES} block types.`);
  const after = await putBlockType(sql, ctx.workspace.id, input);
  return audited(after, { target: { kind: 'block-type', id: null }, before: before && typeFacts(before), after: typeFacts(after) });
}

/** @throws NOT_FOUND; PRECONDITION_FAILED while there are blocks of it */
export async function deleteBlockType(ctx: CommandCtx, { name }: { name: string }): Promise<Audited<{ deleted: true }>> {
  const sql = sqlOfTx(ctx.tx);
  const before = await findBlockType(sql, ctx.workspace.id, name, 'lock');
  if (!before) throw notFound('block type', name);
  if (before.blocks > 0) throw preconditionFailed(`There are ${before.blocks} blocks of the type "${name}": delete them first.`);
  await removeBlockType(sql, ctx.workspace.id, name);
  return audited({ deleted: true as const }, { target: { kind: 'block-type', id: null }, before: typeFacts(before), after: null });
}

/** By type, then name. */
export async function listBlocks(ctx: Ctx, input: z.output<typeof listBlocksInput>): Promise<Page<Block>> {
  const { type = null, limit, cursor = '' } = input;
  const [afterType = '', afterName = ''] = cursor.split('/');
  const rows = await readBlocks(sqlOfTx(ctx.tx), ctx.workspace.id, { type, after: { type: afterType, name: afterName }, limit: limit + 1 });
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > limit && last ? `${last.type}/${last.name}` : null };
}

/** @throws NOT_FOUND */
export async function getBlock(ctx: Ctx, ref: BlockRef): Promise<Block> {
  const found = await findBlock(sqlOfTx(ctx.tx), ctx.workspace.id, ref);
  if (!found) throw notFound('block', `${ref.type}/${ref.name}`);
  return found;
}

/**
 * Makes it, or changes it. Who has access to single blocks makes none.
 * @throws NOT_FOUND without such a type; CONFLICT with `onlyNew` where there is one; INVALID_INPUT where the value breaks the
 *   schema, is over 64 KiB, or holds something else than a reference in a secret field
 */
export async function setBlock(ctx: CommandCtx, input: z.output<typeof setBlockInput>): Promise<Audited<Block>> {
  const sql = sqlOfTx(ctx.tx);
  const workspaceId = ctx.workspace.id;
  const type = await findBlockType(sql, workspaceId, input.type, 'lock');
  if (!type) throw notFound('block type', input.type);
  const issues = await issuesOf(type, input.value);
  if (issues.length > 0) throw invalidInput(issues);
  const before = await findBlock(sql, workspaceId, input, 'lock');
  if (before && input.onlyNew) throw conflict(`There is a block "${input.type}/${input.name}" already.`, { name: input.name });
  if (!before && ctx.isNarrowed) throw notFound('block', `${input.type}/${input.name}`);
  if (!before && (await countBlocks(sql, workspaceId)) >= MOST_BLOCKS)
    throw limitExceeded(`A workspace has at most ${MOST_BLOCKS} blocks.`);
  const id = before ? toUuid('block', before.id) : uuidv7(Date.now());
  const after = await putBlock(sql, workspaceId, { ...input, description: input.description ?? before?.description ?? '' }, id);
  return audited(after, { target: { kind: 'block', id }, before: before && facts(before), after: facts(after) });
}

/** @throws NOT_FOUND */
export async function deleteBlock(ctx: CommandCtx, ref: BlockRef): Promise<Audited<{ deleted: true }>> {
  const before = await removeBlock(sqlOfTx(ctx.tx), ctx.workspace.id, ref);
  if (!before) throw notFound('block', `${ref.type}/${ref.name}`);
  const target = { kind: 'block', id: toUuid('block', before.id) } as const;
  return audited({ deleted: true as const }, { target, before: facts(before), after: null });
}

/** What is in a secret field is never said: it may be the secret that does not belong there. */
async function issuesOf({ schema, secretFields }: BlockType, value: Record<string, unknown>): Promise<FieldIssue[]> {
  const bytes = Buffer.byteLength(JSON.stringify(value));
  if (bytes > BLOCK_MAX_BYTES)
    return [{ field: 'value', expected: `at most ${BLOCK_MAX_BYTES} bytes of JSON`, received: `${bytes} bytes` }];
  const secrets = secretFields.flatMap((field): FieldIssue[] => {
    if (!Object.hasOwn(value, field) || secretSlotSchema.safeParse(value[field]).success) return [];
    const expected = 'a reference { "$secret": "env:DB_PASSWORD" }, which the machine that runs the code resolves; never the secret itself';
    return [{ field: `value.${field}`, expected, received: 'something else, which is not shown' }];
  });
  if (secrets.length > 0) return secrets;
  const properties = { ...(schema['properties'] as Record<string, unknown>) };
  for (const field of secretFields) properties[field] = SECRET_SCHEMA;
  const broken = await checkParameters({ ...schema, properties }, value);
  return broken.map((issue) => ({ ...issue, field: issue.field.replace(/^parameters/, 'value') }));
}

function typeFacts({ name, description, secretFields, schema }: BlockType) {
  return { name, description, secretFields, fields: Object.keys((schema['properties'] as object | undefined) ?? {}) };
}

function facts({ type, name, description, value }: Block) {
  return { type, name, description, fields: Object.keys(value), valueBytes: Buffer.byteLength(JSON.stringify(value)) };
}

/** A pool's job template: which variables a job takes, the pool's own values, and what the launcher is told. */
import type { FieldIssue } from '@signalbox/proto';
import {
  POOL_DEFAULTS_MAX_BYTES,
  POOL_TEMPLATE_MAX_BYTES,
  type PoolTemplate,
  type ShownPoolTemplate,
  type setPoolTemplateInput,
} from '@signalbox/proto/api';
import type { z } from 'zod';
import { checkTemplate, defaultsOf, jobDefaultsOf, templateOf } from '../../domain/layers/pool-template.ts';
import { mergeVariables } from '../../domain/layers/resolve.ts';
import { type Audited, audited } from '../../platform/audit.ts';
import { invalidInput, notFound } from '../../platform/errors.ts';
import { checkDefaults, checkMany, checkParameters, checkSchema } from '../../platform/parameter-schema.ts';
import type { CommandCtx, Ctx } from '../../platform/services.ts';
import { lockPool, tellLive } from './service.ts';
import { findPoolRow } from './store/pools.ts';
import { type PoolWithTemplate, readTemplate, readVariables, writeTemplate } from './store/template.ts';

/** Deployments that are looked through when a template changes. */
const CHECKED_DEPLOYMENTS = 500;
const SHOWN_CONFLICTS = 20;

/** By pool name; null when there is no such pool. */
export async function findTemplate(ctx: Ctx, pool: string | null): Promise<PoolWithTemplate | null> {
  if (pool === null) return null;
  const found = await findPoolRow(ctx.tx, ctx.workspace.id, pool);
  return found && readTemplate(ctx.tx, found.id);
}

/**
 * What of `variables`, laid over the pool's, breaks its template; fields are named below `variables`. `defaults`: what a
 * run may yet bring along is no issue.
 */
export async function checkVariables(
  pool: PoolWithTemplate,
  variables: Record<string, unknown>,
  mode: 'defaults' | 'complete',
): Promise<FieldIssue[]> {
  if (!pool.template && Object.keys(variables).length === 0) return [];
  const schema = templateOf(pool.launcher, pool.template).variables;
  const merged = mergeVariables(defaultsOf(schema), variables);
  const issues = await (mode === 'defaults' ? checkDefaults(schema, merged) : checkParameters(schema, merged));
  return issues.map((issue) => ({
    ...issue,
    field: issue.field.replace(/^parameters/, 'variables'),
    expected: issue.expected.replace('the schema has no such parameter', `pool "${pool.name}" has no such variable`),
  }));
}

export async function getPoolTemplate(ctx: Ctx, input: { pool: string }): Promise<ShownPoolTemplate> {
  const row = await findPoolRow(ctx.tx, ctx.workspace.id, input.pool);
  if (!row) throw notFound('work pool', input.pool);
  const pool = await readTemplate(ctx.tx, row.id);
  const template = templateOf(pool.launcher, pool.template);
  return {
    pool: pool.name,
    launcher: pool.launcher,
    custom: pool.template !== null,
    template,
    conflicts: await conflictsWith(ctx, row.id, template),
  };
}

/** Takes effect with the next claim, for runs that wait as well. */
export async function setPoolTemplate(ctx: CommandCtx, input: z.output<typeof setPoolTemplateInput>): Promise<Audited<ShownPoolTemplate>> {
  const row = await findPoolRow(ctx.tx, ctx.workspace.id, input.pool);
  if (!row) throw notFound('work pool', input.pool);
  const before = await readTemplate(ctx.tx, row.id);
  if (input.template) await checkNewTemplate(before.launcher, input.template);
  await lockPool(ctx.tx, row.id, input.pool);
  await writeTemplate(ctx.tx, row.id, input.template, input.template && jobDefaultsOf(input.template));
  tellLive(ctx, row.id);
  const shown = await getPoolTemplate(ctx, { pool: before.name });
  const names = (template: PoolTemplate | null) => ({ custom: template !== null, job: Object.keys(template?.job ?? {}) });
  return audited(shown, { target: { kind: 'work-pool', id: row.id }, before: names(before.template), after: names(input.template) });
}

async function checkNewTemplate(launcher: string, template: PoolTemplate): Promise<void> {
  const bytes = Buffer.byteLength(JSON.stringify(template));
  if (bytes > POOL_TEMPLATE_MAX_BYTES)
    throw invalidInput([{ field: 'template', expected: `at most ${POOL_TEMPLATE_MAX_BYTES} bytes of JSON`, received: `${bytes} bytes` }]);
  const defaultBytes = Buffer.byteLength(JSON.stringify(jobDefaultsOf(template)));
  const expected = `defaults and job of at most ${POOL_DEFAULTS_MAX_BYTES} bytes together: every claim carries them`;
  const issues = [
    ...(defaultBytes > POOL_DEFAULTS_MAX_BYTES ? [{ field: 'template', expected, received: `${defaultBytes} bytes` }] : []),
    ...checkTemplate(launcher, template),
    ...(await checkSchema(template.variables, 'template.variables')),
  ];
  if (issues.length > 0) throw invalidInput(issues);
  const broken = await checkDefaults(template.variables, defaultsOf(template.variables));
  if (broken.length > 0) {
    throw invalidInput(broken.map((issue) => ({ ...issue, field: issue.field.replace(/^parameters/, 'template.variables.properties') })));
  }
}

/** Deployments of the pool, as code and people have them, that the template would refuse. */
async function conflictsWith(ctx: Ctx, poolId: string, template: PoolTemplate): Promise<string[]> {
  const rows = await readVariables(ctx.tx, { workspaceId: ctx.workspace.id, poolId }, CHECKED_DEPLOYMENTS);
  const found = await checkMany(
    template.variables,
    rows.map((row) => mergeVariables(defaultsOf(template.variables), row.variables)),
  );
  return rows
    .flatMap(({ name }, i) => {
      const [issue] = found[i] ?? [];
      return issue ? [`${name}: ${issue.field.replace(/^parameters/, 'variables')}: expected ${issue.expected}`] : [];
    })
    .slice(0, SHOWN_CONFLICTS);
}

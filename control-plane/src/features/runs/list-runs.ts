/** The list of runs: newest first, by keyset on the id, whose UUIDv7 also turns bounds of time into bounds of partitions. */
import { isId, isTerminal, toUuid } from '@signalbox/proto';
import type { listRunsInput, RunSummary } from '@signalbox/proto/api';
import type { z } from 'zod';
import { sqlState } from '../../platform/db.ts';
import { limitExceeded, notFound } from '../../platform/errors.ts';
import { cursorUuid, type Page, pageOf } from '../../platform/pagination.ts';
import type { Ctx } from '../../platform/services.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import { findDeploymentRef } from '../deployments/index.ts';
import { SUMMARY_COLUMNS, SUMMARY_JOINS, type SummaryRow, showSummary } from './read-summaries.ts';

type Input = z.output<typeof listRunsInput>;

/** Filters that no index serves read history backwards; they are given this long. */
const FILTER_TIMEOUT_MS = 5_000;
const GAVE_UP = '57014';
/**
 * For this transaction: the time above, and plans that read an index in the page's order and stop. Without statistics
 * (a leaf of today) Postgres would collect a deployment's whole day and sort it.
 */
const SETTINGS = `SELECT set_config('statement_timeout', '${FILTER_TIMEOUT_MS}', true), set_config('enable_bitmapscan', 'off', true),
  set_config('enable_sort', 'off', true), set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
  set_config('enable_mergejoin', 'off', true)`;

export async function listRuns(ctx: Ctx, input: Input): Promise<Page<RunSummary>> {
  const { text, values } = await statementOf(ctx, input);
  const sql = sqlOfTx(ctx.tx);
  await sql.query(SETTINGS);
  try {
    const rows = await sql.query<SummaryRow>(text, values);
    return pageOf('run', rows, input.limit, (row) => row.id, showSummary);
  } catch (error) {
    if (sqlState(error) !== GAVE_UP) throw error;
    throw limitExceeded('These filters read too much history. Narrow them: by createdAfter, flow or deployment.');
  }
}

/**
 * Ended runs and live ones are branches of at most a page each, since their states live in two tables:
 * - no filter of states: `run`, by run_workspace or run_deployment, partitions in order of the id;
 * - each ended state: `run`, by run_state, which has the id in order within one state alone;
 * - live states: `run_dispatch`, small by nature, joined to its records by primary key.
 * Names are joined to the page alone.
 */
async function statementOf(ctx: Ctx, input: Input): Promise<{ text: string; values: unknown[] }> {
  const values: unknown[] = [];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const workspace = `${bind(ctx.workspace.id)}::uuid`;
  const filters = await filtersOf(ctx, input, bind);
  const limit = bind(input.limit + 1);
  const where = [`r.workspace_id = ${workspace}`, ...filters].join(' AND ');

  const all = input.states === undefined || input.states.length === 0;
  const ended = (input.states ?? []).filter(isTerminal);
  const live = (input.states ?? []).filter((state) => !isTerminal(state));
  const branches: string[] = [];
  if (all) branches.push(`SELECT r.* FROM run r WHERE ${where} ORDER BY r.id DESC LIMIT ${limit}`);
  for (const state of ended)
    branches.push(`SELECT r.* FROM run r WHERE ${where} AND r.state_type = ${bind(state)} ORDER BY r.id DESC LIMIT ${limit}`);
  if (live.length > 0) {
    branches.push(`SELECT r.* FROM run_dispatch l JOIN run r ON r.id = l.run_id AND r.retention_class = l.retention_class
      WHERE l.workspace_id = ${workspace} AND l.state_type = ANY (${bind(live)}::text[]) AND ${where} ORDER BY r.id DESC LIMIT ${limit}`);
  }
  const page = branches.map((branch) => `(${branch})`).join(' UNION ALL ');
  return { text: `SELECT ${SUMMARY_COLUMNS} FROM (${page}) r ${SUMMARY_JOINS} ORDER BY r.id DESC LIMIT ${limit}`, values };
}

async function filtersOf(ctx: Ctx, input: Input, bind: (value: unknown) => string): Promise<string[]> {
  const filters: string[] = [];
  const before = cursorUuid('run', input.cursor);
  if (before) filters.push(`r.id < ${bind(before)}::uuid`);
  if (input.createdAfter) filters.push(`r.id >= ${bind(floorOf(input.createdAfter))}::uuid`);
  if (input.createdBefore) filters.push(`r.id < ${bind(floorOf(input.createdBefore))}::uuid`);
  if (input.flow !== undefined) filters.push(`r.flow_id = ${bind(await flowId(ctx, input.flow))}::uuid`);
  if (input.deployment !== undefined) {
    const deployment = await findDeploymentRef(ctx.tx, ctx.workspace.id, input.deployment);
    if (!deployment) throw notFound('deployment', input.deployment);
    filters.push(`r.deployment_id = ${bind(deployment.id)}::uuid`);
  }
  if (input.tags && input.tags.length > 0) filters.push(`r.tags @> ${bind(input.tags)}::text[]`);
  const search = input.search?.trim();
  if (search) {
    if (isId('run', search)) filters.push(`r.id = ${bind(toUuid('run', search))}::uuid`);
    else filters.push(`r.name ILIKE ${bind(`%${search.replaceAll(/[\\%_]/g, '\\$&')}%`)}`);
  }
  return filters;
}

async function flowId(ctx: Ctx, ref: string): Promise<string> {
  const where = isId('flow', ref) ? { id: toUuid('flow', ref) } : { name: ref };
  const flow = await ctx.tx.flow.findFirst({ where: { ...where, workspaceId: ctx.workspace.id }, select: { id: true } });
  if (!flow) throw notFound('flow', ref);
  return flow.id;
}

/** The least UUIDv7 of an instant. */
function floorOf(instant: string): string {
  const hex = Date.parse(instant).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

/** What became of a schedule's instants, and what the auditor found. */
import { instantSchema, toId, toUuid } from '@signalbox/proto';
import type { AuditFinding, Fire, listFindingsInput, listFiresInput } from '@signalbox/proto/api';
import type { z } from 'zod';
import { invalidInput, notFound } from '../../platform/errors.ts';
import type { Ctx } from '../../platform/services.ts';
import { findSchedule } from './store.ts';

type FireRow = { at: Date; until: Date | null; outcome: Fire['outcome']; reason: string | null; runId: string | null; decidedAt: Date };

/** Newest first, by keyset on the instant: the primary key. @throws NOT_FOUND */
export async function listFires(ctx: Ctx, input: z.output<typeof listFiresInput>): Promise<{ items: Fire[]; nextCursor: string | null }> {
  const id = toUuid('schedule', input.schedule);
  if (!(await findSchedule(ctx.tx, ctx.workspace.id, id))) throw notFound('schedule', input.schedule);
  const before = input.cursor === undefined ? null : new Date(input.cursor);
  if (before && !instantSchema.safeParse(input.cursor).success)
    throw invalidInput([{ field: 'cursor', expected: 'the nextCursor of the page before', received: JSON.stringify(input.cursor) }]);
  const rows = await ctx.tx.$queryRaw<FireRow[]>`
    SELECT fire_at AS at, until_at AS until, outcome, reason, run_id AS "runId", decided_at AS "decidedAt" FROM schedule_fire
    WHERE schedule_id = ${id}::uuid AND (${before}::timestamptz IS NULL OR fire_at < ${before}::timestamptz)
    ORDER BY fire_at DESC LIMIT ${input.limit + 1}::integer`;
  const items = rows.slice(0, input.limit).map(
    (row): Fire => ({
      at: row.at.toISOString(),
      until: row.until?.toISOString() ?? null,
      outcome: row.outcome,
      reason: row.reason,
      run: row.runId === null ? null : toId('run', row.runId),
      decidedAt: row.decidedAt.toISOString(),
    }),
  );
  return { items, nextCursor: rows.length > input.limit ? (items.at(-1)?.at ?? null) : null };
}

type FindingRow = {
  scheduleId: string;
  slug: string;
  deploymentId: string;
  deployment: string;
  flow: string;
  at: Date;
  kind: AuditFinding['kind'];
  foundAt: Date;
  resolvedAt: Date | null;
};

/** Newest first. schedule_audit_finding_workspace, or its primary key for one schedule. */
export async function listFindings(ctx: Ctx, input: z.output<typeof listFindingsInput>): Promise<AuditFinding[]> {
  const schedule = input.schedule ? toUuid('schedule', input.schedule) : null;
  const deployment = input.deployment ? toUuid('deployment', input.deployment) : null;
  const rows = await ctx.tx.$queryRaw<FindingRow[]>`
    SELECT a.schedule_id AS "scheduleId", s.slug, d.id AS "deploymentId", d.name AS deployment, f.name AS flow, a.fire_at AS at, a.kind,
      a.found_at AS "foundAt", a.resolved_at AS "resolvedAt"
    FROM schedule_audit_finding a JOIN schedule s ON s.id = a.schedule_id JOIN deployment d ON d.id = s.deployment_id JOIN flow f ON f.id = d.flow_id
    WHERE a.workspace_id = ${ctx.workspace.id}::uuid AND (${schedule}::uuid IS NULL OR a.schedule_id = ${schedule}::uuid)
      AND (${deployment}::uuid IS NULL OR s.deployment_id = ${deployment}::uuid) AND (NOT ${input.open}::boolean OR a.resolved_at IS NULL)
    ORDER BY a.found_at DESC, a.fire_at DESC LIMIT ${input.limit}::integer`;
  return rows.map((row) => ({
    schedule: { id: toId('schedule', row.scheduleId), slug: row.slug },
    deployment: { id: toId('deployment', row.deploymentId), name: row.deployment, flow: row.flow },
    at: row.at.toISOString(),
    kind: row.kind,
    foundAt: row.foundAt.toISOString(),
    resolvedAt: row.resolvedAt?.toISOString() ?? null,
  }));
}

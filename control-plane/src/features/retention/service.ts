/** How long a workspace keeps its history. */
import type { Retention, setRetentionInput } from '@signalbox/proto/api';
import type { z } from 'zod';
import { RETENTION_DAYS } from '../../domain/rules/retention.ts';
import { type Audited, audited } from '../../platform/audit.ts';
import type { CommandCtx, Ctx } from '../../platform/services.ts';
import { ensureDays } from './ensure-days.ts';
import { oldestRunAt, readHolds, writeRetentionDays } from './store.ts';

/** Its days, what it may choose from, the oldest run that is there, and its holds: those in force first. */
export async function getRetention(ctx: Ctx): Promise<Retention> {
  const [holds, oldest] = [await readHolds(ctx.tx, ctx.workspace.id), await oldestRunAt(ctx.tx, ctx.workspace.id)];
  return { days: daysOf(ctx.workspace.retentionClass), choices: [...RETENTION_DAYS], oldestRunAt: oldest?.toISOString() ?? null, holds };
}

/** For runs that are created from now on; those that are there go when they were to go. */
export async function setRetention(ctx: CommandCtx, { days }: z.output<typeof setRetentionInput>): Promise<Audited<Retention>> {
  const before = daysOf(ctx.workspace.retentionClass);
  // Its days must be there before its first run is; made for nothing if this command fails, and dropped in time.
  await ensureDays(ctx.db.systemSql, [`d${days}`]);
  await writeRetentionDays(ctx.tx, days);
  const after = { ...(await getRetention(ctx)), days };
  return audited(after, { target: { kind: 'workspace', id: ctx.workspace.id }, before: { days: before }, after: { days } });
}

function daysOf(retentionClass: string): number {
  return Number(retentionClass.slice(1));
}

/** What a workspace uses and may. */
import { METERED, type Usage, type UsageHistory, type usageHistoryInput } from '@signalbox/proto/api';
import { EVENT_PAYLOAD_MAX_BYTES, MESSAGE_MAX_BYTES } from '@signalbox/proto/messages';
import type { z } from 'zod';
import { DAY_MS, MINUTE_MS } from '../../domain/rules/allowance.ts';
import {
  partsOf,
  USAGE_LIMIT_NAMES,
  type UsageKind,
  type UsageLimitName,
  type WorkspaceLimits,
} from '../../domain/rules/workspace-limits.ts';
import type { Ctx } from '../../platform/services.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import { readHistory, readLimits, readUsage, type StoredLimit } from './store.ts';

/** Bounds of the code, the same for all; the reference of limits says more of each. */
const FIXED: Usage['fixed'] = [
  { name: 'Requests of one API key', most: 200, unit: 'a second' },
  { name: 'Connections of agents', most: 1_000, unit: 'at once' },
  { name: 'Subscriptions of one agent', most: 64, unit: 'at once' },
  { name: 'A message of an agent', most: MESSAGE_MAX_BYTES, unit: 'bytes' },
  { name: 'A request of the API', most: 2 * 1024 * 1024, unit: 'bytes' },
  { name: 'Payload of an event', most: EVENT_PAYLOAD_MAX_BYTES, unit: 'bytes' },
  { name: 'Events that one run emits', most: 10_000, unit: 'in all' },
];

export async function getUsage(ctx: Ctx): Promise<Usage> {
  const sql = sqlOfTx(ctx.tx);
  const set = await readLimits(sql, ctx.workspace.id);
  const { buckets, today, agents } = await readUsage(sql, ctx.workspace.id);
  const nowMs = Date.now();
  const midnight = new Date(nowMs - (nowMs % DAY_MS) + DAY_MS).toISOString();

  const limitOf = (name: UsageLimitName): Usage['kinds'][number]['limits'][number] => {
    const { kind, span } = partsOf(name);
    const { most, source, reason } = effective(name, ctx.settings.workspaceLimits, set);
    const bucket = buckets.find((each) => each.kind === kind);
    if (span === 'now') return { span, most, used: agents, resetAt: null, source, reason };
    if (span === 'day') {
      const used = today.find((each) => each.kind === kind)?.used ?? 0;
      return { span, most, used, resetAt: most === null ? null : midnight, source, reason };
    }
    const used = most === null || !bucket ? 0 : Math.max(0, Math.ceil(bucket.capacity - bucket.level));
    const full = most === null ? null : new Date(nowMs + (used / most) * MINUTE_MS).toISOString();
    return { span, most, used, resetAt: full, source, reason };
  };
  const kinds: readonly UsageKind[] = [...METERED, 'agents'];
  return {
    asOf: new Date(nowMs).toISOString(),
    kinds: kinds.map((kind) => ({
      kind,
      limits: USAGE_LIMIT_NAMES.filter((name) => partsOf(name).kind === kind).map(limitOf),
      refusedToday: kind === 'agents' ? null : (today.find((each) => each.kind === kind)?.refused ?? 0),
    })),
    fixed: FIXED,
  };
}

export async function getUsageHistory(ctx: Ctx, input: z.output<typeof usageHistoryInput>): Promise<UsageHistory> {
  const rows = await readHistory(sqlOfTx(ctx.tx), ctx.workspace.id, input);
  return { items: rows.map((row) => ({ ...row, at: row.at.toISOString() })) };
}

/** What the operator set wins over the installation's default; 0 of either is unlimited. */
export function effective(
  name: UsageLimitName,
  defaults: WorkspaceLimits,
  set: readonly StoredLimit[],
): { most: number | null; source: 'default' | 'operator'; reason: string | null } {
  const { kind, span } = partsOf(name);
  const own = set.find((each) => each.kind === kind && each.span === span);
  if (own) return { most: own.most || null, source: 'operator', reason: own.reason || null };
  return { most: defaults[name] || null, source: 'default', reason: null };
}

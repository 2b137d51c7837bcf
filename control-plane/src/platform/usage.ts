/** What requests need of the count of what workspaces use; features/usage has it. */
import type { Metered } from '@signalbox/proto/api';
import type { Excess } from '../domain/rules/allowance.ts';
import { type AppError, limitExceeded } from './errors.ts';

export type UsageMeter = {
  /** Null: so much may be used; else the bound that was met, and the refusal is counted. */
  check(workspaceId: string, kind: Metered, amount: number): Excess | null;
  /** Used: counted whether or not it might be. */
  count(workspaceId: string, kind: Metered, amount: number): void;
  /** `RateLimit` and `RateLimit-Policy` of a workspace's API calls; null: unlimited. */
  headers(workspaceId: string): Readonly<Record<string, string>> | null;
};

const WORDS: Readonly<Record<Metered, string>> = { apiCalls: 'API calls', events: 'events', logBytes: 'bytes of logs', runs: 'new runs' };

/** @throws LIMIT_EXCEEDED with the bound, what is used of it, and when to come again. */
export function requireUsage(meter: UsageMeter, workspaceId: string, kind: Metered, amount: number): void {
  const excess = meter.check(workspaceId, kind, amount);
  if (excess) throw overLimit(kind, excess);
}

export function overLimit(kind: Metered, { span, most, used, retryAfterMs }: Excess): AppError {
  return limitExceeded(
    `This workspace may use ${most} ${WORDS[kind]} a ${span}, and has used ${used}. Try again in ${waitText(retryAfterMs)}; its operator can raise it.`,
    { retryAfterMs, details: { field: kind, span, limit: most, used, resetAt: new Date(Date.now() + retryAfterMs).toISOString() } },
  );
}

/** `3 s`, `12 min`, `5 h`: never shorter than it is. */
function waitText(ms: number): string {
  if (ms <= 120_000) return `${Math.ceil(ms / 1_000)} s`;
  return ms <= 7_200_000 ? `${Math.ceil(ms / 60_000)} min` : `${Math.ceil(ms / 3_600_000)} h`;
}

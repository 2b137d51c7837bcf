/** What agents say of themselves. Every answer is computed in one transaction of the agent's own workspace. */
import { createHash } from 'node:crypto';
import { toId, toUuid } from '@signalbox/proto';
import {
  byeSchema,
  type HelloReply,
  helloSchema,
  holdingText,
  type IdleRenewal,
  type Renew,
  type RenewReply,
  renewSchema,
} from '@signalbox/proto/messages';
import { parseBody, sessionOver } from '../../platform/agent-requests.ts';
import type { AgentAddress } from '../../platform/bus.ts';
import { classifyError } from '../../platform/classify-error.ts';
import { retried } from '../../platform/db.ts';
import { unavailable } from '../../platform/errors.ts';
import { type GatherOptions, gather } from '../../platform/gather.ts';
import { inWorkspaces } from '../../platform/transaction.ts';
import { afterCommit, type DispatchCtx } from '../dispatch/index.ts';
import { sayHello } from './hello.ts';
import { checkProtocol } from './protocol.ts';
import { type Renewal, type Renewed, renewAll } from './renew.ts';
import { endSession } from './store/agents.ts';

type Sender = Pick<AgentAddress, 'workspaceId' | 'agentId'>;

/** Bounds of the claim an agent makes by itself, offers or not. */
const CLAIM_EVERY_MS = { min: 20_000, max: 40_000 };
/** How long a claim stands that is said without a renewal. */
const STAND_MS = 5_000;
/** When an idle agent says its claim again. Of two in a row one may be lost before its lease is over. */
const IDLE_PART_OF_LEASE = { min: 1 / 3, max: 7 / 15 };
/** Most renewals of one transaction. */
const MOST_RENEWALS = 500;
/** Above two a second they go together, a twentieth of their interval late, and at most this. */
const RENEWALS_LATE_MS = 500;
/** Nobody waits for those of idle agents. */
const IDLE_RENEWALS = { tickMs: 1_000, freePerSecond: 1, maxItems: MOST_RENEWALS };
const HOLDS_NOTHING = {
  count: 0,
  hash: createHash('sha256')
    .update(holdingText([], (run) => toUuid('run', run)))
    .digest('hex'),
};

type AnswerRenewal = (from: Sender, message: Renew) => Promise<RenewReply>;
/** Renews beside a claim that stands. True: there is something to tell this agent, so it is to ask for a renewal. */
export type RenewIdle = (from: Sender, session: number, renewal: IdleRenewal) => Promise<boolean>;

/** Answers `hello`, `renew` and `bye`. */
export function serveLeases(ctx: DispatchCtx): void {
  const renew = openRenewals(ctx);
  ctx.bus.serve('hello', (from, body) => answerHello(ctx, from, body));
  ctx.bus.serve('renew', (from, body) => renew(from, parseBody(renewSchema, body)));
  ctx.bus.serve('bye', (from, body) => answerBye(ctx, from, body));
}

export async function answerHello(ctx: DispatchCtx, from: Sender, body: unknown): Promise<HelloReply> {
  checkProtocol(body);
  const hello = parseBody(helloSchema, body);
  const { settings } = ctx;
  const welcome = await retried(() => inWorkspaces(ctx.db.reportSql, [from.workspaceId], (sql) => sayHello(sql, from, hello, settings)));
  const offers = await ctx.bus.ensurePoolConsumer(from.workspaceId, welcome.poolId).catch((cause: unknown) => {
    throw unavailable('NATS does not take new consumers now; say hello again in a moment.', { cause });
  });
  await afterCommit(ctx, [...welcome.effects, { kind: 'offer', workspaceId: from.workspaceId, poolId: welcome.poolId }]);
  ctx.bus.live(from.workspaceId, { kind: 'agent', id: toId('agent', from.agentId) });
  return {
    ...welcome.reply,
    offers,
    renewEveryMs: settings.renewMs,
    leaseMs: settings.leaseMs,
    claimEveryMs: CLAIM_EVERY_MS,
    standMs: STAND_MS,
    idleEveryMs: { min: Math.round(settings.leaseMs * IDLE_PART_OF_LEASE.min), max: Math.round(settings.leaseMs * IDLE_PART_OF_LEASE.max) },
    prefetchMs: settings.prefetchMs,
  };
}

/** Renewals of many agents in one transaction when many come. One that cannot be stored stops no other. */
export function openRenewals(ctx: DispatchCtx, ticks: GatherOptions = renewalTicks(ctx)): AnswerRenewal {
  const together = async (renewals: readonly Renewal[]): Promise<Renewed[]> => {
    const workspaces = renewals.map(({ from }) => from.workspaceId);
    const { renewed, effects } = await retried(() =>
      inWorkspaces(ctx.db.reportSql, workspaces, (sql) => renewAll(sql, renewals, ctx.settings)),
    );
    void afterCommit(ctx, effects);
    return renewed;
  };
  const orApart = async (renewals: readonly Renewal[]): Promise<Renewed[]> => {
    try {
      return await together(renewals);
    } catch (error) {
      // Not the group's fault: all of it again later.
      if (classifyError(error)?.code === 'UNAVAILABLE') throw error;
      if (renewals.length === 1) return [{ error: error as Error }];
      const middle = renewals.length >> 1;
      return [...(await orApart(renewals.slice(0, middle))), ...(await orApart(renewals.slice(middle)))];
    }
  };
  const renew = gather(orApart, ticks);
  return async (from, message) => {
    const answer = await renew({ from, message });
    if (answer.error) throw answer.error;
    return answer.reply;
  };
}

function renewalTicks({ settings }: DispatchCtx): GatherOptions {
  return { tickMs: Math.min(RENEWALS_LATE_MS, settings.renewMs / 20), freePerSecond: 2, maxItems: MOST_RENEWALS };
}

export function openIdleRenewals(ctx: DispatchCtx, ticks: GatherOptions = IDLE_RENEWALS): RenewIdle {
  const renew = openRenewals(ctx, ticks);
  return async (from, session, { timeline, clock, status }) => {
    const told = await renew(from, { v: 1, session, ...HOLDS_NOTHING, clock, status }).catch(() => null);
    return told === null || told.sendFull || told.drain || told.cancel.length > 0 || told.hold !== undefined || told.timeline !== timeline;
  };
}

export async function answerBye(ctx: DispatchCtx, from: Sender, body: unknown): Promise<Record<string, never>> {
  const { session } = parseBody(byeSchema, body);
  const current = await inWorkspaces(ctx.db.reportSql, [from.workspaceId], (sql) => endSession(sql, from, session));
  if (current !== null && current !== session) throw sessionOver(session, current);
  ctx.bus.live(from.workspaceId, { kind: 'agent', id: toId('agent', from.agentId) });
  return {};
}

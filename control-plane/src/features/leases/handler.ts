/** What agents say of themselves. Every answer is computed in one transaction of the agent's own workspace. */
import { toId } from '@signalbox/proto';
import { byeSchema, type HelloReply, helloSchema, type RenewReply, renewSchema } from '@signalbox/proto/messages';
import { parseBody, sessionOver } from '../../platform/agent-requests.ts';
import type { AgentAddress } from '../../platform/bus.ts';
import { retried } from '../../platform/db.ts';
import { unavailable } from '../../platform/errors.ts';
import { gather } from '../../platform/gather.ts';
import { inWorkspaces } from '../../platform/transaction.ts';
import { afterCommit, type DispatchCtx } from '../dispatch/index.ts';
import { sayHello } from './hello.ts';
import { checkProtocol } from './protocol.ts';
import { type Renewal, type Renewed, renewAll } from './renew.ts';
import { endSession } from './store/agents.ts';

type Sender = Pick<AgentAddress, 'workspaceId' | 'agentId'>;

/** Bounds of the claim an agent makes by itself, offers or not. */
const CLAIM_EVERY_MS = { min: 20_000, max: 40_000 };
/** Of an agent that is gone without a word, a claim stands no longer than this. */
const STAND_MS = 5_000;
/** Renewals above 20 a second go together, at most this late. */
const RENEWAL_TICKS = { tickMs: 200, freePerSecond: 20, maxItems: 500 };

/** Answers `hello`, `renew` and `bye`. */
export function serveLeases(ctx: DispatchCtx): void {
  const renew = openRenewals(ctx);
  ctx.bus.serve('hello', (from, body) => answerHello(ctx, from, body));
  ctx.bus.serve('renew', (from, body) => renew(from, body));
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
    prefetchMs: settings.prefetchMs,
  };
}

/** Renewals of many agents in one transaction when many come. */
export function openRenewals(ctx: DispatchCtx): (from: Sender, body: unknown) => Promise<RenewReply> {
  const together = async (renewals: readonly Renewal[]): Promise<Renewed[]> => {
    const workspaces = renewals.map(({ from }) => from.workspaceId);
    const { renewed, effects } = await retried(() =>
      inWorkspaces(ctx.db.reportSql, workspaces, (sql) => renewAll(sql, renewals, ctx.settings)),
    );
    void afterCommit(ctx, effects);
    return renewed;
  };
  const renew = gather(together, RENEWAL_TICKS);
  return async (from, body) => {
    const answer = await renew({ from, message: parseBody(renewSchema, body) });
    if (answer.error) throw answer.error;
    return answer.reply;
  };
}

export async function answerBye(ctx: DispatchCtx, from: Sender, body: unknown): Promise<Record<string, never>> {
  const { session } = parseBody(byeSchema, body);
  const current = await inWorkspaces(ctx.db.reportSql, [from.workspaceId], (sql) => endSession(sql, from, session));
  if (current !== null && current !== session) throw sessionOver(session, current);
  ctx.bus.live(from.workspaceId, { kind: 'agent', id: toId('agent', from.agentId) });
  return {};
}

/** Answers what running flows ask, through their agents. */
import { toUuid } from '@signalbox/proto';
import { callSchema } from '@signalbox/proto/messages';
import { parseBody } from '../../platform/agent-requests.ts';
import type { AgentAddress } from '../../platform/bus.ts';
import { invalidInput } from '../../platform/errors.ts';
import { DEEPEST_JSON, isDeeperThan, storable } from '../../platform/storable.ts';
import type { Caller, CallHandlers, CallsCtx } from './call.ts';
import { handlers } from './handlers.ts';

export function serveCalls(ctx: CallsCtx): void {
  ctx.bus.serve('call', (from, body) => answerCall(ctx, from, body));
}

export async function answerCall(ctx: CallsCtx, from: Pick<AgentAddress, 'workspaceId' | 'agentId'>, body: unknown): Promise<unknown> {
  if (isDeeperThan(body, DEEPEST_JSON)) throw invalidInput([{ field: 'op', expected: `at most ${DEEPEST_JSON} levels of nesting` }]);
  const { session, run, epoch, op } = parseBody(callSchema, body);
  const caller: Caller = { workspaceId: from.workspaceId, agentId: from.agentId, session, runId: toUuid('run', run), epoch };
  const handle = handlers[op.name] as CallHandlers[keyof CallHandlers] as (ctx: CallsCtx, caller: Caller, op: unknown) => Promise<unknown>;
  // Flows write what they like; Postgres does not take it all.
  return await handle(ctx, caller, storable(op));
}

/** An agent introduces itself: a new session begins, and both sides learn which runs are whose. */
import { type Hello, type HelloReply, PROTOCOL_VERSION } from '@signalbox/proto/messages';
import { agentRevoked } from '../../platform/agent-requests.ts';
import type { Sql } from '../../platform/sql.ts';
import { type AfterCommit, type DispatchSettings, transitionRuns } from '../dispatch/index.ts';
import { compareHolding } from './holding.ts';
import { beginSession, readWatermarks } from './store/agents.ts';
import { markNamed, readHeldRuns } from './store/held-runs.ts';

export type HelloAnswer = {
  readonly poolId: string;
  readonly reply: Pick<HelloReply, 'session' | 'serverTime' | 'protocol' | 'workspace' | 'pool' | 'timeline' | 'watermarks' | 'notYours'>;
  readonly effects: readonly AfterCommit[];
};

/** In one transaction; runs are locked before the agent's row. @throws UNAUTHENTICATED for an agent that was revoked. */
export async function sayHello(
  sql: Sql,
  from: { readonly workspaceId: string; readonly agentId: string },
  hello: Hello,
  settings: DispatchSettings,
): Promise<HelloAnswer> {
  const found = compareHolding(hello.holding, await readHeldRuns(sql, [from.agentId]), hello.stretch);
  await markNamed(sql, { unnamed: found.unnamed, named: found.namedAgain, agentIds: [from.agentId] });
  const { effects } = await transitionRuns(
    sql,
    found.regained.map((runId) => ({ runId, intent: { kind: 'regain' } })),
    settings,
  );
  const welcome = await beginSession(sql, from, hello, settings.leaseMs);
  if (!welcome) throw agentRevoked();
  const watermarks = await readWatermarks(sql, from.agentId, hello.spoolId);
  const reply = { ...welcome.reply, protocol: Math.min(PROTOCOL_VERSION, hello.protocol.max), watermarks, notYours: found.notYours };
  return { poolId: welcome.poolId, reply, effects };
}

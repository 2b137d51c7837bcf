/** Waits that the state itself tells of: for an agent that prepares, ends or is not heard of, and for a person. */
import { toId } from '@signalbox/proto';
import type { Blocker } from '@signalbox/proto/api';
import type { SqlCtx } from '../../../platform/services.ts';
import { namesOf } from '../../pauses/index.ts';
import { blocker, type LiveRun } from './blocker-source.ts';
import { readStateFacts, type StateFacts } from './state-facts.ts';

export async function stateBlockers(ctx: SqlCtx, run: LiveRun): Promise<Blocker[]> {
  const { type, name } = run.state;
  if (type === 'PENDING') {
    const message = `Agent "${agentOf(run)}" has it and prepares to start it.`;
    return [blocker('starting', message, 'Its code is loaded and the permit is given; past its start timeout it goes back.', run.stateAt)];
  }
  if (type !== 'PAUSED' && type !== 'CANCELLING' && name !== 'Lost') return [];
  const facts = await readStateFacts(ctx, run);
  return facts ? [stateBlockerOf(facts)] : [];
}

/**
 * Of a run that is Paused, Suspended, Cancelling or Lost. Pure. The instant of a deadline stands in `frees`: it is told on the wall
 * clock, moves a little with each reading, and who follows a run is told of each new message.
 */
export function stateBlockerOf(facts: StateFacts): Blocker {
  const { type } = facts.run.state;
  return type === 'PAUSED' ? paused(facts) : type === 'CANCELLING' ? cancelling(facts) : lost(facts);
}

const agentOf = (run: LiveRun) => run.agent?.name ?? 'unknown';

function paused({ run, pause, deadlineAt }: StateFacts): Blocker {
  const until = deadlineAt ? ` At ${deadlineAt.toISOString()} it is given up.` : '';
  const resume = `signalbox runs resume ${toId('run', run.runId)}`;
  const said = pause?.message ? `: ${pause.message}` : '.';
  const end = /[.?!]$/.test(said) ? '' : '.';
  if (!pause || pause.askedBy !== null) {
    const message = `It is paused${pause ? ` by ${pause.askedBy}` : ' until somebody resumes it'}${said}${end}`;
    return blocker('paused', message, `Resume it: ${resume}. Or cancel it.${until}`, run.stateAt);
  }
  const who = pause.approvers ? namesOf(pause.approvers) : 'somebody';
  const message = `It waits for ${who} to answer "${pause.key}"${said}${end}`;
  return blocker('paused', message, `Answer it: ${resume}. Or cancel it.${until}`, run.stateAt);
}

function cancelling({ run, said, isAgentOnline, graceMs }: StateFacts): Blocker {
  const why = said ? ` (${said})` : '';
  if (!isAgentOnline) {
    const message = `It is being ended${why}, but its agent "${agentOf(run)}" is not heard of, and its process may go on.`;
    return blocker('cancelling', message, 'The agent comes back and ends it, or its lease is over: then it counts as ended.', run.stateAt);
  }
  const message = `It is being ended${why}: agent "${agentOf(run)}" sends TERM, and KILL after ${Math.round(graceMs / 1_000)} s.`;
  return blocker('cancelling', message, 'Its process ends. Its slots are taken until then.', run.stateAt);
}

const AT_LAST = {
  crash: 'it counts as Crashed',
  retry: 'a retry of its flow is used up, or it counts as Crashed',
  requeue: 'it is put back for another agent, at most three times',
} as const;

function lost({ run, said, deadlineAt, onLostAgent }: StateFacts): Blocker {
  const at = deadlineAt ? `At ${deadlineAt.toISOString()}` : 'Past its grace';
  const frees = `The agent comes back and still has it: then it goes on. Or cancel it. ${at} ${AT_LAST[onLostAgent]} (onLostAgent: ${onLostAgent}).`;
  return blocker('lost', `It is lost with agent "${agentOf(run)}"${said ? `: ${said}` : ''}.`, frees, run.stateAt);
}

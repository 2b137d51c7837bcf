/** Named limits for which a run under way, or tasks of it, wait. */
import { toId } from '@signalbox/proto';
import type { Blocker } from '@signalbox/proto/api';
import type { SqlCtx } from '../../../platform/services.ts';
import { type LimitWait, readLimitWaits } from '../../limits/index.ts';
import type { LiveRun } from './blocker-source.ts';

const SAID = 3;

export async function limitBlockers(ctx: SqlCtx, run: LiveRun): Promise<Blocker[]> {
  if (!run.agent) return [];
  return (await readLimitWaits(ctx.sql, run.runId)).map(limitBlockerOf);
}

export function limitBlockerOf(wait: LimitWait): Blocker {
  const { name, slots, decayPerSecond, ahead, holders, holderCount } = wait;
  const behind = ahead.count > 0 ? `; ${ahead.count} ${ahead.count === 1 ? 'request stands' : 'requests stand'} before it` : '';
  const since = wait.requests[0]?.since.toISOString() ?? null;
  const base = {
    kind: 'limit-full',
    since,
    holders: holders.map((holder) => ({
      run: toId('run', holder.runId),
      name: holder.runName,
      deployment: `${holder.flow ?? '(deleted)'}/${holder.deployment ?? '(deleted)'}`,
      agent: holder.agent,
      since: holder.since.toISOString(),
    })),
    holderCount: decayPerSecond === null ? holderCount : 0,
  };
  const raise = `signalbox limits update ${name} --slots N`;
  if (slots === 0)
    return { ...base, message: `${whoWaits(wait)}: limit "${name}" is closed, it has no slots.`, frees: `Open it: ${raise}` };
  if (decayPerSecond !== null) {
    const message = `${whoWaits(wait)}: rate "${name}" lets ${decayPerSecond} pass a second and is used up now${behind}.`;
    return { ...base, message, frees: 'It comes back by itself.' };
  }
  const by = holders.map(({ runName, task }) => (task ? `${runName} (task "${task}")` : runName)).slice(0, SAID);
  const more = holderCount - by.length;
  const held = by.length === 0 ? '' : `, held by ${by.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  const message = `${whoWaits(wait)}: ${wait.taken} of the ${slots} slots of limit "${name}" ${wait.taken === 1 ? 'is' : 'are'} taken${held}${behind}.`;
  return { ...base, message, frees: `One of these gives its slots back or ends, or the limit is raised: ${raise}` };
}

function whoWaits({ requests }: LimitWait): string {
  const names = [...new Set(requests.map(({ task }) => (task === null ? 'its own code' : `task "${task}"`)))];
  const said = names.slice(0, SAID).join(', ');
  const more = names.length - SAID;
  const text = `${said}${more > 0 ? ` and ${more} more` : ''} ${names.length === 1 ? 'waits' : 'wait'}`;
  return text.charAt(0).toUpperCase() + text.slice(1);
}

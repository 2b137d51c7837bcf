/** Why it fired, in words. */
import type { EventsTrigger } from '@signalbox/proto/api';
import type { RuleFiring } from '../../../domain/triggers/index.ts';

const WHY_MAX = 500;

export function whyOf(trigger: EventsTrigger, firing: RuleFiring): string {
  return reason(trigger, firing).slice(0, WHY_MAX);
}

function reason(trigger: EventsTrigger, { kind, event, key }: RuleFiring): string {
  const last = event ? `${event.name} of ${event.resource.name || event.resource.id}` : null;
  if (kind === 'resolved') return `over by ${last ?? 'itself'}`;
  if (trigger.type === 'compound')
    return `${trigger.require === 'all' ? 'all' : trigger.require} of its triggers, last by ${last ?? 'time'}`;
  if (trigger.type === 'sequence') return `all of its triggers in order, last by ${last ?? 'time'}`;
  if (trigger.posture === 'reactive') {
    return trigger.threshold > 1
      ? `${trigger.threshold} times within ${trigger.withinSeconds} s, last ${last ?? 'unknown'}`
      : (last ?? 'unknown');
  }
  const awaited = trigger.expect.length > 0 ? trigger.expect.join(' or ') : 'any event';
  const enough = trigger.threshold > 1 ? `fewer than ${trigger.threshold} of ${awaited}` : `no ${awaited}`;
  const of = key === '' || key === '[]' ? '' : ` for ${(JSON.parse(key) as string[]).join(', ')}`;
  const since = trigger.after.length > 0 && last ? ` after ${last}` : '';
  return `${enough} within ${trigger.withinSeconds} s${since}${of}`;
}

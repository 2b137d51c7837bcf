/** A trigger as a sentence: what makes an automation act. Pure. */
import type { LabelMatch, TriggerInput } from '@signalbox/proto/api';
import { formatSpan } from '../../lib/format.ts';
import { matchText, relatedOf } from './draft.ts';

const list = (names: readonly string[] | undefined, none: string) => (names && names.length > 0 ? names.join(' or ') : none);
/** `related:deployment:id` is a deployment; `id` the thing itself; any other label goes by its name. */
const eachWords = (path: string) => (path === 'id' ? 'thing' : (/^related:([^:]+):id$/.exec(path)?.[1]?.replaceAll('-', ' ') ?? path));
const length = (seconds: number) => formatSpan(seconds * 1_000);
const ofLabels = (match: LabelMatch | undefined) => matchText(match).replaceAll('\n', ', ');

/** What is several itself stands in brackets. */
const partWords = (part: TriggerInput): string => (part.type === 'event' ? triggerWords(part) : `(${triggerWords(part)})`);

export function triggerWords(trigger: TriggerInput): string {
  switch (trigger.type) {
    case 'event': {
      const of = [ofLabels(trigger.match), ...relatedOf(trigger).map(ofLabels)].filter(Boolean).join(', ');
      const names = `${list(trigger.expect, 'any event')}${of ? ` of ${of}` : ''}`;
      const each = trigger.forEach && trigger.forEach.length > 0 ? `, for each ${trigger.forEach.map(eachWords).join(' and ')}` : '';
      const within = trigger.withinSeconds ? ` within ${length(trigger.withinSeconds)}` : '';
      const count = trigger.threshold ?? 1;
      if (trigger.posture === 'proactive') {
        const opened = trigger.after && trigger.after.length > 0 ? ` after ${list(trigger.after, '')}` : '';
        return `${count > 1 ? `Fewer than ${count} of ${names}` : `No ${names}`}${within}${opened}${each}`;
      }
      return `${count > 1 ? `${count} of ${names}` : names}${count > 1 ? within : ''}${each}`;
    }
    case 'metric':
      return `${trigger.metric} ${trigger.operator} ${trigger.threshold}${trigger.each ? ` of each ${trigger.each}` : ''}${
        trigger.forSeconds ? ` for ${length(trigger.forSeconds)}` : ''
      }`;
    case 'deadline':
      return `${trigger.condition.replaceAll('-', ' ')} ${length(trigger.seconds)}`;
    case 'sequence':
      return trigger.triggers.map(partWords).join(', then ');
    case 'compound': {
      const { require, triggers } = trigger;
      return `${require === 'any' ? 'Any' : require === 'all' ? 'All' : require} of: ${triggers.map(partWords).join('; ')}`;
    }
    default:
      return trigger satisfies never;
  }
}

/** An automation while it is written: what the form and the text beside it share. Pure. */
import type { Automation, AutomationActionInput, AutomationDefinitionInput, LabelMatch, TriggerInput } from '@signalbox/proto/api';

/** As the control plane shows values of headers; the console loads no schemas, which the contract's own constant comes with. */
const SEALED_VALUE: typeof import('@signalbox/proto/api').SEALED_VALUE = '(sealed)';

export type Draft = AutomationDefinitionInput;
export type EventDraft = Extract<TriggerInput, { type: 'event' }>;
export type SeveralDraft = Extract<TriggerInput, { type: 'compound' | 'sequence' }>;
export type PartDraft = SeveralDraft['triggers'][number];
/** Of one trigger, itself not counted. */
export const PARTS_MAX = 9;
export type StateDraft = Extract<TriggerInput, { type: 'metric' | 'deadline' }>;

export function draftOf({ name, description, enabled, trigger, onTrigger, onResolve }: Automation): Draft {
  return { name, description, enabled, trigger, onTrigger, onResolve } as Draft;
}

/** Names of the events that it counts; none: any. At most as many as a filter takes. */
export function namesOf(trigger: TriggerInput): string[] {
  if (trigger.type === 'event') return [...(trigger.expect ?? [])];
  return trigger.type === 'compound' || trigger.type === 'sequence' ? trigger.triggers.flatMap(namesOf).slice(0, 20) : [];
}

const event = (trigger: Omit<EventDraft, 'type'>): EventDraft => ({ type: 'event', posture: 'reactive', ...trigger });

/** What people need most. `name` is what the list of them shows. */
export const TEMPLATES: readonly { title: string; what: string; draft: Draft }[] = [
  {
    title: 'Try a crashed run again',
    what: 'Its process or agent was lost; finished tasks are not run again.',
    draft: {
      name: 'Try crashed runs again',
      trigger: event({ expect: ['run.Crashed'] }),
      onTrigger: [{ type: 'retry-run', mode: 'from-failed' }],
    },
  },
  {
    title: 'Stop a deployment that keeps failing',
    what: 'Three failures within an hour pause it.',
    draft: {
      name: 'Pause what keeps failing',
      trigger: event({ expect: ['run.Failed', 'run.Crashed'], forEach: ['related:deployment:id'], threshold: 3, withinSeconds: 3_600 }),
      onTrigger: [{ type: 'pause-deployment', reason: 'failed three times within an hour' }],
    },
  },
  {
    title: 'Run one deployment after another',
    what: 'When a run of the first completes, the second is run with its outcome.',
    draft: {
      name: 'Run the second after the first',
      trigger: event({ expect: ['run.Completed'], matchRelated: [{ role: 'deployment', path: 'flow/first' }] }),
      onTrigger: [{ type: 'run-deployment', deployment: 'flow/second', parameters: {} }],
    },
  },
  {
    title: 'Run a deployment when an event comes',
    what: 'A file arrived, an order was placed: sent by a program or a webhook.',
    draft: {
      name: 'Load each file that arrives',
      trigger: event({ expect: ['orders.file.arrived'] }),
      onTrigger: [{ type: 'run-deployment', deployment: 'flow/name', parameters: { file: '{{ event.resource.id }}' } }],
    },
  },
  {
    title: 'Cancel runs that take too long',
    what: 'Longer than an hour, for whatever reason.',
    draft: {
      name: 'Cancel what runs over an hour',
      trigger: { type: 'deadline', condition: 'running-longer-than', seconds: 3_600 },
      onTrigger: [{ type: 'cancel-run' }],
    },
  },
  {
    title: 'Tell a system when nothing succeeds',
    what: 'No run of a deployment completed for a day; told again when one does.',
    draft: {
      name: 'Nothing has succeeded for a day',
      trigger: { type: 'deadline', condition: 'no-success-within', seconds: 86_400 },
      onTrigger: [{ type: 'call-webhook', url: 'https://example.com/alerts' }],
      onResolve: [{ type: 'call-webhook', url: 'https://example.com/alerts' }],
    },
  },
  {
    title: 'Tell people of failures',
    what: 'Once for each deployment that fails, by a channel, and once more when it recovers.',
    draft: {
      name: 'Tell of failures',
      trigger: event({
        expect: ['run.Failed', 'run.Crashed', 'run.TimedOut'],
        forEach: ['related:deployment:id'],
        resolveOn: { expect: ['run.Completed'] },
      }),
      onTrigger: [
        {
          type: 'send-notification',
          channel: 'name of a channel',
          subject: '{{ deployment.path }} failed',
          body: '{{ run.message }} {{ run | ui_url }}',
          severity: 'high',
          fingerprint: '{{ deployment.id }}',
        },
      ],
      onResolve: [
        {
          type: 'send-notification',
          channel: 'name of a channel',
          subject: '{{ deployment.path }} failed',
          fingerprint: '{{ deployment.id }}',
        },
      ],
    },
  },
  {
    title: 'Declare an incident when nobody serves a pool',
    what: 'Nobody for two minutes; it is over when an agent takes runs again.',
    draft: {
      name: 'Nobody serves it',
      trigger: event({
        posture: 'proactive',
        after: ['work-pool.not-ready'],
        expect: ['work-pool.ready', 'work-pool.paused'],
        forEach: ['id'],
        withinSeconds: 120,
        resolveOn: { expect: ['work-pool.ready'] },
      }),
      onTrigger: [{ type: 'declare-incident', title: 'Nobody serves {{ event.resource.name }}', severity: 'high' }],
      onResolve: [{ type: 'resolve-incident' }],
    },
  },
  {
    title: 'Run when all inputs are there',
    what: 'Two events or more, in any order, within a day of each other.',
    draft: {
      name: 'Join when both are there',
      trigger: {
        type: 'compound',
        require: 'all',
        withinSeconds: 86_400,
        triggers: [event({ expect: ['orders.ready'] }), event({ expect: ['prices.ready'] })],
      },
      onTrigger: [{ type: 'run-deployment', deployment: 'flow/name', parameters: {} }],
    },
  },
  {
    title: 'Watch how long runs wait',
    what: 'Over 100 runs are due and have not started.',
    draft: {
      name: 'Too many runs wait',
      trigger: { type: 'metric', metric: 'queue-depth', operator: '>', threshold: 100, each: 'pool', forSeconds: 120 },
      onTrigger: [{ type: 'call-webhook', url: 'https://example.com/alerts' }],
    },
  },
];

/** Fires on events of this name. */
export const draftOn = (name: string): Draft => ({ name: `On ${name}`, trigger: event({ expect: [name] }), onTrigger: [] });

/** Kinds of triggers, each with what it begins as. */
export const TRIGGER_KINDS = {
  reactive: { label: 'Events come', start: event({ expect: ['run.Failed'] }) },
  proactive: {
    label: 'Events stay away',
    start: event({ posture: 'proactive', after: ['run.Pending'], expect: ['run.Running'], forEach: ['id'], withinSeconds: 300 }),
  },
  metric: {
    label: 'A figure is out of range',
    start: { type: 'metric', metric: 'success-rate', operator: '<', threshold: 0.9, rangeSeconds: 3_600 },
  },
  several: {
    label: 'Several triggers together',
    start: {
      type: 'compound',
      require: 'all',
      withinSeconds: 3_600,
      triggers: [event({ expect: ['orders.ready'] }), event({ expect: ['prices.ready'] })],
    },
  },
  deadline: { label: 'A deadline passes', start: { type: 'deadline', condition: 'running-longer-than', seconds: 3_600 } },
} satisfies Record<string, { label: string; start: TriggerInput }>;
export type TriggerKind = keyof typeof TRIGGER_KINDS;

export function kindOf(trigger: TriggerInput): TriggerKind {
  if (trigger.type === 'event') return trigger.posture === 'proactive' ? 'proactive' : 'reactive';
  return trigger.type === 'metric' || trigger.type === 'deadline' ? trigger.type : 'several';
}

/** `a, b c` as `["a", "b", "c"]`. */
export const wordsOf = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean);

/** A line for each label: `state = Failed | Crashed`. */
export function matchText(match: LabelMatch | undefined): string {
  return Object.entries(match ?? {})
    .map(([label, wanted]) => `${label} = ${[wanted].flat().join(' | ')}`)
    .join('\n');
}

/** What `matchText` writes. A line without `=` is a label that must be there, whatever it says. */
export function matchOf(text: string): LabelMatch {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf('=');
      if (at < 0) return [line.trim(), '*'];
      const wanted = line
        .slice(at + 1)
        .split('|')
        .map((each) => each.trim())
        .filter(Boolean);
      return [line.slice(0, at).trim(), wanted.length === 1 ? (wanted[0] ?? '*') : wanted.length === 0 ? '*' : wanted];
    }),
  );
}

/** As a list, whichever way it is written. */
export function relatedOf(trigger: EventDraft): LabelMatch[] {
  return [trigger.matchRelated ?? []].flat() as LabelMatch[];
}

export function withoutEmpty<T extends object>(thing: T): T {
  return Object.fromEntries(Object.entries(thing).filter(([, value]) => value !== undefined && value !== '')) as T;
}

/** With no value of a header: a preview asks by its address, which others on the way may keep. */
export function withoutHeaderValues(action: ActionDraft): ActionDraft {
  if (action.type !== 'call-webhook') return action;
  return { ...action, headers: Object.fromEntries(Object.keys(action.headers ?? {}).map((name) => [name, SEALED_VALUE])) };
}

/** The list with the entry at `index` moved by one place. */
export function moved<T>(list: readonly T[], index: number, step: -1 | 1): T[] {
  const next = [...list];
  const [one] = next.splice(index, 1);
  if (one !== undefined) next.splice(Math.max(0, Math.min(list.length - 1, index + step)), 0, one);
  return next;
}

export type ActionDraft = AutomationActionInput;

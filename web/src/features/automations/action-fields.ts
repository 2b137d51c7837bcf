/** What the form asks for each kind of action: the only place that knows their words. */
import type { AutomationActionType } from '@signalbox/proto/api';
import { SEVERITY_LEVELS } from '../../components/ui/severity.tsx';
import type { ActionDraft } from './draft.ts';

export interface ActionField {
  readonly name: string;
  readonly label: string;
  readonly kind: 'text' | 'long' | 'number' | 'json' | readonly string[];
  readonly hint?: string;
  readonly isRequired?: boolean;
}
interface ActionForm {
  readonly label: string;
  readonly fields: readonly ActionField[];
  /** What a new one begins as, where its type alone is not enough. */
  readonly start?: object;
}

const target = (name: string, label: string): ActionField => ({
  name,
  label,
  kind: 'text',
  hint: 'Empty: the one that the event is about.',
});
const reason: ActionField = { name: 'reason', label: 'Reason', kind: 'text' };
const deployment = target('deployment', 'Deployment');
const run = target('run', 'Run');

export const ACTION_FORMS: Record<AutomationActionType, ActionForm> = {
  'run-deployment': {
    label: 'Run a deployment',
    fields: [
      deployment,
      {
        name: 'parameters',
        label: 'Parameters',
        kind: 'json',
        hint: 'Over those of the deployment. Texts may be templates: {{ event.resource.id }}',
      },
      { name: 'name', label: 'Name of the run', kind: 'text' },
      { name: 'delaySeconds', label: 'Delay, seconds', kind: 'number' },
    ],
  },
  'pause-deployment': { label: 'Pause a deployment', fields: [deployment, reason] },
  'resume-deployment': { label: 'Resume a deployment', fields: [deployment] },
  'cancel-run': { label: 'Cancel a run', fields: [run] },
  'suspend-run': { label: 'Suspend a run', fields: [run, reason] },
  'resume-run': { label: 'Resume a run', fields: [run] },
  'retry-run': { label: 'Retry a run', fields: [run, { name: 'mode', label: 'From', kind: ['from-failed', 'from-start'] }] },
  'set-run-state': {
    label: 'Set the state of a run',
    fields: [
      run,
      { name: 'state', label: 'State', kind: ['COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED'] },
      { name: 'name', label: 'Name of the state', kind: 'text' },
      reason,
    ],
    start: { state: 'FAILED' },
  },
  'delete-run': { label: 'Delete a run', fields: [run] },
  'pause-schedule': { label: 'Pause a schedule', fields: [target('schedule', 'Schedule')] },
  'resume-schedule': { label: 'Resume a schedule', fields: [target('schedule', 'Schedule')] },
  'pause-work-pool': { label: 'Pause a work pool', fields: [target('pool', 'Work pool')] },
  'resume-work-pool': { label: 'Resume a work pool', fields: [target('pool', 'Work pool')] },
  'pause-work-queue': { label: 'Pause a work queue', fields: [target('pool', 'Work pool'), target('queue', 'Queue')] },
  'resume-work-queue': { label: 'Resume a work queue', fields: [target('pool', 'Work pool'), target('queue', 'Queue')] },
  'pause-automation': { label: 'Switch an automation off', fields: [target('automation', 'Automation')] },
  'resume-automation': {
    label: 'Switch an automation on',
    fields: [{ name: 'automation', label: 'Automation', kind: 'text', isRequired: true }],
    start: { automation: '' },
  },
  'emit-event': {
    label: 'Send an event',
    fields: [
      { name: 'name', label: 'Name', kind: 'text', isRequired: true, hint: 'Such as orders.late' },
      { name: 'resource', label: 'Labels of the thing', kind: 'json', hint: 'Empty: the thing that the event is about.' },
      { name: 'payload', label: 'Payload', kind: 'json' },
    ],
    start: { name: '' },
  },
  'send-notification': {
    label: 'Send a notification',
    fields: [
      { name: 'channel', label: 'Channel', kind: 'text', isRequired: true, hint: 'Its name, as under Notifications.' },
      { name: 'subject', label: 'Subject', kind: 'text', hint: 'Empty: the name of the automation. {{ flow.name }} failed' },
      { name: 'body', label: 'Text', kind: 'long' },
      { name: 'severity', label: 'Severity', kind: SEVERITY_LEVELS },
      { name: 'fingerprint', label: 'Names the problem', kind: 'text', hint: 'While it is open it is told once. Empty: told each time.' },
    ],
    start: { channel: '' },
  },
  'declare-incident': {
    label: 'Declare an incident',
    fields: [
      { name: 'title', label: 'Title', kind: 'text', hint: 'Empty: the name of the automation.' },
      { name: 'summary', label: 'What is known', kind: 'long' },
      { name: 'severity', label: 'Severity', kind: SEVERITY_LEVELS },
      { name: 'key', label: 'Names the problem', kind: 'text', hint: 'One incident at a time. Empty: this automation and its group.' },
    ],
  },
  'resolve-incident': {
    label: 'Resolve an incident',
    fields: [
      { name: 'key', label: 'Names the problem', kind: 'text', hint: 'As where it is declared. Empty: this automation and its group.' },
      { name: 'text', label: 'What was done', kind: 'long' },
    ],
  },
  'call-webhook': {
    label: 'Call a webhook',
    fields: [
      {
        name: 'url',
        label: 'Address',
        kind: 'text',
        isRequired: true,
        hint: 'Calls are signed. Addresses inside the network are refused unless allowed.',
      },
      { name: 'method', label: 'Method', kind: ['POST', 'PUT', 'PATCH', 'DELETE', 'GET'] },
      {
        name: 'headers',
        label: 'Headers',
        kind: 'json',
        hint: 'Values are secret: they are sealed and not shown again. Leave "(sealed)" to keep what is stored.',
      },
      { name: 'format', label: 'Format', kind: ['signalbox', 'cloudevents'], hint: 'Of the body where none is written below.' },
      { name: 'body', label: 'Body', kind: 'json', hint: 'Empty: the firing with its event, or the event as a CloudEvent.' },
    ],
    start: { url: '' },
  },
};

export const ACTION_TYPES = Object.keys(ACTION_FORMS) as AutomationActionType[];

export const newAction = (type: AutomationActionType): ActionDraft => ({ type, ...ACTION_FORMS[type].start }) as ActionDraft;

/** `Run a deployment: weather/daily`. */
export function actionWords(action: Readonly<Record<string, unknown>> & { readonly type: string }): string {
  const form = ACTION_FORMS[action.type as AutomationActionType] as ActionForm | undefined;
  const what = ['deployment', 'run', 'schedule', 'pool', 'queue', 'automation', 'url', 'name'].map((field) => action[field]).find(Boolean);
  return `${form?.label ?? action.type}${typeof what === 'string' ? `: ${what}` : ''}`;
}

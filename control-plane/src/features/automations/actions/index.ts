/** Every kind of action by its type: checked against the contract, so a kind without a file does not compile. */
import type { AutomationAction, AutomationActionType } from '@signalbox/proto/api';
import type { ActionKind, ActionOf } from './action-kind.ts';
import { pauseAutomationKind, resumeAutomationKind } from './automations.ts';
import { callWebhookKind } from './call-webhook.ts';
import { pauseDeploymentKind, pauseScheduleKind, resumeDeploymentKind, resumeScheduleKind } from './deployments.ts';
import { emitEventKind } from './emit-event.ts';
import { declareIncidentKind, resolveIncidentKind } from './incidents.ts';
import { sendNotificationKind } from './notify.ts';
import { runDeploymentKind } from './run-deployment.ts';
import { cancelRunKind, deleteRunKind, resumeRunKind, retryRunKind, setRunStateKind, suspendRunKind } from './runs.ts';
import { pauseWorkPoolKind, pauseWorkQueueKind, resumeWorkPoolKind, resumeWorkQueueKind } from './work-pools.ts';

const ACTION_KINDS: { readonly [T in AutomationActionType]: ActionKind<ActionOf<T>> } = {
  'run-deployment': runDeploymentKind,
  'pause-deployment': pauseDeploymentKind,
  'resume-deployment': resumeDeploymentKind,
  'cancel-run': cancelRunKind,
  'suspend-run': suspendRunKind,
  'resume-run': resumeRunKind,
  'retry-run': retryRunKind,
  'set-run-state': setRunStateKind,
  'delete-run': deleteRunKind,
  'pause-schedule': pauseScheduleKind,
  'resume-schedule': resumeScheduleKind,
  'pause-work-pool': pauseWorkPoolKind,
  'resume-work-pool': resumeWorkPoolKind,
  'pause-work-queue': pauseWorkQueueKind,
  'resume-work-queue': resumeWorkQueueKind,
  'pause-automation': pauseAutomationKind,
  'resume-automation': resumeAutomationKind,
  'emit-event': emitEventKind,
  'call-webhook': callWebhookKind,
  'send-notification': sendNotificationKind,
  'declare-incident': declareIncidentKind,
  'resolve-incident': resolveIncidentKind,
};

export function kindOf({ type }: Pick<AutomationAction, 'type'>): ActionKind<AutomationAction> {
  return ACTION_KINDS[type] as unknown as ActionKind<AutomationAction>;
}

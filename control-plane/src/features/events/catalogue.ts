import { RESERVED_EVENT_NAMES } from '@signalbox/proto/messages';

/** Every event of ours that is neither a state of a run nor a command: what it is about, and when it happens. `appendEvents` takes no other. */
export const OWN_EVENTS = {
  'run.Late': ['run', 'it has not started 15 s after it was due; once'],
  'approval.asked': ['run', 'it asks certain people; `payload` says whom and what'],
  'approval.reminded': ['run', 'they have not answered yet'],
  'approval.answered': ['run', 'one of them did'],
  'approval.expired': ['run', 'it goes on without an answer'],
  'limit.saturated': [
    'limit, work pool, queue or deployment',
    'runs have waited for it for 10 s without a break; `payload` has its slots, how many are held, how many wait; label `key`: of a limit by key',
  ],
  'limit.available': ['the same', 'nobody has waited for it for 10 s'],
  'limit.exceeded': ['workspace', 'it has used what it may of something; once an hour and kind'],
  'artifact.created': ['artifact', 'a run made an artifact'],
  'asset.materialized': ['asset', 'a run made an asset anew'],
  'asset.failed': ['asset', 'a run was to make it and did not'],
  'agent.online': ['agent', 'it is there and takes runs; the work pool is related, `payload.was` is what it was before'],
  'agent.offline': ['agent', 'its lease ended in served time: no outage of ours does this'],
  'agent.draining': ['agent', 'it ends what it has and takes nothing new'],
  'agent.quarantined': ['agent', 'it is given nothing new until it is released'],
  'agent.revoked': ['agent', 'it is cut off for good'],
  'work-pool.ready': ['work pool', 'an agent of it takes runs; `payload.was` is what it was before'],
  'work-pool.not-ready': ['work pool', 'none does'],
  'work-pool.paused': ['work pool', 'it was paused by hand'],
  'schedule.fire-missing': ['schedule', 'the auditor found that it did not fire'],
  'schedule.fire-extra': ['schedule', 'the auditor found a fire that nothing asked for'],
  'automation.fired': ['automation', 'it fired; `related` has the firing, what set it off and what that was about'],
  'automation.resolved': ['automation', 'what it fired for is over'],
  'automation.action-failed': ['automation', 'an action was given up; `payload` has its kind and why'],
  'notification.failed': ['channel', 'a delivery was given up'],
  'webhook.refused': ['webhook', 'it refused requests that prove nothing or are no events; once an hour, `payload` says why'],
  'sla.violated': ['service level', 'what was promised was not kept; once'],
  'sla.met': ['service level', 'it is kept again'],
  'incident.declared': ['incident', 'somebody, or an automation, declared it'],
  'incident.updated': ['incident', 'its title, summary, severity or status changed, or it was declared once more'],
  'incident.commented': ['incident', 'somebody said something'],
  'incident.resolved': ['incident', 'it is over'],
  'incident.reopened': ['incident', 'it is not over after all'],
  'failure-group.opened': ['group of failures', 'a run failed of a cause that was not known'],
  'failure-group.reopened': ['group of failures', 'it is back after it was resolved, or after the time for which it was muted'],
  'failure-group.resolved': ['group of failures', 'somebody resolved it, by version or as of now'],
} as const satisfies Readonly<Record<string, readonly [about: string, when: string]>>;
/** A name that is not ours: of a program, a webhook, an action. */
export type ForeignEventName = string & { readonly [FOREIGN]: true };
declare const FOREIGN: unique symbol;

/** @throws for one that begins like ours: its schema should have refused it */
export function foreignName(name: string): ForeignEventName {
  if (RESERVED_EVENT_NAMES.test(name)) throw new Error(`an event that is not ours would be called ${name}`);
  return name as ForeignEventName;
}

export type OwnEventName = keyof typeof OWN_EVENTS;

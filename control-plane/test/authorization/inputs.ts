/** Inputs of procedures that are right, made of a workspace's own things. */
import { type IdKind, toId, uuidv7 } from '@signalbox/proto';
import { deployOf } from '../deploy-input.ts';
import { referencesOf, schemaOf } from './procedures.ts';
import { CRON, RANGE, type World } from './world.ts';

/** What any kind of trigger and of action needs; keys that are not of its kind are dropped. */
const TRIGGER = { type: 'event', metric: 'duration', operator: '>', threshold: 1, condition: 'running-longer-than', seconds: 60 };
const automationOf = ({ ids }: World) => ({
  name: `new ${uuidv7(Date.now())}`,
  enabled: false,
  trigger: TRIGGER,
  onTrigger: [{ type: 'emit-event', name: 'new', state: 'FAILED', url: 'https://x.example', automation: ids.automation }],
});
const deployWithTrigger = (own: World) => {
  const { trigger, onTrigger } = automationOf(own);
  return { ...deployOf({ name: 'new', schedules: [{ slug: 'new', spec: CRON }] }), triggers: [{ trigger, onTrigger, enabled: false }] };
};

/**
 * Inputs that are right, to be spoilt one field at a time. Where a reference alone makes one, none is needed. `undefined`
 * for a field that excludes another.
 */
export const INPUT: Readonly<Record<string, (own: World) => object>> = {
  'deployments.deploy': deployWithTrigger,
  'deployments.plan': deployWithTrigger,
  'deployments.setOverlay': () => ({ set: [{ path: 'graceMs', value: 1_000 }], reason: 'x' }),
  'deployments.rollback': () => ({ version: 1 }),
  'schedules.preview': () => ({ spec: CRON }),
  'schedules.create': ({ ids }) => ({ deployment: ids.deployment, slug: 'new', spec: CRON }),
  'schedules.update': ({ ids }) => ({ schedule: ids.schedule }),
  'schedules.skip': () => ({ at: '2099-01-01T06:00:00Z' }),
  'schedules.unskip': () => ({ at: '2099-01-01T06:00:00Z' }),
  'schedules.setActive': () => ({ active: false }),
  'backfills.create': ({ ids, names }) => ({ deployment: ids.deployment, schedule: names['schedule'], ...RANGE }),
  'workspaces.transfer': ({ ids }) => ({ workspace: ids.workspace, organization: ids.organization }),
  'roles.create': () => ({ slug: 'new', name: 'New' }),
  'organizations.setMemberRole': () => ({ role: 'member' }),
  'organizations.grant': ({ ids }) => ({ subject: { kind: 'team', id: ids.team }, role: 'viewer' }),
  'teams.rename': () => ({ name: 'new' }),
  'teams.addMember': ({ ids }) => ({ team: ids.team, member: { kind: 'person', id: ids.user } }),
  'teams.removeMember': ({ ids }) => ({ team: ids.team, member: { kind: 'person', id: ids.user } }),
  'members.add': () => ({ role: 'viewer' }),
  'members.setRole': () => ({ role: 'viewer' }),
  'retention.hold': () => ({ reason: 'a lawsuit' }),
  'access.grant': ({ ids }) => ({ subject: { kind: 'team', id: ids.team }, role: 'viewer' }),
  'apiKeys.create': () => ({ name: 'new' }),
  'workPools.slots': ({ ids }) => ({ pool: ids.workPool }),
  'workPools.setTemplate': () => ({ template: null }),
  'workPools.upsertQueue': () => ({ name: 'new' }),
  'workPools.moveQueue': () => ({ name: 'default', to: 'up' }),
  'workPools.pauseQueue': () => ({ name: 'default' }),
  'workPools.resumeQueue': () => ({ name: 'default' }),
  'workPools.deleteQueue': () => ({ name: 'default' }),
  'limits.freeSlots': ({ ids }) => ({ limit: ids.limit, run: ids.run, request: uuidv7(Date.now()) }),
  'bulk.preview': () => ({ action: 'cancel', filter: {} }),
  'bulk.cancel': () => ({ filter: {} }),
  'bulk.retry': () => ({ filter: {} }),
  'bulk.delete': () => ({ filter: {} }),
  'bulk.setState': () => ({ filter: {}, type: 'FAILED', reason: 'x' }),
  'sso.update': ({ tenant, ids }) => ({
    connection: ids.ssoConnection,
    first: { workspace: toId('workspace', tenant.workspaceId), role: 'viewer' },
  }),
  'events.replay': () => ({ trigger: TRIGGER }),
  'events.find': () => ({ id: uuidv7(Date.now()) }),
  'events.graph': () => ({ position: 1 }),
  'automations.create': automationOf,
  'automations.upsert': automationOf,
  'automations.update': (own) => {
    const { trigger, onTrigger } = automationOf(own);
    return { automation: own.ids.automation, trigger, onTrigger };
  },
  'automations.test': () => ({ trigger: TRIGGER }),
  'incidents.declare': () => ({ title: 'new' }),
  'failures.assign': () => ({ owner: 'me' }),
  'failures.mute': () => ({ until: null }),
  'slas.create': ({ ids }) => ({ name: 'new', kind: 'lateness', deployment: ids.deployment, seconds: 60 }),
  'incidents.comment': () => ({ text: 'x' }),
  'incidents.unlink': () => ({ ref: 'x' }),
  'automations.preview': (own) => ({ trigger: TRIGGER, actions: automationOf(own).onTrigger }),
  'runs.createMany': () => ({ runs: [{}] }),
  'runs.history': () => RANGE,
  'runs.setState': () => ({ type: 'FAILED', reason: 'x' }),
};

/** A copy of `input` with `value` at the path; what is missing on the way is made. */
export function withValue(input: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  if (key === '0') return [withValue(Array.isArray(input) ? input[0] : undefined, rest, value)];
  const own = (typeof input === 'object' && input !== null ? input : {}) as Record<string, unknown>;
  return { ...own, [key]: withValue(own[key], rest, value) };
}

/** The input with one's own ids where a reference is missing. */
export function completed(path: string, input: unknown, own: World): unknown {
  const missing = (schemaOf(path).safeParse(input).error?.issues ?? []).map((issue) => issue.path.join('.'));
  const fields = referencesOf(schemaOf(path)).filter((field) => missing.includes(field.path.join('.')));
  return fields.reduce((made, { path: at, kinds }) => withValue(made, at, own.ids[kinds[0] as IdKind]), input);
}

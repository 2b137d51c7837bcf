/**
 * Every procedure, as every role and with another workspace's ids in each field that takes a reference: refused, and
 * neither read nor changed. A procedure that this file does not name fails it.
 */
import { ID_PREFIX, type IdKind, toId, toUuid, uuidv7 } from '@signalbox/proto';
import { OBJECT_KINDS, ORGANIZATION_ROLES, type OrganizationRole, WORKSPACE_ROLES, type WorkspaceRole } from '@signalbox/proto/api';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { openTestApi, refusal, type Tenant, type TestApi } from '../test/api.ts';
import { deployOf } from '../test/deploy-input.ts';
import { openTally } from '../test/tally.ts';
import { accessOf } from './domain/access.ts';
import type { ObjectKind } from './domain/permissions.ts';
import { appRouter, createCaller } from './router.ts';

/** Which roles of a workspace each word stands for. */
const ROLES = {
  viewer: ['viewer', 'runner', 'operator', 'developer', 'owner'],
  runner: ['runner', 'operator', 'developer', 'owner'],
  operator: ['operator', 'developer', 'owner'],
  'operator alone': ['operator', 'owner'],
  developer: ['developer', 'owner'],
  owner: ['owner'],
} as const satisfies Record<string, readonly WorkspaceRole[]>;

/** Least role of each; `anybody` has an account, `public` none. Written down apart from the code's own table. */
const LEAST: Readonly<Record<string, keyof typeof ROLES | `organization ${OrganizationRole}` | 'anybody' | 'public'>> = {
  'me.get': 'anybody',
  // Of oneself; of others who may grant: asked there.
  'access.explain': 'anybody',
  'workspaces.list': 'anybody',
  'workspaces.create': 'organization admin',
  'workspaces.update': 'owner',
  'workspaces.delete': 'owner',
  'workspaces.restore': 'owner',
  // It names both organizations' things in its input: who may is asked there.
  'workspaces.transfer': 'anybody',
  'invitations.list': 'organization admin',
  'invitations.create': 'organization admin',
  'invitations.revoke': 'organization admin',
  'invitations.resend': 'organization admin',
  'invitations.preview': 'public',
  'invitations.accept': 'anybody',
  'invitations.join': 'public',
  'organizations.list': 'anybody',
  'organizations.get': 'organization member',
  'organizations.create': 'anybody',
  'organizations.update': 'organization admin',
  // It names the organization in its input: who may is asked there.
  'organizations.delete': 'anybody',
  'organizations.restore': 'anybody',
  'organizations.members': 'organization member',
  'organizations.setMemberRole': 'organization admin',
  'organizations.removeMember': 'organization admin',
  'organizations.grants': 'organization member',
  'organizations.grant': 'organization admin',
  'organizations.revokeGrant': 'organization admin',
  'roles.list': 'organization member',
  'roles.scopes': 'organization member',
  'roles.create': 'organization admin',
  'roles.update': 'organization admin',
  'roles.delete': 'organization admin',
  'teams.list': 'organization member',
  'teams.create': 'organization admin',
  'teams.rename': 'organization admin',
  'teams.delete': 'organization admin',
  'teams.addMember': 'organization admin',
  'teams.removeMember': 'organization admin',
  'serviceAccounts.list': 'organization member',
  'serviceAccounts.create': 'organization admin',
  'serviceAccounts.update': 'organization admin',
  'serviceAccounts.delete': 'organization admin',
  'apiKeys.list': 'viewer',
  'apiKeys.create': 'viewer',
  'apiKeys.rotate': 'viewer',
  'apiKeys.revoke': 'viewer',
  'members.list': 'viewer',
  'members.add': 'owner',
  'members.setRole': 'owner',
  'members.remove': 'owner',
  'audit.list': 'operator alone',
  'audit.verify': 'operator alone',
  'audit.listOrganization': 'organization admin',
  'audit.verifyOrganization': 'organization admin',
  'access.grants': 'viewer',
  'access.grant': 'owner',
  'access.revoke': 'owner',
  'sso.connections': 'organization owner',
  'sso.create': 'organization owner',
  'sso.update': 'organization owner',
  'sso.delete': 'organization owner',
  'sso.domains': 'organization owner',
  'sso.addDomain': 'organization owner',
  'sso.verifyDomain': 'organization owner',
  'sso.removeDomain': 'organization owner',
  'support.get': 'organization owner',
  'support.set': 'organization owner',
  'networks.get': 'organization owner',
  'networks.set': 'organization owner',
  'scim.tokens': 'organization owner',
  'scim.createToken': 'organization owner',
  'scim.revokeToken': 'organization owner',
  'login.start': 'public',
  'login.look': 'anybody',
  'login.poll': 'public',
  'login.approve': 'anybody',
  'flows.list': 'viewer',
  'deployments.deploy': 'developer',
  'deployments.plan': 'developer',
  'deployments.list': 'viewer',
  'deployments.get': 'viewer',
  'deployments.describe': 'viewer',
  'deployments.pause': 'operator',
  'deployments.resume': 'operator',
  'deployments.setOverlay': 'operator',
  'deployments.resetOverlay': 'operator',
  'deployments.versions': 'viewer',
  'deployments.rollback': 'developer',
  'deployments.delete': 'developer',
  'schedules.preview': 'viewer',
  'schedules.upcoming': 'viewer',
  'schedules.fires': 'viewer',
  'schedules.findings': 'viewer',
  'schedules.create': 'operator',
  'schedules.update': 'operator',
  'schedules.delete': 'operator',
  'schedules.skip': 'operator',
  'schedules.unskip': 'operator',
  'schedules.setActive': 'operator',
  'calendars.list': 'viewer',
  'calendars.get': 'viewer',
  'calendars.create': 'operator',
  'calendars.update': 'operator',
  'calendars.delete': 'operator',
  'usage.get': 'viewer',
  'usage.history': 'viewer',
  'retention.get': 'viewer',
  'retention.set': 'owner',
  'retention.hold': 'owner',
  'retention.release': 'owner',
  'backfills.list': 'viewer',
  'backfills.get': 'viewer',
  'backfills.create': 'runner',
  'backfills.pause': 'operator',
  'backfills.resume': 'operator',
  'backfills.cancel': 'runner',
  'workPools.list': 'viewer',
  'workPools.get': 'viewer',
  'workPools.create': 'developer',
  'workPools.update': 'developer',
  'workPools.pause': 'operator',
  'workPools.resume': 'operator',
  'workPools.delete': 'developer',
  'workPools.slots': 'viewer',
  'workPools.getTemplate': 'viewer',
  'workPools.setTemplate': 'developer',
  'workPools.upsertQueue': 'developer',
  'workPools.moveQueue': 'developer',
  'workPools.pauseQueue': 'operator',
  'workPools.resumeQueue': 'operator',
  'workPools.deleteQueue': 'developer',
  'agents.list': 'viewer',
  'agents.get': 'viewer',
  'agents.createJoinCode': 'operator',
  'agents.revoke': 'operator alone',
  'agents.drain': 'operator alone',
  'agents.quarantine': 'operator alone',
  'agents.release': 'operator alone',
  'variables.list': 'viewer',
  'variables.get': 'viewer',
  'variables.set': 'developer',
  'variables.delete': 'developer',
  'blocks.types': 'viewer',
  'blocks.setType': 'developer',
  'blocks.deleteType': 'developer',
  'blocks.list': 'viewer',
  'blocks.get': 'viewer',
  'blocks.set': 'developer',
  'blocks.delete': 'developer',
  'assets.list': 'viewer',
  'assets.get': 'viewer',
  'assets.materializations': 'viewer',
  'assets.graph': 'viewer',
  'assets.delete': 'developer',
  'events.list': 'viewer',
  'events.count': 'viewer',
  'events.replay': 'viewer',
  'events.graph': 'viewer',
  'events.emit': 'runner',
  'automations.list': 'viewer',
  'automations.get': 'viewer',
  'automations.create': 'operator',
  'automations.update': 'operator',
  'automations.upsert': 'operator',
  'automations.delete': 'operator',
  'automations.enable': 'operator',
  'automations.disable': 'operator',
  'automations.reset': 'operator',
  'automations.firings': 'viewer',
  'automations.firing': 'viewer',
  'automations.retryAction': 'operator',
  'automations.test': 'viewer',
  'incidents.list': 'viewer',
  'incidents.get': 'viewer',
  'incidents.declare': 'runner',
  'incidents.update': 'runner',
  'incidents.comment': 'runner',
  'incidents.link': 'runner',
  'incidents.unlink': 'runner',
  'incidents.resolve': 'runner',
  'incidents.reopen': 'runner',
  'failures.list': 'viewer',
  'failures.get': 'viewer',
  'failures.acknowledge': 'runner',
  'failures.assign': 'runner',
  'failures.mute': 'runner',
  'failures.resolve': 'runner',
  'failures.reopen': 'runner',
  'failures.retry': 'runner',
  'slas.list': 'viewer',
  'slas.create': 'operator',
  'slas.update': 'operator',
  'slas.delete': 'operator',
  'slas.violations': 'viewer',
  'webhooks.list': 'viewer',
  'webhooks.create': 'operator',
  'webhooks.update': 'operator',
  'webhooks.rotate': 'operator',
  'webhooks.delete': 'operator',
  'webhooks.requests': 'viewer',
  'webhooks.preview': 'viewer',
  'notifications.channels': 'viewer',
  'notifications.create': 'operator',
  'notifications.update': 'operator',
  'notifications.delete': 'operator',
  'notifications.test': 'operator',
  'notifications.deliveries': 'viewer',
  'notifications.resend': 'operator',
  'automations.preview': 'viewer',
  'automations.signingSecret': 'operator',
  'limits.list': 'viewer',
  'limits.get': 'viewer',
  'limits.holders': 'viewer',
  'limits.waiters': 'viewer',
  'limits.create': 'developer',
  'limits.ensure': 'developer',
  'limits.update': 'operator',
  'limits.freeSlots': 'operator',
  'limits.delete': 'developer',
  'bulk.preview': 'viewer',
  'bulk.cancel': 'runner',
  'bulk.retry': 'runner',
  'bulk.delete': 'developer',
  'bulk.setState': 'developer',
  'bulk.list': 'viewer',
  'bulk.get': 'viewer',
  'bulk.pause': 'runner',
  'bulk.resume': 'runner',
  'bulk.stop': 'runner',
  'runs.create': 'runner',
  'runs.createMany': 'runner',
  'runs.list': 'viewer',
  'runs.count': 'viewer',
  'runs.history': 'viewer',
  'runs.get': 'viewer',
  'runs.children': 'viewer',
  'runs.questions': 'viewer',
  'runs.explain': 'viewer',
  'runs.retry': 'runner',
  'runs.cancel': 'runner',
  'runs.pause': 'runner',
  'runs.suspend': 'runner',
  'runs.resume': 'runner',
  'runs.setState': 'developer',
  'runs.delete': 'developer',
  'runs.taskRuns': 'viewer',
  'runs.logs': 'viewer',
  'runs.artifacts': 'viewer',
};

/** What the role of agents, which stands apart, may beside what anybody may. */
const OF_AGENTS = ['workPools.list', 'workPools.get', 'workPools.slots', 'workPools.getTemplate'];

/** What a running flow may with its token, beside what anybody may: the first of it everywhere, the rest for its own deployment. */
const OF_RUNS = [
  ...['runs.create', 'runs.createMany', 'backfills.create', 'variables.list', 'variables.get', 'events.emit'],
  ...['list', 'get', 'describe', 'versions'].map((verb) => `deployments.${verb}`),
  ...['preview', 'upcoming', 'fires', 'findings'].map((verb) => `schedules.${verb}`),
  ...['list', 'get'].map((verb) => `backfills.${verb}`),
  ...['list', 'count', 'history', 'get', 'children', 'questions', 'explain', 'taskRuns', 'logs', 'artifacts'].map((verb) => `runs.${verb}`),
];

/** What one may who is owner of a single thing and has nothing else, beside what anybody may; it is narrowed to that thing. */
const OF_ONE: Readonly<Record<ObjectKind, readonly string[]>> = {
  deployment: [
    ...['list', 'get', 'describe', 'pause', 'resume', 'setOverlay', 'resetOverlay', 'versions', 'rollback', 'delete'].map(
      (verb) => `deployments.${verb}`,
    ),
    ...['preview', 'upcoming', 'fires', 'findings', 'create', 'update', 'delete', 'skip', 'unskip', 'setActive'].map(
      (verb) => `schedules.${verb}`,
    ),
    ...['list', 'get', 'create', 'pause', 'resume', 'cancel'].map((verb) => `backfills.${verb}`),
    ...['create', 'createMany', 'list', 'count', 'history', 'get', 'children', 'questions', 'explain', 'retry', 'cancel', 'pause'].map(
      (verb) => `runs.${verb}`,
    ),
    ...['suspend', 'resume', 'setState', 'delete', 'taskRuns', 'logs', 'artifacts'].map((verb) => `runs.${verb}`),
  ],
  'work-pool': [
    ...['list', 'get', 'update', 'pause', 'resume', 'delete', 'slots', 'getTemplate', 'setTemplate'].map((verb) => `workPools.${verb}`),
    ...['upsertQueue', 'moveQueue', 'pauseQueue', 'resumeQueue', 'deleteQueue'].map((verb) => `workPools.${verb}`),
    ...['list', 'get', 'createJoinCode', 'revoke', 'drain', 'quarantine', 'release'].map((verb) => `agents.${verb}`),
  ],
  block: ['types', 'list', 'get', 'set', 'delete'].map((verb) => `blocks.${verb}`),
};

/** One thing of each kind in a workspace. */
type World = {
  readonly tenant: Tenant;
  readonly ids: Readonly<Partial<Record<IdKind, string>>>;
  readonly names: Readonly<Record<string, string>>;
};

const CRON = { kind: 'cron', cron: '0 6 * * *' } as const;
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
const RANGE = { from: '2026-01-01T00:00:00Z', to: '2026-01-03T00:00:00Z' };

/**
 * Inputs that are right, to be spoilt one field at a time. Where a reference alone makes one, none is needed. `undefined`
 * for a field that excludes another.
 */
const INPUT: Readonly<Record<string, (own: World) => object>> = {
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

/** Fields of plain text that name a thing, by their last name; ids are found by their schemas. */
const REFERENCES: Readonly<Record<string, readonly IdKind[]>> = {
  deployment: ['deployment'],
  deployments: ['deployment'],
  pool: ['workPool'],
  pools: ['workPool'],
  queue: ['workQueue'],
  queues: ['workQueue'],
  schedule: ['schedule'],
  schedules: ['schedule'],
  calendar: ['calendar'],
  flow: ['flow'],
  flows: ['flow'],
  agents: ['agent'],
  limit: ['limit'],
  of: ['limit'],
  automation: ['automation'],
  cursor: ['run', 'backfill', 'workPool', 'agent', 'bulkJob', 'deployment', 'flow', 'limit', 'automation', 'automationFiring'],
};
/** Texts of those names that make a thing of their own. */
const OWN_NAMES = new Set(['deployments.deploy flow', 'deployments.plan flow']);

type Field = {
  readonly path: readonly string[];
  readonly kinds: readonly IdKind[];
  readonly isSlug: boolean;
  /** What a field beside it must say for this one to be read so. */
  readonly beside?: { readonly path: readonly string[]; readonly value: unknown };
};
type Def = {
  type: string;
  shape?: Record<string, z.ZodType>;
  element?: z.ZodType;
  innerType?: z.ZodType;
  in?: z.ZodType;
  options?: readonly z.ZodType[];
  discriminator?: string;
  values?: readonly unknown[];
};

const tally = openTally('procedures');
const KINDS = Object.keys(ID_PREFIX) as IdKind[];
const someUuid = uuidv7(Date.now());

/** Fields of a schema that take a reference. */
function referencesOf(schema: z.ZodType, path: readonly string[] = []): Field[] {
  const def = schema._zod.def as unknown as Def;
  if (def.shape) return Object.entries(def.shape).flatMap(([key, inner]) => referencesOf(inner, [...path, key]));
  if (def.element) return referencesOf(def.element, [...path, '0']);
  if (def.innerType) return referencesOf(def.innerType, path);
  if (def.in) return referencesOf(def.in, path);
  if (def.options) {
    return def.options.flatMap((option) => {
      const { discriminator } = def;
      const literal = discriminator && (option._zod.def as unknown as Def).shape?.[discriminator];
      const fields = referencesOf(option, path);
      if (!discriminator || !literal) return fields;
      const beside = { path: [...path, discriminator], value: (literal._zod.def as unknown as Def).values?.[0] };
      return fields.map((field) => ({ beside, ...field }));
    });
  }
  if (def.type === 'custom') {
    const kinds = KINDS.filter((kind) => schema.safeParse(toId(kind, someUuid)).success);
    return [{ path, kinds, isSlug: false }];
  }
  const name = path.findLast((part) => part !== '0') ?? '';
  if (def.type !== 'string' || !Object.hasOwn(REFERENCES, name)) return [];
  const isSlug = !schema.safeParse(toId('deployment', someUuid)).success;
  return isSlug && name === 'cursor' ? [] : [{ path, kinds: REFERENCES[name] ?? [], isSlug }];
}

/** Every field of plain text. */
function leavesOf(schema: z.ZodType, path: readonly string[] = []): (readonly string[])[] {
  const def = schema._zod.def as unknown as Def;
  if (def.shape) return Object.entries(def.shape).flatMap(([key, inner]) => leavesOf(inner, [...path, key]));
  if (def.element) return leavesOf(def.element, [...path, '0']);
  if (def.innerType) return leavesOf(def.innerType, path);
  if (def.in) return leavesOf(def.in, path);
  if (def.options) return def.options.flatMap((option) => leavesOf(option, path));
  return def.type === 'string' && path.length > 0 ? [path] : [];
}

const procedures = appRouter._def.procedures as unknown as Record<
  string,
  { _def: { inputs: { schema: z.ZodType }[]; meta?: { access: string } } }
>;
const PATHS = Object.keys(procedures);
const schemaOf = (path: string) => procedures[path]?._def.inputs[0]?.schema as z.ZodType;

let api: TestApi;
let mine: World;
let theirs: World;
let untouched: string;
/** Another workspace of the same organization. */
let second: string;

beforeAll(async () => {
  api = await openTestApi();
  mine = await populate('mine');
  theirs = await populate('theirs');
  second = (await mine.tenant.owner.workspaces.create({ slug: 'second', name: 'Second' })).slug;
  untouched = await everythingOf(theirs);
  // One of each kind, twice: on a busy machine that takes its time.
}, 180_000);
// Of those that are not over, a workspace may have a few.
afterEach(() => api.db.systemSql.query(`UPDATE bulk_job SET status = 'cancelled' WHERE workspace_id = $1`, [mine.tenant.workspaceId]));
afterAll(() => api[Symbol.asyncDispose]());

async function populate(word: string): Promise<World> {
  const tenant = await api.tenant();
  const { owner, workspaceId } = tenant;
  await owner.workPools.create({ name: `${word}-pool` });
  await owner.workPools.upsertQueue({ pool: 'local', name: `${word}-queue` });
  const calendar = await owner.calendars.create({ name: `${word}-calendar`, rules: {} });
  const { deployment } = await owner.deployments.deploy(deployOf({ flow: `${word} flow`, name: `${word} deployment` }));
  const schedule = await owner.schedules.create({ deployment: deployment.id, slug: `${word}-schedule`, spec: CRON });
  const backfill = await owner.backfills.create({ deployment: deployment.id, schedule: schedule.slug, ...RANGE });
  const limit = await owner.limits.create({ name: `${word}-limit`, slots: 1 });
  const run = await owner.runs.create({ deployment: deployment.id, name: `${word} run`, parameters: { secret: `${word} parameter` } });
  const { key } = await owner.apiKeys.create({ name: `${word} key` });
  const team = await owner.teams.create({ slug: `${word}-team`, name: `${word} team` });
  const role = await owner.roles.create({ slug: `${word}-role`, name: `${word} role`, scopes: ['runs:read'] });
  const serviceAccount = await owner.serviceAccounts.create({ slug: `${word}-account`, name: `${word} account` });
  const { invitation } = await owner.invitations.create({ email: `${word}@example.com` });
  const grant = await owner.access.grant({ subject: { kind: 'team', id: team.id }, role: 'viewer' });
  const connection = await owner.sso.create({ kind: 'oidc', name: word, issuer: 'https://id.example', clientId: 'x', clientSecret: 'x' });
  const domain = await owner.sso.addDomain({ domain: `${tenant.slug}.example` });
  const { token } = await owner.scim.createToken({ name: word });
  const { channel } = await owner.notifications.create({ name: `${word}-channel`, target: { kind: 'email', to: [`${word}@example.com`] } });
  const incident = await owner.incidents.declare({ title: `${word} incident` });
  const sla = await owner.slas.create({ name: `${word}-sla`, kind: 'lateness', deployment: deployment.id, seconds: 60 });
  const { webhook } = await owner.webhooks.create({ name: `${word}-webhook` });
  const failureGroup = uuidv7(Date.now());
  await api.db.systemSql.query(
    `INSERT INTO failure_group (id, workspace_id, fingerprint, kind, title, message, frames, first_at, last_at, first_run_id, last_run_id)
     VALUES ($1, $2, '\\x00', 'application', $3, '', '{}', now(), now(), $1, $1)`,
    [failureGroup, workspaceId, `${word} failure`],
  );
  await owner.blocks.setType({ name: `${word}-type`, schema: { type: 'object', properties: {} } });
  const block = await owner.blocks.set({ type: `${word}-type`, name: `${word}-block`, value: {} });
  const delivery = await owner.notifications.test({ channel: channel.id });
  const job = await owner.bulk.cancel({ filter: { name: { contains: 'nothing has it' } } });
  const hold = await owner.retention.hold({ run: run.id, reason: word });
  const automation = await owner.automations.create({
    name: `${word} automation`,
    enabled: false,
    trigger: { type: 'event', expect: [word] },
  });
  const [firing, action] = [uuidv7(Date.now()), uuidv7(Date.now())];
  await api.db.systemSql.query(
    `INSERT INTO automation_firing (id, workspace_id, automation_id, kind, at, key, why) VALUES ($1, $2, $3, 'triggered', now(), '[]', $4)`,
    [firing, workspaceId, toUuid('automation', automation.id), word],
  );
  await api.db.systemSql.query(
    `INSERT INTO automation_action (id, workspace_id, automation_id, firing_id, index, action, scopes, status)
     VALUES ($1, $2, $3, $4, 0, '{"type": "cancel-run"}', '{}', 'failed')`,
    [action, workspaceId, toUuid('automation', automation.id), firing],
  );
  const agent = uuidv7(Date.now());
  await api.db.system.agent.create({ data: { id: agent, workspaceId, poolId: tenant.poolId, name: `${word}-agent`, publicKey: agent } });
  const [queue] = (
    await api.db.systemSql.query('SELECT id FROM work_queue WHERE workspace_id = $1 AND name = $2', [workspaceId, `${word}-queue`])
  ).rows;
  const ids = {
    workspace: toId('workspace', workspaceId),
    workPool: toId('workPool', tenant.poolId),
    workQueue: toId('workQueue', (queue as { id: string }).id),
    agent: toId('agent', agent),
    flow: deployment.flow.id,
    deployment: deployment.id,
    schedule: schedule.id,
    calendar: calendar.id,
    backfill: backfill.id,
    limit: limit.id,
    run: run.id,
    apiKey: key.id,
    bulkJob: job.id,
    organization: toId('organization', tenant.organizationId),
    team: team.id,
    role: role.id as string,
    serviceAccount: serviceAccount.id,
    grant: grant.id,
    ssoConnection: connection.id,
    domain: domain.id,
    scimToken: token.id,
    invitation: invitation.id,
    legalHold: hold.id,
    automation: automation.id,
    automationFiring: toId('automationFiring', firing),
    automationAction: toId('automationAction', action),
    channel: channel.id,
    incident: incident.id,
    webhook: webhook.id,
    sla: sla.id,
    failureGroup: toId('failureGroup', failureGroup),
    delivery: delivery.id,
    block: block.id,
    user: toId('user', (await api.db.system.user.findFirstOrThrow({ where: { email: tenant.ownerEmail } })).id),
  };
  const names = { schedule: `${word}-schedule`, calendar: `${word}-calendar`, workPool: `${word}-pool`, workQueue: `${word}-queue` };
  return { tenant, ids, names };
}

/** Everything that a workspace and its organization have, as text. */
async function everythingOf({ tenant }: World): Promise<string> {
  const tables = await api.db.systemSql.query<{ name: string; column: string }>(
    `SELECT c.relname AS name, min(a.attname) AS column FROM pg_class c
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname IN ('workspace_id', 'organization_id')
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition GROUP BY 1 ORDER BY 1`,
  );
  const parts = [];
  for (const { name, column } of tables.rows) {
    const sql = `SELECT coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '') AS all FROM "${name}" t WHERE ${column} = $1`;
    const id = column === 'workspace_id' ? tenant.workspaceId : tenant.organizationId;
    parts.push(`${name}: ${((await api.db.systemSql.query(sql, [id])).rows[0] as { all: string }).all}`);
  }
  return parts.join('\n');
}

function call(path: string, caller: unknown, input: unknown): Promise<unknown> {
  const [area = '', name = ''] = path.split('.');
  return (caller as Record<string, Record<string, (input: unknown) => Promise<unknown>>>)[area]?.[name]?.(input) as Promise<unknown>;
}

/** A copy of `input` with `value` at the path; what is missing on the way is made. */
function withValue(input: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  if (key === '0') return [withValue(Array.isArray(input) ? input[0] : undefined, rest, value)];
  const own = (typeof input === 'object' && input !== null ? input : {}) as Record<string, unknown>;
  return { ...own, [key]: withValue(own[key], rest, value) };
}

/** The input with one's own ids where a reference is missing. */
function completed(path: string, input: unknown): unknown {
  const missing = (schemaOf(path).safeParse(input).error?.issues ?? []).map((issue) => issue.path.join('.'));
  const fields = referencesOf(schemaOf(path)).filter((field) => missing.includes(field.path.join('.')));
  return fields.reduce((made, { path: at, kinds }) => withValue(made, at, mine.ids[kinds[0] as IdKind]), input);
}

/** Somebody whose one grant is on one thing of this kind. */
function ownerOfOne(kind: ObjectKind) {
  const { tenant, ids } = mine;
  const idKind = ({ deployment: 'deployment', 'work-pool': 'workPool', block: 'block' } as const)[kind];
  const object = { kind, id: toUuid(idKind, ids[idKind] as string) };
  const place = { organizationId: tenant.organizationId, workspaceId: tenant.workspaceId };
  return tenant.withAccess(accessOf([{ ...place, source: 'grant', grantId: null, team: null, role: 'owner', scopes: null, object }]));
}

/** No procedure's input; scopes are looked at before it. */
const NO_INPUT = 42;

test('every procedure is named here, and nothing else', () => {
  expect(Object.keys(LEAST).sort()).toEqual([...PATHS].sort());
  expect(Object.keys(INPUT).filter((path) => !PATHS.includes(path))).toEqual([]);
});

describe('roles', () => {
  test.each(PATHS)('%s', async (path) => {
    const least = LEAST[path];
    const outside = { services: api.services, id: 'r', address: '192.0.2.1', origin: 'api' as const };
    const nobody = createCaller({ ...outside, workspaceRef: null, organizationRef: null, identify: async () => null });
    tally.rule(path);
    const codeOf = async (caller: unknown) => {
      tally.ask();
      return (await refusal(call(path, caller, NO_INPUT))).code;
    };
    expect(await codeOf(nobody)).toBe(least === 'public' ? 'INVALID_INPUT' : 'UNAUTHENTICATED');
    const expectOf = async (role: string, caller: unknown, may: boolean) =>
      expect([role, await codeOf(caller)]).toEqual([role, may ? 'INVALID_INPUT' : 'FORBIDDEN']);
    const isOpen = least === 'anybody' || least === 'public';
    const ofOrganization = least?.startsWith('organization ') ? (least.slice('organization '.length) as OrganizationRole) : null;
    if (ofOrganization) {
      for (const role of ORGANIZATION_ROLES) {
        const may = ORGANIZATION_ROLES.indexOf(role) >= ORGANIZATION_ROLES.indexOf(ofOrganization);
        await expectOf(role, mine.tenant.asOrganization(role), may);
      }
      return;
    }
    const roles: readonly WorkspaceRole[] = least && least in ROLES ? ROLES[least as keyof typeof ROLES] : [];
    for (const role of WORKSPACE_ROLES) {
      await expectOf(role, mine.tenant.as(role), isOpen || roles.includes(role));
    }
    await expectOf('agent', mine.tenant.as('agent'), isOpen || OF_AGENTS.includes(path));
    await expectOf('run', mine.tenant.asRun(toUuid('deployment', mine.ids.deployment as string)), isOpen || OF_RUNS.includes(path));
    for (const kind of OBJECT_KINDS) await expectOf(`owner of one ${kind}`, ownerOfOne(kind), isOpen || OF_ONE[kind].includes(path));
    // Whatever somebody is in the organization as such, is nothing in a workspace where they have no access.
    for (const role of ORGANIZATION_ROLES) await expectOf(role, mine.tenant.asOrganization(role), isOpen);
  });
});

describe('in a place that is not theirs', () => {
  // Another workspace of the same organization, one of another organization, one that nobody has: one answer for all.
  const places = () => [second, theirs.tenant.slug, theirs.ids.workspace as string, 'no-such-workspace'];
  const isIn = (kind: 'workspace' | 'organization') => (path: string) => procedures[path]?._def.meta?.access === kind;

  test.each(PATHS.filter(isIn('workspace')))('%s of a workspace is not found, whatever the role elsewhere', async (path) => {
    for (const workspaceRef of places()) {
      for (const role of [...WORKSPACE_ROLES, 'agent'] as const) {
        tally.ask();
        const answer = await refusal(call(path, mine.tenant.as(role, { workspaceRef }), NO_INPUT));
        expect([role, workspaceRef, answer.code]).toEqual([role, workspaceRef, 'NOT_FOUND']);
      }
    }
  });

  test.each(PATHS.filter(isIn('organization')))('%s of an organization is not found, whatever the role elsewhere', async (path) => {
    for (const organizationRef of [theirs.tenant.slug, theirs.ids.organization as string, 'no-such-organization']) {
      for (const role of ORGANIZATION_ROLES) {
        tally.ask();
        expect((await refusal(call(path, mine.tenant.asOrganization(role, { organizationRef }), NO_INPUT))).code).toBe('NOT_FOUND');
      }
    }
  });
});

describe("a stranger's id", () => {
  const cases = PATHS.flatMap((path) =>
    referencesOf(schemaOf(path))
      .filter((field) => !OWN_NAMES.has(`${path} ${field.path.join('.')}`))
      .map((field) => [path, `${field.path.join('.')} ${field.kinds.join()}`, field] as const),
  );

  test('is looked for in many fields', () => expect(cases.length).toBeGreaterThan(150));

  test.each(cases)('%s %s', async (path, _, field) => {
    for (const kind of field.kinds) {
      tally.ask();
      const id = (field.isSlug ? theirs.names[kind] : theirs.ids[kind]) as string;
      expect(id, `a ${kind} of the stranger`).toBeDefined();
      const { beside } = field;
      const base = beside ? withValue(INPUT[path]?.(mine), beside.path, beside.value) : INPUT[path]?.(mine);
      const input = completed(path, withValue(base, field.path, id));
      // Else it is refused for another reason.
      expect(schemaOf(path).safeParse(input).error?.issues ?? []).toEqual([]);
      const answer = await call(path, mine.tenant.owner, input).then(
        (data) => ({ data }),
        async (error: unknown) => ({ refusal: await refusal(Promise.reject(error)) }),
      );
      // A deploy to a pool that is not there is to make it first.
      if ('refusal' in answer) expect(['NOT_FOUND', 'INVALID_INPUT', 'PRECONDITION_FAILED']).toContain(answer.refusal.code);
      const text = JSON.stringify(answer).replaceAll(id, '');
      // A list narrowed to what is not there, at most.
      for (const secret of ['theirs', ...Object.values(theirs.ids)]) expect(text).not.toContain(secret);
    }
    expect(await everythingOf(theirs)).toBe(untouched);
  });
});

describe("a stranger's id in a field of text", () => {
  // Whatever else takes a text: names, filters, notes, searches. Tried last, since some of it makes things of that name.
  const texts = PATHS.flatMap((path) => {
    const known = new Set(referencesOf(schemaOf(path)).map((field) => field.path.join('.')));
    const fields = leavesOf(schemaOf(path)).filter((field) => !known.has(field.join('.')));
    return fields.length > 0 ? [[path, fields] as const] : [];
  });
  const given = () => [theirs.ids.run as string, toUuid('workspace', theirs.ids.workspace as string)];

  test('is put into every one of them', () => expect(texts.flatMap(([, fields]) => fields).length).toBeGreaterThan(100));

  test.each(texts)('%s', async (path, fields) => {
    for (const field of fields) {
      for (const value of given()) {
        const input = completed(path, withValue(INPUT[path]?.(mine), field, value));
        // A text of another form: a time, an address, a cron expression.
        const parsed = schemaOf(path).safeParse(input);
        // Or a field of another kind of trigger or action, which is dropped.
        if (!parsed.success || !JSON.stringify(parsed.data)?.includes(value)) continue;
        tally.ask();
        const answer = await call(path, mine.tenant.owner, input).catch(async (error: unknown) => refusal(Promise.reject(error)));
        const text = given().reduce((left, each) => left.replaceAll(each, ''), JSON.stringify(answer) ?? '');
        for (const secret of ['theirs', ...Object.values(theirs.ids)]) expect(text, field.join('.')).not.toContain(secret);
      }
    }
  });

  test('changed nothing of the stranger', async () => expect(await everythingOf(theirs)).toBe(untouched));
});

/**
 * The one permission table. Commands and queries name a scope; roles are sets of scopes. The API's checks, what the
 * console shows, the reference page (docs/reference/permissions.md) and the generated tests all read this file.
 */
import { BUILT_IN_ROLES, type BuiltInRole, ORGANIZATION_ROLES, type OrganizationRole } from '@signalbox/proto/api';

/** Single things that a grant may be about. */
export type ObjectKind = 'deployment' | 'work-pool' | 'block';

type Rule = {
  /** The built-in roles that have it. */
  readonly roles: readonly BuiltInRole[];
  /** What it lets one do, for people. */
  readonly what: string;
  /** A grant on one such thing may carry it; absent: it is about the workspace as a whole. */
  readonly on?: ObjectKind;
};

// Each has what the one it is made on has. Developer and Operator are made on Runner and stand side by side: one changes
// code and what it needs, the other runs the place and cannot bring code in.
const OWNER: readonly BuiltInRole[] = ['owner'];
const OPERATOR: readonly BuiltInRole[] = ['operator', 'owner'];
const DEVELOPER: readonly BuiltInRole[] = ['developer', 'owner'];
const BOTH: readonly BuiltInRole[] = ['developer', 'operator', 'owner'];
const RUNNER: readonly BuiltInRole[] = ['runner', ...BOTH];
const VIEWER: readonly BuiltInRole[] = ['viewer', ...RUNNER];

/** Every scope of a workspace. */
export const PERMISSIONS = {
  'workspace:read': { roles: VIEWER, what: 'See the workspace, its people and how much it uses' },
  'runs:read': { roles: VIEWER, what: 'See runs, task runs, logs and artifacts', on: 'deployment' },
  'deployments:read': { roles: VIEWER, what: 'See deployments, versions and schedules', on: 'deployment' },
  'pools:read': { roles: [...VIEWER, 'agent'], what: 'See work pools and queues', on: 'work-pool' },
  'agents:read': { roles: VIEWER, what: 'See agents', on: 'work-pool' },
  'limits:read': { roles: VIEWER, what: 'See named limits, who holds them and who waits' },
  'variables:read': { roles: VIEWER, what: 'See variables and their values' },
  'blocks:read': { roles: VIEWER, what: 'See blocks; where they have secrets, what is seen is a reference', on: 'block' },
  'assets:read': { roles: VIEWER, what: 'See assets, when they were made, and from what' },
  'api-keys:own': { roles: VIEWER, what: 'Make, see and revoke API keys of one\u2019s own, that may no more than oneself' },
  'runs:create': { roles: RUNNER, what: 'Start runs', on: 'deployment' },
  'runs:cancel': { roles: RUNNER, what: 'Cancel runs', on: 'deployment' },
  'runs:retry': { roles: RUNNER, what: 'Retry runs that ended', on: 'deployment' },
  'runs:operate': { roles: RUNNER, what: 'Pause, suspend, resume with the input that is asked for', on: 'deployment' },
  'runs:set-state': { roles: DEVELOPER, what: 'Say how a run ended, whatever the system thinks', on: 'deployment' },
  'runs:delete': { roles: DEVELOPER, what: 'Delete runs with all they left', on: 'deployment' },
  'deployments:operate': { roles: BOTH, what: 'Pause, resume and override deployments; schedules, backfills, calendars', on: 'deployment' },
  'deployments:write': { roles: DEVELOPER, what: 'Deploy, roll back, delete; set variables of processes', on: 'deployment' },
  'pools:operate': { roles: BOTH, what: 'Pause and resume pools and queues', on: 'work-pool' },
  'pools:write': { roles: DEVELOPER, what: 'Make, change and delete pools, queues and templates', on: 'work-pool' },
  'limits:operate': { roles: BOTH, what: 'Change slots, switch off and on, free a slot by hand' },
  'limits:write': { roles: DEVELOPER, what: 'Make and delete named limits' },
  'variables:write': { roles: DEVELOPER, what: 'Make, change and delete variables' },
  'blocks:write': { roles: DEVELOPER, what: 'Make, change and delete blocks and their types', on: 'block' },
  'assets:write': { roles: DEVELOPER, what: 'Delete assets with their history' },
  'agents:enroll': { roles: BOTH, what: 'Make join codes for agents', on: 'work-pool' },
  'agents:connect': { roles: [...OPERATOR, 'agent'], what: 'Enroll itself as an agent of a pool', on: 'work-pool' },
  'agents:manage': { roles: OPERATOR, what: 'Drain, quarantine and revoke agents', on: 'work-pool' },
  'events:read': { roles: VIEWER, what: 'See events, count and follow them' },
  'events:emit': { roles: RUNNER, what: 'Send events of one\u2019s own' },
  'automations:read': { roles: VIEWER, what: 'See automations, when they fired and what they did' },
  'automations:write': { roles: BOTH, what: 'Make, change, switch and delete automations, that do no more than oneself may' },
  'notifications:read': { roles: VIEWER, what: 'See channels and what was told by them' },
  'notifications:write': { roles: BOTH, what: 'Make, change, test and delete channels' },
  'incidents:read': { roles: VIEWER, what: 'See incidents and their timelines' },
  'incidents:write': { roles: RUNNER, what: 'Declare, change, comment and resolve incidents' },
  'failures:triage': { roles: RUNNER, what: 'Acknowledge, mute, assign and resolve groups of failures' },
  'webhooks:read': { roles: VIEWER, what: 'See webhooks and what came in by them, without their addresses' },
  'webhooks:write': { roles: BOTH, what: 'Make, change, rotate and delete webhooks' },
  'audit:read': { roles: OPERATOR, what: 'Read, export and verify the audit' },
  'members:write': { roles: OWNER, what: 'Invite, add and remove people, set their roles' },
  'grants:write': { roles: OWNER, what: 'Grant roles to people, teams and service accounts, also on single things' },
  'api-keys:read': { roles: OWNER, what: 'See everybody\u2019s API keys' },
  'api-keys:write': { roles: OWNER, what: 'Make and rotate keys of service accounts, revoke everybody\u2019s' },
  'workspace:write': { roles: OWNER, what: 'Rename the workspace, change its settings and limits' },
  'workspace:export': { roles: OWNER, what: 'Download all that the workspace has' },
  'workspace:delete': { roles: OWNER, what: 'Delete the workspace, and take that back' },
} as const satisfies Record<string, Rule>;

/** What a running flow may with its run token: in the workspace as a whole, and for its own deployment with its runs. No role has them. */
export const RUN_SCOPES: readonly Scope[] = ['runs:create', 'variables:read', 'events:emit'];
export const RUN_SCOPES_ON_OWN_DEPLOYMENT: readonly Scope[] = ['runs:read', 'deployments:read'];

/** What support has not, whatever the member in whose place it acts: all that gives access to somebody, takes the whole away, or ends it. */
const WITHHELD_FROM_SUPPORT: ReadonlySet<Scope> = new Set([
  ...(['members:write', 'grants:write', 'api-keys:own', 'api-keys:read', 'api-keys:write'] as const),
  ...(['agents:enroll', 'agents:connect', 'workspace:delete', 'workspace:export'] as const),
]);

export function scopesInSupport(scopes: ReadonlySet<Scope>): ReadonlySet<Scope> {
  return new Set([...scopes].filter((scope) => !WITHHELD_FROM_SUPPORT.has(scope)));
}

/** Of an organization support sees what plain members see. */
export function organizationAccessInSupport(scopes: ReadonlySet<OrganizationScope>): ReadonlySet<OrganizationScope> {
  return new Set([...scopes].filter((scope) => scope === 'organization:read'));
}

type OrganizationRule = { readonly least: OrganizationRole; readonly what: string };

/** Every scope of an organization. */
export const ORGANIZATION_PERMISSIONS = {
  'organization:read': { least: 'member', what: 'See the organization, its people, teams, roles and service accounts' },
  'organization:write': { least: 'admin', what: 'Rename it, change its settings' },
  'organization:members': { least: 'admin', what: 'Invite and remove people, set their roles in the organization' },
  'organization:teams': { least: 'admin', what: 'Make teams, and say who is in them' },
  'organization:roles': { least: 'admin', what: 'Make roles of scopes' },
  'organization:service-accounts': { least: 'admin', what: 'Make and remove service accounts' },
  'organization:grants': { least: 'admin', what: 'Grant roles in all workspaces at once' },
  'organization:workspaces': { least: 'admin', what: 'Make workspaces, and take those that are transferred' },
  'organization:audit': { least: 'admin', what: 'Read, export and verify the audit of the organization' },
  'organization:security': { least: 'owner', what: 'Single sign-on, directory, address lists, retention of the audit' },
  'organization:export': { least: 'owner', what: 'Download what the organization has set up' },
  'organization:delete': { least: 'owner', what: 'Delete the organization, and take that back' },
} as const satisfies Record<string, OrganizationRule>;

/** What a command or a query in a workspace asks for. */
export type Scope = keyof typeof PERMISSIONS;
/** What a command or a query about an organization asks for. */
export type OrganizationScope = keyof typeof ORGANIZATION_PERMISSIONS;
export type AnyScope = Scope | OrganizationScope;

/** All scopes, in the order of the table. */
export const SCOPES = Object.keys(PERMISSIONS) as Scope[];
export const ORGANIZATION_SCOPES = Object.keys(ORGANIZATION_PERMISSIONS) as OrganizationScope[];
export const ALL_SCOPES: readonly AnyScope[] = [...SCOPES, ...ORGANIZATION_SCOPES];

/** The rule of a scope, with what is left out there. */
export function ruleOf(scope: Scope): Rule {
  return PERMISSIONS[scope];
}

/** Whether a built-in role has a scope. */
export function permits(role: BuiltInRole, scope: Scope): boolean {
  return ruleOf(scope).roles.includes(role);
}

/** The scopes of a built-in role, in the order of the table. */
export function scopesOf(role: BuiltInRole): Scope[] {
  return SCOPES.filter((scope) => permits(role, scope));
}

/** The scopes that a role in an organization has there. Admins and owners are also owner of each of its workspaces. */
export function organizationScopesOf(role: OrganizationRole): OrganizationScope[] {
  return ORGANIZATION_SCOPES.filter(
    (scope) => ORGANIZATION_ROLES.indexOf(role) >= ORGANIZATION_ROLES.indexOf(ORGANIZATION_PERMISSIONS[scope].least),
  );
}

export function isBuiltInRole(name: string): name is BuiltInRole {
  return (BUILT_IN_ROLES as readonly string[]).includes(name);
}

export function isScope(name: string): name is Scope {
  return Object.hasOwn(PERMISSIONS, name);
}

export function isOrganizationScope(name: string): name is OrganizationScope {
  return Object.hasOwn(ORGANIZATION_PERMISSIONS, name);
}

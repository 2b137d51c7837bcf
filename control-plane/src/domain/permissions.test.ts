import { BUILT_IN_ROLES, type BuiltInRole, ORGANIZATION_ROLES, type OrganizationRole } from '@signalbox/proto/api';
import { describe, expect, it } from 'vitest';
import { ORGANIZATION_SCOPES, type OrganizationScope, organizationScopesOf, permits, SCOPES, type Scope, scopesOf } from './permissions.ts';

/** Written out again by hand, so that a change of the table is a decision and not a slip. */
const VIEWER: Scope[] = [
  'workspace:read',
  'runs:read',
  'deployments:read',
  'pools:read',
  'agents:read',
  'limits:read',
  'variables:read',
  'blocks:read',
  'assets:read',
  'events:read',
  'automations:read',
  'notifications:read',
  'webhooks:read',
  'incidents:read',
  'api-keys:own',
];
const RUNNER: Scope[] = [
  ...VIEWER,
  'runs:create',
  'runs:cancel',
  'runs:retry',
  'runs:operate',
  'events:emit',
  'incidents:write',
  'failures:triage',
];
const STEERING: Scope[] = [
  'deployments:operate',
  'pools:operate',
  'limits:operate',
  'agents:enroll',
  'automations:write',
  'notifications:write',
  'webhooks:write',
];
const TABLE: Record<BuiltInRole, Scope[]> = {
  viewer: VIEWER,
  runner: RUNNER,
  developer: [
    ...RUNNER,
    ...STEERING,
    'runs:delete',
    'runs:set-state',
    'deployments:write',
    'pools:write',
    'limits:write',
    'variables:write',
    'blocks:write',
    'assets:write',
  ],
  operator: [...RUNNER, ...STEERING, 'agents:connect', 'agents:manage', 'audit:read'],
  owner: SCOPES,
  agent: ['pools:read', 'agents:connect'],
};
const ORGANIZATION_TABLE: Record<OrganizationRole, OrganizationScope[]> = {
  member: ['organization:read'],
  admin: [
    'organization:write',
    'organization:members',
    'organization:teams',
    'organization:roles',
    'organization:service-accounts',
    'organization:grants',
    'organization:workspaces',
    'organization:audit',
  ],
  owner: ['organization:security', 'organization:export', 'organization:delete'],
};

describe('permissions', () => {
  it.each(BUILT_IN_ROLES)('%s has its scopes and no other', (role) => {
    expect(new Set(scopesOf(role))).toEqual(new Set(TABLE[role]));
    for (const scope of SCOPES) expect(permits(role, scope)).toBe(TABLE[role].includes(scope));
  });

  it('an operator, who runs the place, brings no code into it', () => {
    for (const scope of ['deployments:write', 'pools:write'] as const) expect(permits('operator', scope)).toBe(false);
  });

  it.each(ORGANIZATION_ROLES)('%s of an organization has its scopes and those of every role before it, and no other', (role) => {
    const upTo = ORGANIZATION_ROLES.slice(0, ORGANIZATION_ROLES.indexOf(role) + 1).flatMap((r) => ORGANIZATION_TABLE[r]);
    expect(new Set(organizationScopesOf(role))).toEqual(new Set(upTo));
    expect(ORGANIZATION_SCOPES.length).toBe(Object.values(ORGANIZATION_TABLE).flat().length);
  });
});

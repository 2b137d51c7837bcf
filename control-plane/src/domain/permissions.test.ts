import { WORKSPACE_ROLES, type WorkspaceRole } from '@signalbox/proto/api';
import { describe, expect, it } from 'vitest';
import { mayGrant, permits, SCOPES, type Scope, scopesOf } from './permissions.ts';

/** Written out again by hand, so that a change of the table is a decision and not a slip. */
const TABLE: Record<WorkspaceRole, Scope[]> = {
  viewer: ['workspace:read', 'runs:read', 'deployments:read', 'pools:read', 'agents:read', 'limits:read'],
  operator: ['runs:create', 'runs:cancel', 'runs:retry', 'runs:operate', 'deployments:operate', 'pools:operate', 'limits:operate'],
  developer: ['runs:delete', 'runs:set-state', 'deployments:write', 'pools:write', 'limits:write', 'agents:enroll'],
  admin: ['agents:manage', 'api-keys:read', 'api-keys:write'],
  owner: [],
};

describe('permissions', () => {
  it.each(WORKSPACE_ROLES)('%s has its scopes and those of every role before it, and no other', (role) => {
    const upTo = WORKSPACE_ROLES.slice(0, WORKSPACE_ROLES.indexOf(role) + 1).flatMap((r) => TABLE[r]);
    expect(new Set(scopesOf(role))).toEqual(new Set(upTo));
    for (const scope of SCOPES) expect(permits(role, scope)).toBe(upTo.includes(scope));
  });

  it('nobody grants a role above their own', () => {
    expect(mayGrant('developer', 'admin')).toBe(false);
    expect(mayGrant('admin', 'admin')).toBe(true);
    expect(mayGrant('owner', 'viewer')).toBe(true);
  });
});

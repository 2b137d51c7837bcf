import { describe, expect, it } from 'vitest';
import { type AccessRow, accessOf, beyond, capAccess, organizationAccessOf, reachOf, reasonsFor, scopesWithin } from './access.ts';
import { type Scope, scopesOf } from './permissions.ts';

const ROW: AccessRow = {
  source: 'grant',
  grantId: 'g',
  team: null,
  organizationId: 'o',
  workspaceId: 'w',
  object: null,
  role: 'viewer',
  scopes: null,
};
const grant = (over: Partial<AccessRow>): AccessRow => ({ ...ROW, ...over });
const weather = { kind: 'deployment', id: 'weather' } as const;
const gpu = { kind: 'work-pool', id: 'gpu' } as const;

describe('access', () => {
  it('adds up: nothing takes away what another row gives', () => {
    const access = accessOf([grant({ role: 'owner' }), grant({ role: 'viewer' }), grant({ role: 'no such role' })]);
    expect(access.role).toBe('owner');
    expect([...access.scopes].sort()).toEqual(scopesOf('owner').sort());
  });

  it('of nobody is nothing', () => {
    expect(accessOf([]).scopes.size).toBe(0);
    expect(accessOf([grant({ source: 'organization-member', role: 'member', workspaceId: null })]).scopes.size).toBe(0);
  });

  it('of an admin or owner of the organization is owner in its workspaces', () => {
    for (const role of ['admin', 'owner'])
      expect(accessOf([grant({ source: 'organization-member', role, workspaceId: null })]).role).toBe('owner');
  });

  it('on one thing counts there alone, and only scopes that are about such a thing', () => {
    const access = accessOf([grant({ role: 'owner', object: weather })]);
    expect(access.scopes.size).toBe(0);
    expect(access.objects[0]?.scopes.has('runs:create')).toBe(true);
    for (const scope of ['members:write', 'pools:write', 'limits:write'] as Scope[])
      expect(access.objects[0]?.scopes.has(scope)).toBe(false);
    expect(reachOf(access, 'runs:create')).toEqual({ kind: 'only', on: 'deployment', ids: ['weather'] });
    expect(reachOf(access, 'pools:read')).toBeNull();
    expect(reachOf(access, 'members:write')).toBeNull();
  });

  it('to all of a workspace is wider than to one thing of it', () => {
    const access = accessOf([grant({ role: 'viewer' }), grant({ role: 'runner', object: weather })]);
    expect(reachOf(access, 'runs:read')).toEqual({ kind: 'all' });
    expect(reachOf(access, 'runs:create')).toMatchObject({ kind: 'only' });
  });

  it('narrowed to several things is what is had for each of them', () => {
    const access = accessOf([
      grant({ role: 'runner', object: weather }),
      grant({ role: 'developer', object: { kind: 'deployment', id: 'mail' } }),
    ]);
    const within = scopesWithin(access, reachOf(access, 'runs:create'));
    expect(within.has('runs:cancel')).toBe(true);
    expect(within.has('deployments:write')).toBe(false);
  });

  it('of a key is never more than its owner has nor than it was made with', () => {
    const owner = accessOf([grant({ role: 'runner' }), grant({ role: 'developer', object: gpu })]);
    const key = capAccess(owner, new Set(scopesOf('viewer')));
    expect(key.role).toBe('viewer');
    expect([...(key.objects[0]?.scopes ?? [])]).toEqual(['pools:read', 'agents:read']);
    expect(capAccess(accessOf([]), new Set(scopesOf('owner'))).scopes.size).toBe(0);
  });

  it('to the organization comes of its members\u2019 roles and of roles with its scopes granted on all of it', () => {
    const auditor = grant({ role: 'auditor', scopes: ['organization:audit', 'audit:read'], workspaceId: null });
    expect(organizationAccessOf([auditor]).scopes.has('organization:audit')).toBe(true);
    expect(organizationAccessOf([{ ...auditor, workspaceId: 'w' }]).scopes.size).toBe(0);
    expect(accessOf([auditor]).scopes).toEqual(new Set(['audit:read']));
  });
});

describe('reasons', () => {
  it('name every row that gives the scope, so that one sees what taking one away leaves', () => {
    const rows = [grant({ role: 'viewer' }), grant({ role: 'runner', team: 'data' }), grant({ role: 'runner', object: weather })];
    expect(reasonsFor(rows, 'runs:create', null)).toEqual([rows[1]]);
    expect(reasonsFor(rows, 'runs:create', weather)).toEqual([rows[1], rows[2]]);
    expect(reasonsFor(rows, 'runs:delete', weather)).toEqual([]);
  });
});

it('nobody hands out more than they have', () => {
  expect(beyond(new Set(scopesOf('developer')), scopesOf('operator'))).toEqual(['agents:connect', 'agents:manage', 'audit:read']);
  expect(beyond(new Set(scopesOf('operator')), scopesOf('developer'))).toContain('deployments:write');
  expect(beyond(new Set(scopesOf('owner')), scopesOf('owner'))).toEqual([]);
});

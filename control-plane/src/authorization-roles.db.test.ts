/** Every procedure, as nobody and as every role, in one's own place. A procedure that the table does not name fails it. */
import { toUuid } from '@signalbox/proto';
import { OBJECT_KINDS, ORGANIZATION_ROLES, type OrganizationRole, WORKSPACE_ROLES, type WorkspaceRole } from '@signalbox/proto/api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestApi, refusal, type TestApi } from '../test/api.ts';
import { INPUT } from '../test/authorization/inputs.ts';
import { LEAST, OF_AGENTS, OF_ONE, OF_RUNS, ROLES } from '../test/authorization/least-roles.ts';
import { call, PATHS } from '../test/authorization/procedures.ts';
import { populate, type World } from '../test/authorization/world.ts';
import { openTally } from '../test/tally.ts';
import { accessOf } from './domain/access.ts';
import type { ObjectKind } from './domain/permissions.ts';
import { createCaller } from './router.ts';

const tally = openTally('roles of procedures');
let api: TestApi;
let mine: World;

beforeAll(async () => {
  api = await openTestApi();
  mine = await populate(api, 'mine');
}, 180_000);
afterAll(() => api[Symbol.asyncDispose]());

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

/** Every procedure, as every role, in a workspace or an organization where one has none: not found, as if it were not there. */
import { toId } from '@signalbox/proto';
import { ORGANIZATION_ROLES, WORKSPACE_ROLES } from '@signalbox/proto/api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestApi, refusal, type Tenant, type TestApi } from '../test/api.ts';
import { call, PATHS, procedures } from '../test/authorization/procedures.ts';
import { openTally } from '../test/tally.ts';

const tally = openTally('places of procedures');
/** No procedure's input; scopes are looked at before it. */
const NO_INPUT = 42;
let api: TestApi;
let mine: Tenant;
let theirs: Tenant;
/** Another workspace of the same organization. */
let second: string;

beforeAll(async () => {
  api = await openTestApi();
  mine = await api.tenant();
  theirs = await api.tenant();
  second = (await mine.owner.workspaces.create({ slug: 'second', name: 'Second' })).slug;
});
afterAll(() => api[Symbol.asyncDispose]());

describe('in a place that is not theirs', () => {
  // Another workspace of the same organization, one of another organization, one that nobody has: one answer for all.
  const places = () => [second, theirs.slug, toId('workspace', theirs.workspaceId), 'no-such-workspace'];
  const isIn = (kind: 'workspace' | 'organization') => (path: string) => procedures[path]?._def.meta?.access === kind;

  test.each(PATHS.filter(isIn('workspace')))('%s of a workspace is not found, whatever the role elsewhere', async (path) => {
    for (const workspaceRef of places()) {
      for (const role of [...WORKSPACE_ROLES, 'agent'] as const) {
        tally.ask();
        const answer = await refusal(call(path, mine.as(role, { workspaceRef }), NO_INPUT));
        expect([role, workspaceRef, answer.code]).toEqual([role, workspaceRef, 'NOT_FOUND']);
      }
    }
  });

  test.each(PATHS.filter(isIn('organization')))('%s of an organization is not found, whatever the role elsewhere', async (path) => {
    for (const organizationRef of [theirs.slug, toId('organization', theirs.organizationId), 'no-such-organization']) {
      for (const role of ORGANIZATION_ROLES) {
        tally.ask();
        expect((await refusal(call(path, mine.asOrganization(role, { organizationRef }), NO_INPUT))).code).toBe('NOT_FOUND');
      }
    }
  });
});

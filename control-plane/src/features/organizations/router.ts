import {
  createOrganizationGrantInput,
  createOrganizationInput,
  deleteOrganizationInput,
  grantRefInput,
  listGrantsInput,
  memberRefInput,
  restoreOrganizationInput,
  setOrganizationRoleInput,
  updateOrganizationInput,
} from '@signalbox/proto/api';
import { z } from 'zod';
import { organizationCommand, organizationQuery, personalCommand, personalQuery } from '../../platform/command.ts';
import { createOrganizationGrant, listOrganizationGrants, revokeOrganizationGrant } from '../access/index.ts';
import { listOrganizationMembers, removeOrganizationMember, setOrganizationRole } from '../members/index.ts';
import { deleteOrganization, restoreOrganization } from './end-organization.ts';
import { createOrganization, getOrganization, listOrganizations, updateOrganization } from './service.ts';

const read = 'organization:read';
const members = 'organization:members';
const grants = 'organization:grants';

export const organizationsRouter = {
  list: personalQuery({ input: z.void(), run: listOrganizations }),
  get: organizationQuery({ scope: read, input: z.void(), run: getOrganization }),
  create: personalCommand({ action: 'organization.create', input: createOrganizationInput, run: createOrganization }),
  update: organizationCommand({
    scope: 'organization:write',
    action: 'organization.update',
    input: updateOrganizationInput,
    run: updateOrganization,
  }),
  delete: personalCommand({ action: 'organization.delete', input: deleteOrganizationInput, run: deleteOrganization }),
  restore: personalCommand({ action: 'organization.restore', input: restoreOrganizationInput, run: restoreOrganization }),
  members: organizationQuery({ scope: read, input: z.void(), run: listOrganizationMembers }),
  setMemberRole: organizationCommand({
    scope: members,
    action: 'organization-member.set-role',
    input: setOrganizationRoleInput,
    run: setOrganizationRole,
  }),
  removeMember: organizationCommand({
    scope: members,
    action: 'organization-member.remove',
    input: memberRefInput,
    run: removeOrganizationMember,
  }),
  grants: organizationQuery({ scope: read, input: listGrantsInput, run: listOrganizationGrants }),
  grant: organizationCommand({ scope: grants, action: 'grant.create', input: createOrganizationGrantInput, run: createOrganizationGrant }),
  revokeGrant: organizationCommand({ scope: grants, action: 'grant.revoke', input: grantRefInput, run: revokeOrganizationGrant }),
};

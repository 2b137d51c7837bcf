import { createRoleInput, roleRefInput, updateRoleInput } from '@signalbox/proto/api';
import { z } from 'zod';
import { organizationCommand, organizationQuery } from '../../platform/command.ts';
import { createRole, deleteRole, listRoles, listScopes, updateRole } from './service.ts';

const scope = 'organization:roles';

export const rolesRouter = {
  list: organizationQuery({ scope: 'organization:read', input: z.void(), run: listRoles }),
  scopes: organizationQuery({ scope: 'organization:read', input: z.void(), run: listScopes }),
  create: organizationCommand({ scope, action: 'role.create', input: createRoleInput, run: createRole }),
  update: organizationCommand({ scope, action: 'role.update', input: updateRoleInput, run: updateRole }),
  delete: organizationCommand({ scope, action: 'role.delete', input: roleRefInput, run: deleteRole }),
};

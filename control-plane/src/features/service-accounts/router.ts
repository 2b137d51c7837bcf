import { createServiceAccountInput, serviceAccountRefInput, updateServiceAccountInput } from '@signalbox/proto/api';
import { z } from 'zod';
import { organizationCommand, organizationQuery } from '../../platform/command.ts';
import { createServiceAccount, deleteServiceAccount, listServiceAccounts, updateServiceAccount } from './service.ts';

const scope = 'organization:service-accounts';

export const serviceAccountsRouter = {
  list: organizationQuery({ scope: 'organization:read', input: z.void(), run: listServiceAccounts }),
  create: organizationCommand({ scope, action: 'service-account.create', input: createServiceAccountInput, run: createServiceAccount }),
  update: organizationCommand({ scope, action: 'service-account.update', input: updateServiceAccountInput, run: updateServiceAccount }),
  delete: organizationCommand({ scope, action: 'service-account.delete', input: serviceAccountRefInput, run: deleteServiceAccount }),
};

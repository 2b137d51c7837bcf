import { addDomainInput, createSsoConnectionInput, domainInput, ssoConnectionInput, updateSsoConnectionInput } from '@signalbox/proto/api';
import { z } from 'zod';
import { organizationCommand, organizationQuery } from '../../platform/command.ts';
import { createConnection, deleteConnection, listConnections, updateConnection } from './connections.ts';
import { addDomain, listDomains, removeDomain, verifyDomain } from './domains.ts';

const scope = 'organization:security';

export const ssoRouter = {
  connections: organizationQuery({ scope, input: z.void(), run: listConnections }),
  create: organizationCommand({ scope, action: 'sso-connection.create', input: createSsoConnectionInput, run: createConnection }),
  update: organizationCommand({ scope, action: 'sso-connection.update', input: updateSsoConnectionInput, run: updateConnection }),
  delete: organizationCommand({ scope, action: 'sso-connection.delete', input: ssoConnectionInput, run: deleteConnection }),
  domains: organizationQuery({ scope, input: z.void(), run: listDomains }),
  addDomain: organizationCommand({ scope, action: 'domain.add', input: addDomainInput, run: addDomain }),
  verifyDomain: organizationCommand({ scope, action: 'domain.verify', input: domainInput, run: verifyDomain }),
  removeDomain: organizationCommand({ scope, action: 'domain.remove', input: domainInput, run: removeDomain }),
};

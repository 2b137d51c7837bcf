import { createGrantInput, explainAccessInput, grantRefInput, listGrantsInput } from '@signalbox/proto/api';
import { command, personalQuery, query } from '../../platform/command.ts';
import { explainAccess } from './explain.ts';
import { createGrant, listGrants, revokeGrant } from './grants.ts';

export const accessRouter = {
  explain: personalQuery({ input: explainAccessInput, run: explainAccess }),
  grants: query({ scope: 'workspace:read', input: listGrantsInput, run: listGrants }),
  grant: command({ scope: 'grants:write', action: 'grant.create', input: createGrantInput, run: createGrant }),
  revoke: command({ scope: 'grants:write', action: 'grant.revoke', input: grantRefInput, run: revokeGrant }),
};

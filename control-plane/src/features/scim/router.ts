import { createScimTokenInput, scimTokenInput } from '@signalbox/proto/api';
import { z } from 'zod';
import { organizationCommand, organizationQuery } from '../../platform/command.ts';
import { createToken, listTokens, revokeToken } from './tokens.ts';

const scope = 'organization:security';

export const scimRouter = {
  tokens: organizationQuery({ scope, input: z.void(), run: listTokens }),
  createToken: organizationCommand({ scope, action: 'scim-token.create', input: createScimTokenInput, run: createToken }),
  revokeToken: organizationCommand({ scope, action: 'scim-token.revoke', input: scimTokenInput, run: revokeToken }),
};

import { idSchema } from '@signalbox/proto';
import { createApiKeyInput } from '@signalbox/proto/api';
import { z } from 'zod';
import { command, query } from '../../platform/command.ts';
import { createApiKey, listApiKeys, revokeApiKey } from './service.ts';

export const apiKeysRouter = {
  list: query({ scope: 'api-keys:read', input: z.void(), run: listApiKeys }),
  create: command({ scope: 'api-keys:write', action: 'api-key.create', input: createApiKeyInput, run: createApiKey }),
  revoke: command({ scope: 'api-keys:write', action: 'api-key.revoke', input: z.object({ key: idSchema('apiKey') }), run: revokeApiKey }),
};

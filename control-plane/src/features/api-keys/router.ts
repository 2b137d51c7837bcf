import { apiKeyRefInput, createApiKeyInput, rotateApiKeyInput } from '@signalbox/proto/api';
import { z } from 'zod';
import { command, query } from '../../platform/command.ts';
import { createApiKey, listApiKeys, revokeApiKey, rotateApiKey } from './service.ts';

export const apiKeysRouter = {
  list: query({ scope: 'api-keys:own', input: z.void(), run: listApiKeys }),
  create: command({ scope: 'api-keys:own', action: 'api-key.create', input: createApiKeyInput, run: createApiKey }),
  rotate: command({ scope: 'api-keys:own', action: 'api-key.rotate', input: rotateApiKeyInput, run: rotateApiKey }),
  revoke: command({ scope: 'api-keys:own', action: 'api-key.revoke', input: apiKeyRefInput, run: revokeApiKey }),
};

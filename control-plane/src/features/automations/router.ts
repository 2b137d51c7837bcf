import {
  automationDefinitionSchema,
  automationRefInput,
  firingRefInput,
  listAutomationsInput,
  listFiringsInput,
  previewActionsInput,
  retryActionInput,
  testAutomationInput,
  updateAutomationInput,
} from '@signalbox/proto/api';
import { z } from 'zod';
import { command, query } from '../../platform/command.ts';
import { getFiring, listFirings, retryAction } from './firings.ts';
import { getSigningSecret } from './get-signing-secret.ts';
import { previewActions } from './preview-actions.ts';
import {
  createAutomation,
  deleteAutomation,
  disableAutomation,
  enableAutomation,
  getAutomation,
  listAutomations,
  resetAutomation,
  updateAutomation,
  upsertAutomation,
} from './service.ts';
import { testAutomation } from './test-automation.ts';

export const automationsRouter = {
  list: query({ scope: 'automations:read', input: listAutomationsInput, run: listAutomations }),
  get: query({ scope: 'automations:read', input: automationRefInput, run: getAutomation }),
  create: command({ scope: 'automations:write', action: 'automation.create', input: automationDefinitionSchema, run: createAutomation }),
  update: command({ scope: 'automations:write', action: 'automation.update', input: updateAutomationInput, run: updateAutomation }),
  upsert: command({ scope: 'automations:write', action: 'automation.upsert', input: automationDefinitionSchema, run: upsertAutomation }),
  delete: command({ scope: 'automations:write', action: 'automation.delete', input: automationRefInput, run: deleteAutomation }),
  enable: command({ scope: 'automations:write', action: 'automation.enable', input: automationRefInput, run: enableAutomation }),
  disable: command({ scope: 'automations:write', action: 'automation.disable', input: automationRefInput, run: disableAutomation }),
  reset: command({ scope: 'automations:write', action: 'automation.reset', input: automationRefInput, run: resetAutomation }),
  firings: query({ scope: 'automations:read', input: listFiringsInput, run: listFirings }),
  firing: query({ scope: 'automations:read', input: firingRefInput, run: getFiring }),
  retryAction: command({ scope: 'automations:write', action: 'automation.retry-action', input: retryActionInput, run: retryAction }),
  preview: query({ scope: 'automations:read', input: previewActionsInput, run: previewActions }),
  signingSecret: query({ scope: 'automations:write', input: z.void(), run: getSigningSecret }),
  test: query({ scope: 'automations:read', input: testAutomationInput, run: testAutomation }),
};

import {
  createWebhookInput,
  listWebhookRequestsInput,
  previewWebhookInput,
  rotateWebhookInput,
  updateWebhookInput,
  webhookRefInput,
} from '@signalbox/proto/api';
import { z } from 'zod';
import { command, query, rehearsal } from '../../platform/command.ts';
import {
  createWebhook,
  deleteWebhook,
  listWebhookRequests,
  listWebhooks,
  previewWebhook,
  rotateWebhook,
  updateWebhook,
} from './service.ts';

export const webhooksRouter = {
  list: query({ scope: 'webhooks:read', input: z.void(), run: listWebhooks }),
  create: command({ scope: 'webhooks:write', action: 'webhook.create', input: createWebhookInput, run: createWebhook }),
  update: command({ scope: 'webhooks:write', action: 'webhook.update', input: updateWebhookInput, run: updateWebhook }),
  rotate: command({ scope: 'webhooks:write', action: 'webhook.rotate', input: rotateWebhookInput, run: rotateWebhook }),
  delete: command({ scope: 'webhooks:write', action: 'webhook.delete', input: webhookRefInput, run: deleteWebhook }),
  requests: query({ scope: 'webhooks:read', input: listWebhookRequestsInput, run: listWebhookRequests }),
  preview: rehearsal({ scope: 'webhooks:read', input: previewWebhookInput, run: previewWebhook }),
};

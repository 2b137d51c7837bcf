/** Webhooks in: addresses at which other systems tell of what happened there. Each request becomes events. */
import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { instantSchema } from '../time.ts';
import { pageInput } from './page.ts';

/** Bytes of a request's body. */
export const WEBHOOK_BODY_MAX_BYTES = 256 * 1024;

/** Whose requests it takes, and what their events are called. */
export const WEBHOOK_PRESETS = ['generic', 'github', 'gitlab', 'stripe', 'aws', 'slack', 'alertmanager', 'cloudevents'] as const;
export type WebhookPreset = (typeof WEBHOOK_PRESETS)[number];

const secret = z.string().trim().min(8).max(500);

/**
 * How a request proves whom it comes from. `none`: whoever knows the address. `sns`: by the certificate of AWS. `standard`: Standard
 * Webhooks, with a `whsec_` key. `bearer`: `Authorization: Bearer <secret>`, or the password of Basic.
 */
export const webhookVerifySchema = z.discriminatedUnion('scheme', [
  z.object({ scheme: z.literal('none') }),
  z.object({
    scheme: z.literal('sns'),
    /** ARNs of the topics that are believed, `*` for any text: anybody's topic has a certificate of AWS. Empty: any. */
    topics: z
      .array(z.string().trim().regex(/^arn:/, 'expected an ARN such as arn:aws:sns:eu-west-1:123456789012:name').max(300))
      .max(20)
      .default([]),
  }),
  z.object({ scheme: z.enum(['github']), secret }),
  z.object({ scheme: z.literal('gitlab'), secret }),
  z.object({ scheme: z.literal('stripe'), secret }),
  z.object({ scheme: z.literal('slack'), secret }),
  z.object({ scheme: z.literal('bearer'), secret }),
  z.object({
    scheme: z.literal('standard'),
    secret: secret.regex(/^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/, 'expected whsec_ and base64 of 24 to 64 bytes'),
  }),
  z.object({
    scheme: z.literal('hmac'),
    secret,
    /** Header that carries it. */
    header: z.string().trim().min(1).max(100).default('x-signature'),
    algorithm: z.enum(['sha1', 'sha256', 'sha512']).default('sha256'),
    encoding: z.enum(['hex', 'base64']).default('hex'),
    /** Before the signature in the header: `sha256=`. */
    prefix: z.string().max(50).default(''),
    /** Header with the time in seconds since 1970, signed as `<time>.<body>`: then a request is taken once, and for five minutes. Empty: the body alone is signed. */
    timestampHeader: z.string().trim().max(100).default(''),
  }),
]);
export type WebhookVerify = z.output<typeof webhookVerifySchema>;
export const WEBHOOK_SCHEMES = ['none', 'sns', 'github', 'gitlab', 'stripe', 'slack', 'bearer', 'standard', 'hmac'] as const;

/** Bytes of JSON of a template. */
const WEBHOOK_TEMPLATE_MAX_BYTES = 64 * 1024;
const templateText = z.string().min(1).max(10_000);
/** Templates in Liquid over `method`, `headers`, `query`, `body` and `event` (what the preset makes of it). A lone expression keeps its type. */
export const webhookTemplateSchema = z
  .object({
    name: templateText,
    /** Labels; `id` names the thing. */
    resource: z
      .record(z.string().min(1).max(200), templateText)
      .refine((labels) => labels['id'] !== undefined, 'expected a label "id" that names the thing'),
    /** Any JSON, with templates in its texts. */
    payload: z.record(z.string(), z.unknown()).default({}),
  })
  .refine(
    (template) => JSON.stringify(template).length <= WEBHOOK_TEMPLATE_MAX_BYTES,
    `expected at most ${WEBHOOK_TEMPLATE_MAX_BYTES / 1024} KB as JSON`,
  );
export type WebhookTemplate = z.output<typeof webhookTemplateSchema>;

export const webhookSchema = z.object({
  id: idSchema('webhook'),
  name: z.string(),
  preset: z.enum(WEBHOOK_PRESETS),
  isEnabled: z.boolean(),
  scheme: z.enum(WEBHOOK_SCHEMES),
  /** Null: as the preset says. */
  template: webhookTemplateSchema.nullable(),
  /** Beginning of its token; the rest was shown once. */
  prefix: z.string(),
  /** Until when the address before the last rotation is taken too; null: it is not. */
  oldUntil: instantSchema.nullable(),
  createdAt: instantSchema,
  updatedAt: instantSchema,
  lastAt: instantSchema.nullable(),
});
export type Webhook = z.infer<typeof webhookSchema>;
/** `url` holds the token: shown here and never again. */
export const createdWebhookSchema = z.object({ webhook: webhookSchema, url: z.string() });

const nameSchema = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[^\p{Cc}]+$/u, 'expected a name without control characters');
export const webhookRefInput = z.object({ webhook: idSchema('webhook') });
export const createWebhookInput = z.object({
  name: nameSchema,
  preset: z.enum(WEBHOOK_PRESETS).default('generic'),
  verify: webhookVerifySchema.default({ scheme: 'none' }),
  template: webhookTemplateSchema.nullable().default(null),
});
/** What is absent stays. */
export const updateWebhookInput = z.object({
  webhook: idSchema('webhook'),
  name: nameSchema.optional(),
  preset: z.enum(WEBHOOK_PRESETS).optional(),
  isEnabled: z.boolean().optional(),
  verify: webhookVerifySchema.optional(),
  template: webhookTemplateSchema.nullable().optional(),
});
/** The old address is taken for a while; 0: it ends at once. */
export const rotateWebhookInput = z.object({ webhook: idSchema('webhook'), graceHours: z.number().int().min(0).max(168).default(24) });

/** A request as it would come in. */
export const webhookRequestInput = z.object({
  method: z.string().min(1).max(20).default('POST'),
  headers: z.record(z.string().max(200), z.string().max(8_000)).default({}),
  query: z.record(z.string().max(200), z.string().max(2_000)).default({}),
  body: z.string().max(WEBHOOK_BODY_MAX_BYTES).default(''),
});
export const previewWebhookInput = z.object({
  preset: z.enum(WEBHOOK_PRESETS).default('generic'),
  template: webhookTemplateSchema.nullable().default(null),
  request: webhookRequestInput,
});
/** `problem`: why it would be refused. */
export const webhookPreviewSchema = z.object({
  events: z.array(
    z.object({
      name: z.string(),
      resource: z.record(z.string(), z.string()),
      payload: z.record(z.string(), z.unknown()),
      occurredAt: z.string().nullable(),
    }),
  ),
  problem: z.string().nullable(),
});
export type WebhookPreview = z.infer<typeof webhookPreviewSchema>;

/** `accepted`: it became events; `repeated`: it had before; `handshake`: the sender asked whether we are here; `refused`: it proved nothing, or was no event. */
export const WEBHOOK_OUTCOMES = ['accepted', 'repeated', 'handshake', 'refused'] as const;
export const webhookRequestSchema = z.object({
  id: z.string(),
  at: instantSchema,
  method: z.string(),
  bytes: z.number().int(),
  outcome: z.enum(WEBHOOK_OUTCOMES),
  reason: z.string().nullable(),
  /** Ids of the events it became. */
  events: z.array(z.string()),
});
export type WebhookRequest = z.infer<typeof webhookRequestSchema>;
export const listWebhookRequestsInput = z.object({ webhook: idSchema('webhook'), ...pageInput });

/** Channels by which people and other systems are told, and what was told by them. What a channel's target holds in secret is taken and never given back. */
import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { instantSchema } from '../time.ts';
import { pageInput } from './page.ts';
import { severitySchema } from './severity.ts';

export const CHANNEL_KINDS = ['slack', 'teams', 'discord', 'pagerduty', 'opsgenie', 'email', 'webhook'] as const;
export type ChannelKind = (typeof CHANNEL_KINDS)[number];

const urlSchema = z.url({ protocol: /^https?$/, error: 'expected an address such as https://hooks.example.com/...' }).max(2_000);
const keySchema = z
  .string()
  .trim()
  .min(8)
  .max(200)
  .regex(/^[\x21-\x7e]+$/, 'expected a key without spaces');
const region = z.enum(['us', 'eu']).default('us');

/** Where a channel leads. Addresses hold tokens and are secret like keys. */
export const channelTargetSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('slack'), url: urlSchema }),
  z.object({ kind: z.literal('teams'), url: urlSchema }),
  z.object({ kind: z.literal('discord'), url: urlSchema }),
  z.object({ kind: z.literal('pagerduty'), routingKey: keySchema, region }),
  z.object({ kind: z.literal('opsgenie'), apiKey: keySchema, region }),
  z.object({ kind: z.literal('email'), to: z.array(z.email().max(320)).min(1).max(20) }),
  z.object({
    kind: z.literal('webhook'),
    url: urlSchema,
    /** Key of the signature, of Standard Webhooks: `whsec_` and base64 of 24 to 64 bytes. Absent: one is made, and answered once. */
    secret: z
      .string()
      .regex(/^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/, 'expected whsec_ and base64 of 24 to 64 bytes')
      .optional(),
  }),
]);
export type ChannelTarget = z.output<typeof channelTargetSchema>;

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'expected a time such as 22:00');

/** Between `from` and `to` on the wall clock of `timezone`, what is milder than `unless` waits for the end. */
export const quietHoursSchema = z.object({
  timezone: z.string().min(1).max(64),
  from: timeOfDay,
  to: timeOfDay,
  unless: severitySchema.default('critical'),
});
export type QuietHours = z.output<typeof quietHoursSchema>;

const channelNameSchema = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[^\p{Cc}]+$/u, 'expected a name without control characters');

const channelFields = {
  isEnabled: z.boolean(),
  /** What is milder is not sent by it. */
  leastSeverity: severitySchema,
  /** Seconds for which what is milder than critical is gathered into one message; 0: each is sent at once. */
  digestSeconds: z.number().int().min(0).max(86_400),
  quietHours: quietHoursSchema.nullable(),
  /** After how many seconds a problem that is still there and happens again is told again; 0: never. */
  remindSeconds: z
    .number()
    .int()
    .min(0)
    .max(30 * 86_400),
};

export const channelSchema = z.object({
  id: idSchema('channel'),
  name: z.string(),
  kind: z.enum(CHANNEL_KINDS),
  /** Where it leads, without what is secret: a host, a region, the recipients. */
  target: z.string(),
  ...channelFields,
  createdAt: instantSchema,
  updatedAt: instantSchema,
  /** The last delivery that ended; null: none did. */
  last: z.object({ status: z.enum(['sent', 'failed']), at: instantSchema }).nullable(),
});
export type Channel = z.infer<typeof channelSchema>;

export const createChannelInput = z.object({
  name: channelNameSchema,
  target: channelTargetSchema,
  isEnabled: channelFields.isEnabled.default(true),
  leastSeverity: channelFields.leastSeverity.default('minor'),
  digestSeconds: channelFields.digestSeconds.default(0),
  quietHours: channelFields.quietHours.default(null),
  remindSeconds: channelFields.remindSeconds.default(86_400),
});
export const channelRefInput = z.object({ channel: idSchema('channel') });
/** What is absent stays; of another kind, a target is refused. */
export const updateChannelInput = z.object({
  channel: idSchema('channel'),
  name: channelNameSchema.optional(),
  target: channelTargetSchema.optional(),
  isEnabled: channelFields.isEnabled.optional(),
  leastSeverity: channelFields.leastSeverity.optional(),
  digestSeconds: channelFields.digestSeconds.optional(),
  quietHours: channelFields.quietHours.optional(),
  remindSeconds: channelFields.remindSeconds.optional(),
});
/** `secret`: the key of a webhook's signatures, shown here and never again; null for every other kind, and where it stayed. */
export const savedChannelSchema = z.object({ channel: channelSchema, secret: z.string().nullable() });
export type SavedChannel = z.infer<typeof savedChannelSchema>;

/** `queued`: to be sent, or sent again; `held`: until quiet hours or a digest end; `sent`: taken by the other side; `failed`: given up. */
export const DELIVERY_STATUSES = ['queued', 'held', 'sent', 'failed'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

export const deliverySchema = z.object({
  id: idSchema('delivery'),
  channel: z.object({ id: idSchema('channel'), name: z.string(), kind: z.enum(CHANNEL_KINDS) }),
  status: z.enum(DELIVERY_STATUSES),
  severity: severitySchema,
  subject: z.string(),
  body: z.string(),
  /** Names the problem; null: it is told each time. */
  fingerprint: z.string().nullable(),
  /** Whether it says that the problem is over. */
  isRecovery: z.boolean(),
  /** How often the problem had happened by then. */
  occurrences: z.number().int(),
  /** Newest last, at most 20. `error`: null when it was taken. */
  attempts: z.array(z.object({ at: instantSchema, status: z.number().int().nullable(), error: z.string().nullable(), ms: z.number() })),
  nextAttemptAt: instantSchema.nullable(),
  createdAt: instantSchema,
  endedAt: instantSchema.nullable(),
});
export type Delivery = z.infer<typeof deliverySchema>;

export const listDeliveriesInput = z.object({
  channel: idSchema('channel').optional(),
  status: z.enum(DELIVERY_STATUSES).optional(),
  ...pageInput,
});
export const deliveryRefInput = z.object({ delivery: idSchema('delivery') });

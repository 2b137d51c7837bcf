/**
 * Every stored value (parameters, results, artifacts, log payloads) is an envelope, so that sealing it with a
 * customer's key later changes no schema.
 */
import { z } from 'zod';

/** `json`: `body` is the JSON value itself; absent for undefined. Further encodings (sealed, by reference) come beside it. */
export const envelopeSchema = z.object({
  encoding: z.literal('json'),
  body: z.unknown().optional(),
  /** Of a run's parameters: W3C trace context of what made the run. */
  traceparent: z.string().max(100).optional(),
});
export type Envelope = z.infer<typeof envelopeSchema>;

/** A value in the open. */
export function openEnvelope(body: unknown, traceparent?: string | null): Envelope {
  return { encoding: 'json', body, ...(traceparent ? { traceparent } : {}) };
}

/** A W3C trace context; null for what is none. */
export function traceparentOf(text: string | null | undefined): string | null {
  return text && /^(?!ff)[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}$/.test(text) ? text : null;
}

/** Bytes of JSON up to which parameters travel inside a claim; larger ones are fetched by reference. */
export const INLINE_PARAMETERS_MAX_BYTES = 64 * 1024;
/** Default bound of a run's parameters, in bytes of JSON. */
export const PARAMETERS_MAX_BYTES = 512 * 1024;

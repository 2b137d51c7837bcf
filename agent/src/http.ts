/** Requests to the control plane over HTTPS: enrolment and renewal of the credential. */
import { errorBodySchema } from '@signalbox/proto';
import { RefusedError } from './channel/channel.ts';

/** An answer that is no success; `serverDate` is the server's clock. */
export class HttpRefusedError extends RefusedError {
  serverDate: Date | null = null;
}

/** Posts JSON and reads JSON. @throws HttpRefusedError with the server's error body; the network's error as it is. */
export async function postJson(
  url: string,
  body: object,
  timeoutMs: number,
  signal: AbortSignal,
  apiKey: string | null = null,
): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(apiKey ? { authorization: `Bearer ${apiKey}` } : {}) },
    body: JSON.stringify(body),
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
  });
  const reply: unknown = await response.json().catch(() => null);
  if (response.ok) return reply;
  const parsed = errorBodySchema.safeParse(reply);
  const error = new HttpRefusedError(
    parsed.success
      ? parsed.data
      : { code: 'UNAVAILABLE', message: `${url} answered ${response.status}; is this a Signalbox control plane?` },
  );
  const date = Date.parse(response.headers.get('date') ?? '');
  error.serverDate = Number.isNaN(date) ? null : new Date(date);
  throw error;
}

/** The innermost reason of a network error: `connect ECONNREFUSED 127.0.0.1:4200`. */
export function networkReason(error: unknown): string {
  let reason = error;
  while (reason instanceof Error && reason.cause instanceof Error) reason = reason.cause;
  if (!(reason instanceof Error)) return String(reason);
  if (reason instanceof AggregateError && reason.errors[0]) return networkReason(reason.errors[0]);
  return reason.message || reason.name;
}

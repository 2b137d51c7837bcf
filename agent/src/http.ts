/** Requests to the control plane over HTTPS: enrolment and renewal of the credential. */
import { text } from 'node:stream/consumers';
import { errorBodySchema } from '@signalbox/proto';
import { RefusedError } from './channel/channel.ts';

/** An answer that is no success; `serverDate` is the server's clock. */
export class HttpRefusedError extends RefusedError {
  serverDate: Date | null = null;
}

/**
 * Posts JSON and reads JSON. Not by `fetch`: Node's own loads 15 MiB for it, which an agent that has enrolled keeps for its life.
 * @throws HttpRefusedError with the server's error body; the network's error as it is.
 */
export async function postJson(
  url: string,
  body: object,
  timeoutMs: number,
  signal: AbortSignal,
  apiKey: string | null = null,
): Promise<unknown> {
  const { status, date, text } = await post(url, JSON.stringify(body), AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]), apiKey);
  const reply = parseOrNull(text);
  if (status >= 200 && status < 300) return reply;
  const parsed = errorBodySchema.safeParse(reply);
  const error = new HttpRefusedError(
    parsed.success ? parsed.data : { code: 'UNAVAILABLE', message: `${url} answered ${status}; is this a Signalbox control plane?` },
  );
  error.serverDate = Number.isNaN(date) ? null : new Date(date);
  throw error;
}

type Answer = { readonly status: number; readonly date: number; readonly text: string };

async function post(url: string, body: string, signal: AbortSignal, apiKey: string | null): Promise<Answer> {
  const { request } = url.startsWith('https:') ? await import('node:https') : await import('node:http');
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...(apiKey ? { authorization: `Bearer ${apiKey}` } : {}),
  };
  return new Promise((resolve, reject) => {
    // No connection is kept: the next request is hours away.
    const asked = request(url, { method: 'POST', headers, signal, agent: false }, (response) => {
      const { statusCode = 0, headers: answered } = response;
      text(response).then((body) => resolve({ status: statusCode, date: Date.parse(answered.date ?? ''), text: body }), reject);
    });
    asked.once('error', reject);
    asked.end(body);
  });
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The innermost reason of a network error: `connect ECONNREFUSED 127.0.0.1:4200`. */
export function networkReason(error: unknown): string {
  let reason = error;
  while (reason instanceof Error && reason.cause instanceof Error) reason = reason.cause;
  if (!(reason instanceof Error)) return String(reason);
  if (reason instanceof AggregateError && reason.errors[0]) return networkReason(reason.errors[0]);
  return reason.message || reason.name;
}

/** One attempt at a message: over HTTP to where the channel leads, or by the mail server. What it answers holds no secret. */
import type { ChannelTarget } from '@signalbox/proto/api';
import { type Message, mailOf, messageOf } from '../../domain/notifications/message.ts';
import type { Notice } from '../../domain/notifications/notice.ts';
import type { Mail } from '../../platform/mail.ts';
import { signatureHeaders } from '../../platform/standard-webhooks.ts';

export type Sender = {
  /** See platform/outside-fetch.ts. */
  readonly fetch: (url: string, options: object) => Promise<Response>;
  readonly mail: Mail;
};

export type Outcome = {
  /** Of HTTP; null: there was no answer, or it was mail. */
  readonly status: number | null;
  /** Null: it was taken. */
  readonly error: string | null;
  /** Trying again is of no use. */
  readonly isFinal: boolean;
  /** What the other side asked for. */
  readonly retryAfterMs: number | null;
};

const ANSWER_MS = 10_000;
/** Of an answer that refuses, for the log. */
const READ_BYTES = 2_000;
const SHOWN = 300;
const TAKEN: Outcome = { status: null, error: null, isFinal: true, retryAfterMs: null };
/** Answers that another attempt may change: too slow, too early, too many, and the other side's own failures. */
const isPassing = (status: number) => [408, 425, 429].includes(status) || status >= 500;

export async function deliver(sender: Sender, target: ChannelTarget, notice: Notice): Promise<Outcome> {
  if (target.kind === 'email') return sendMail(sender.mail, target.to, notice);
  const message = messageOf(target, notice);
  const secrets = secretsOf(target);
  try {
    return await post(sender, message, target, notice, secrets);
  } catch (error) {
    const { message: text, cause } = error as Error & { cause?: Error };
    const why = (error as Error).name === 'TimeoutError' ? `no answer within ${ANSWER_MS / 1_000} s` : (cause?.message ?? text);
    return { status: null, error: masked(why, secrets), isFinal: false, retryAfterMs: null };
  }
}

async function post(
  sender: Sender,
  { url, headers, body }: Message,
  target: ChannelTarget,
  { id }: Notice,
  secrets: readonly string[],
): Promise<Outcome> {
  const text = JSON.stringify(body);
  const signed = target.kind === 'webhook' && target.secret ? signatureHeaders(target.secret, { id, at: new Date(), body: text }) : {};
  const response = await sender.fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'user-agent': 'Signalbox', ...headers, ...signed },
    body: text,
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  const { status } = response;
  if (response.ok) {
    await response.body?.cancel();
    return { ...TAKEN, status };
  }
  const answer = await readSome(response);
  const asked = Number(response.headers.get('retry-after'));
  return {
    status,
    error: masked(
      status >= 300 && status < 400
        ? 'answered with a redirect, which is not followed'
        : `answered ${status}${answer ? `: ${answer}` : ''}`,
      secrets,
    ),
    isFinal: !isPassing(status),
    retryAfterMs: Number.isFinite(asked) && asked > 0 ? asked * 1_000 : null,
  };
}

async function sendMail(mail: Mail, to: readonly string[], notice: Notice): Promise<Outcome> {
  if (!mail.isConfigured) return { ...TAKEN, error: 'no mail server is configured (SIGNALBOX_SMTP_URL)' };
  try {
    await mail.send({ to: to.join(', '), ...mailOf(notice) });
    return TAKEN;
  } catch (error) {
    const { message, responseCode } = error as Error & { responseCode?: number };
    return { status: null, error: message.slice(0, SHOWN), isFinal: responseCode !== undefined && responseCode >= 500, retryAfterMs: null };
  }
}

/** The beginning of an answer, whatever its length. */
async function readSome(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    parts.push(part);
    bytes += part.length;
    if (bytes >= READ_BYTES) break; // which cancels the rest
  }
  return Buffer.concat(parts).subarray(0, READ_BYTES).toString().replace(/\s+/g, ' ').trim();
}

/** What an answer may quote of what it was sent. */
function secretsOf(target: Exclude<ChannelTarget, { kind: 'email' }>): string[] {
  if (target.kind === 'pagerduty') return [target.routingKey];
  if (target.kind === 'opsgenie') return [target.apiKey];
  const { pathname, search, username, password } = new URL(target.url);
  return [target.url, pathname + search, pathname, password, username].filter((part) => part.length > 3);
}

function masked(text: string, secrets: readonly string[]): string {
  return secrets.reduce((shown, secret) => shown.replaceAll(secret, '***'), text).slice(0, SHOWN);
}

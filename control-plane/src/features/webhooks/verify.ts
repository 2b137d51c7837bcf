/** Whom a request comes from, by its signature. Compared in constant time; where a sender signs the time, within five minutes of ours. */
import { createHash, createHmac, timingSafeEqual, verify as verifySignature, X509Certificate } from 'node:crypto';
import type { WebhookVerify } from '@signalbox/proto/api';
import { fitsPattern } from '../../domain/triggers/index.ts';
import { signatureOf } from '../../platform/standard-webhooks.ts';

export type Signed = {
  /** In lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** As it came, byte by byte. */
  readonly text: string;
  readonly now: Date;
};
/** A certificate at an address, as PEM. */
export type FetchCertificate = (url: string) => Promise<string>;

const TOLERANCE_SECONDS = 300;

/** Null: it proved it. Else why not, for the log: the sender is told less. */
export async function problemOf(verify: WebhookVerify, signed: Signed, fetchCertificate: FetchCertificate): Promise<string | null> {
  const { headers, text, now } = signed;
  switch (verify.scheme) {
    case 'none':
      return null;
    case 'github':
      return compare(headers['x-hub-signature-256'], `sha256=${hmac('sha256', verify.secret, text, 'hex')}`, 'x-hub-signature-256');
    case 'gitlab':
      return compare(headers['x-gitlab-token'], verify.secret, 'x-gitlab-token');
    case 'stripe': {
      const parts = (headers['stripe-signature'] ?? '').split(',').map((part) => part.split('='));
      const at = parts.find(([name]) => name === 't')?.[1] ?? '';
      const given = parts.filter(([name]) => name === 'v1').map(([, value = '']) => value);
      return isOld(at, now) ?? compareAny(given, hmac('sha256', verify.secret, `${at}.${text}`, 'hex'), 'stripe-signature');
    }
    case 'slack': {
      const at = headers['x-slack-request-timestamp'] ?? '';
      return (
        isOld(at, now) ??
        compare(headers['x-slack-signature'], `v0=${hmac('sha256', verify.secret, `v0:${at}:${text}`, 'hex')}`, 'x-slack-signature')
      );
    }
    case 'standard': {
      const { 'webhook-id': id = '', 'webhook-timestamp': at = '', 'webhook-signature': list = '' } = headers;
      const given = list.split(' ').flatMap((each) => (each.startsWith('v1,') ? [each.slice(3)] : []));
      return isOld(at, now) ?? compareAny(given, signatureOf(verify.secret, `${id}.${at}.${text}`), 'webhook-signature');
    }
    case 'bearer': {
      const [kind = '', value = ''] = (headers['authorization'] ?? '').split(' ', 2);
      const password =
        kind.toLowerCase() === 'basic'
          ? Buffer.from(value, 'base64')
              .toString()
              .replace(/^[^:]*:/, '')
          : value;
      return compare(password, verify.secret, 'authorization');
    }
    case 'hmac': {
      const { header, prefix, algorithm, encoding, secret, timestampHeader } = verify;
      const at = timestampHeader === '' ? null : (headers[timestampHeader.toLowerCase()] ?? '');
      const expected = prefix + hmac(algorithm, secret, at === null ? text : `${at}.${text}`, encoding);
      return (at === null ? null : isOld(at, now)) ?? compare(headers[header.toLowerCase()], expected, header.toLowerCase());
    }
    case 'sns':
      return snsProblem(text, verify.topics, now, fetchCertificate);
  }
}

/**
 * What of a request that proved itself is its own and signed: sent again, with whatever else changed, it is the same. Null: nothing is,
 * or the sender may sign the same twice.
 */
export function proofKeyOf(verify: WebhookVerify, { headers, text }: Pick<Signed, 'headers' | 'text'>): Buffer | null {
  const signed = signedOf(verify, headers, text);
  return signed === null ? null : createHash('sha256').update(`${verify.scheme}:${signed}`).digest();
}

function signedOf(verify: WebhookVerify, headers: Signed['headers'], text: string): string | null {
  switch (verify.scheme) {
    case 'github':
      return text;
    case 'stripe':
      return `${/(?:^|,)t=([^,]*)/.exec(headers['stripe-signature'] ?? '')?.[1]}.${text}`;
    case 'slack':
      return `${headers['x-slack-request-timestamp']}:${text}`;
    case 'standard':
      return headers['webhook-id'] ?? '';
    case 'sns':
      return readMessage(text)?.['MessageId'] ?? text;
    case 'hmac':
      return verify.timestampHeader === '' ? null : `${headers[verify.timestampHeader.toLowerCase()]}.${text}`;
    case 'none':
    case 'gitlab':
    case 'bearer':
      return null;
  }
}

function hmac(algorithm: string, secret: string, text: string, encoding: 'hex' | 'base64'): string {
  return createHmac(algorithm, secret).update(text).digest(encoding);
}

function compare(given: string | undefined, expected: string, header: string): string | null {
  return compareAny(given ? [given] : [], expected, header);
}

function compareAny(given: readonly string[], expected: string, header: string): string | null {
  if (given.length === 0) return `no signature: expected the header ${header}`;
  // All of them, so that the time tells nothing of which.
  const fits = given.slice(0, 10).map((each) => isSame(each, expected));
  return fits.includes(true) ? null : `the signature of ${header} does not fit`;
}

function isSame(a: string, b: string): boolean {
  // Hashed first: lengths tell nothing either.
  const [one, other] = [a, b].map((each) => createHmac('sha256', 'compare').update(each).digest()) as [Buffer, Buffer];
  return timingSafeEqual(one, other);
}

/** `at`: seconds since 1970. */
function isOld(at: string, now: Date): string | null {
  const seconds = /^\d{1,12}$/.test(at) ? Number(at) : Number.NaN;
  if (Number.isNaN(seconds)) return 'no signed time';
  return Math.abs(now.getTime() / 1_000 - seconds) > TOLERANCE_SECONDS
    ? `signed more than ${TOLERANCE_SECONDS / 60} minutes from now`
    : null;
}

const SNS_HOST = /^sns\.[a-z0-9-]+\.amazonaws\.com(\.cn)?$/;
const SNS_FIELDS = ['Message', 'MessageId', 'Subject', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'] as const;
/** SNS tries for an hour. */
const SNS_TOLERANCE_MS = 3_600_000;

/** @see https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html */
async function snsProblem(text: string, topics: readonly string[], now: Date, fetchCertificate: FetchCertificate): Promise<string | null> {
  const message = readMessage(text);
  if (!message) return 'no message of SNS';
  const { SigningCertURL: url = '', Signature: signature = '', SignatureVersion: version = '', Timestamp: at = '' } = message;
  if (!isSnsUrl(url)) return 'its certificate is not of SNS';
  if (!(Math.abs(now.getTime() - Date.parse(at)) <= SNS_TOLERANCE_MS)) return 'signed more than an hour from now';
  const topic = message['TopicArn'] ?? '';
  if (topics.length > 0 && !topics.some((pattern) => fitsPattern(pattern, topic))) return `${topic || 'no topic'} is none of its topics`;
  const isNotification = message['Type'] === 'Notification';
  const fields = SNS_FIELDS.filter((field) => (isNotification ? field !== 'SubscribeURL' && field !== 'Token' : field !== 'Subject'));
  const signed = fields.flatMap((field) => (message[field] === undefined ? [] : [`${field}\n${message[field]}\n`])).join('');
  try {
    const { publicKey } = new X509Certificate(await fetchCertificate(url));
    const algorithm = version === '1' ? 'RSA-SHA1' : 'RSA-SHA256';
    return verifySignature(algorithm, Buffer.from(signed), publicKey, Buffer.from(signature, 'base64'))
      ? null
      : 'the signature of SNS does not fit';
  } catch {
    return 'the certificate of SNS cannot be read';
  }
}

/** Where AWS keeps certificates and confirms subscriptions: nowhere else is asked. */
export function isSnsUrl(url: string): boolean {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  return parsed !== null && parsed.protocol === 'https:' && SNS_HOST.test(parsed.hostname) && parsed.port === '' && parsed.username === '';
}

function readMessage(text: string): Record<string, string> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && Object.values(value).every((each) => typeof each === 'string')
      ? (value as Record<string, string>)
      : null;
  } catch {
    return null;
  }
}

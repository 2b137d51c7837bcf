import { createHmac, createPrivateKey, createSign, generateKeyPairSync } from 'node:crypto';
import type { WebhookVerify } from '@signalbox/proto/api';
import { describe, expect, test } from 'vitest';
import { signatureHeaders } from '../../platform/standard-webhooks.ts';
import { isSnsUrl, problemOf, proofKeyOf } from './verify.ts';

const NOW = new Date('2026-01-01T00:10:00Z');
const SECONDS = NOW.getTime() / 1_000;
const TEXT = '{"a":1}';
const SECRET = 'a secret of the tests';
const KEY = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const hmac = (text: string, algorithm = 'sha256', encoding: 'hex' | 'base64' = 'hex') =>
  createHmac(algorithm, SECRET).update(text).digest(encoding);
const problem = (verify: WebhookVerify, headers: Record<string, string>, text = TEXT) =>
  problemOf(verify, { headers, text, now: NOW }, async () => {
    throw new Error('nobody asks');
  });

const SIGNED: readonly (readonly [string, WebhookVerify, (at: number) => Record<string, string>, isTimed: boolean])[] = [
  ['GitHub', { scheme: 'github', secret: SECRET }, () => ({ 'x-hub-signature-256': `sha256=${hmac(TEXT)}` }), false],
  ['GitLab', { scheme: 'gitlab', secret: SECRET }, () => ({ 'x-gitlab-token': SECRET }), false],
  [
    'Stripe',
    { scheme: 'stripe', secret: SECRET },
    (at) => ({ 'stripe-signature': `v0=x,t=${at},v1=00,v1=${hmac(`${at}.${TEXT}`)}` }),
    true,
  ],
  [
    'Slack',
    { scheme: 'slack', secret: SECRET },
    (at) => ({ 'x-slack-request-timestamp': String(at), 'x-slack-signature': `v0=${hmac(`v0:${at}:${TEXT}`)}` }),
    true,
  ],
  [
    'Standard Webhooks',
    { scheme: 'standard', secret: KEY },
    (at) => signatureHeaders(KEY, { id: 'm', at: new Date(at * 1_000), body: TEXT }),
    true,
  ],
  [
    'a bearer',
    { scheme: 'bearer', secret: SECRET },
    () => ({ authorization: `Basic ${Buffer.from(`me:${SECRET}`).toString('base64')}` }),
    false,
  ],
  [
    'an HMAC',
    { scheme: 'hmac', secret: SECRET, header: 'X-Sig', algorithm: 'sha512', encoding: 'base64', prefix: 'v1=', timestampHeader: '' },
    () => ({ 'x-sig': `v1=${hmac(TEXT, 'sha512', 'base64')}` }),
    false,
  ],
  [
    'an HMAC over time and body',
    { scheme: 'hmac', secret: SECRET, header: 'X-Sig', algorithm: 'sha256', encoding: 'hex', prefix: '', timestampHeader: 'X-Time' },
    (at) => ({ 'x-time': String(at), 'x-sig': hmac(`${at}.${TEXT}`) }),
    true,
  ],
];

describe.each(SIGNED)('%s', (_, verify, headersAt) => {
  test('is believed when it fits, and else not', async () => {
    expect(await problem(verify, headersAt(SECONDS))).toBeNull();
    expect(await problem(verify, {})).toMatch(/no signature|no signed time/);
    const [name = '', value = ''] = Object.entries(headersAt(SECONDS)).at(-1) ?? [];
    expect(await problem(verify, { ...headersAt(SECONDS), [name]: value.replace(/.(.)$/, 'AA') })).toMatch(/does not fit/);
    if (!['gitlab', 'bearer'].includes(verify.scheme)) expect(await problem(verify, headersAt(SECONDS), '{"a":2}')).toMatch(/does not fit/);
  });
});

test.each(SIGNED.filter(([, , , isTimed]) => isTimed))(
  '%s is not believed when its time is over five minutes from ours',
  async (_, verify, headersAt) => {
    for (const at of [SECONDS - 301, SECONDS + 301]) expect(await problem(verify, headersAt(at))).toMatch(/signed more than 5 minutes/);
    expect(await problem(verify, headersAt(SECONDS - 299))).toBeNull();
  },
);

/** As the senders publish them. */
test.each<[string, WebhookVerify, string, Record<string, string>, atSeconds: number]>([
  [
    'GitHub',
    { scheme: 'github', secret: "It's a Secret to Everybody" },
    'Hello, World!',
    { 'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17' },
    SECONDS,
  ],
  [
    'Slack',
    { scheme: 'slack', secret: '8f742231b10e8888abcd99yyyzzz85a5' },
    'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
    {
      'x-slack-request-timestamp': '1531420618',
      'x-slack-signature': 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
    },
    1_531_420_618,
  ],
  [
    'Standard Webhooks',
    { scheme: 'standard', secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' },
    '{"test": 2432232314}',
    {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    },
    1_614_265_330,
  ],
])('the published example of %s is believed', async (_, verify, text, headers, atSeconds) => {
  const at = { headers, text, now: new Date(atSeconds * 1_000) };
  expect(await problemOf(verify, at, async () => '')).toBeNull();
  expect(await problemOf(verify, { ...at, text: `${text} ` }, async () => '')).toMatch(/does not fit/);
});

describe('a request sent again', () => {
  const keyOf = (verify: WebhookVerify, headers: Record<string, string>, text = TEXT) =>
    proofKeyOf(verify, { headers, text })?.toString('hex') ?? null;

  test.each(SIGNED)('of %s is known by what was signed, where that is its own', (_, verify, headersAt) => {
    const key = keyOf(verify, headersAt(SECONDS));
    expect(key === null).toBe(['gitlab', 'bearer'].includes(verify.scheme) || (verify.scheme === 'hmac' && verify.timestampHeader === ''));
    // What is not signed may be changed by whoever saw it.
    expect(keyOf(verify, { ...headersAt(SECONDS), 'x-github-delivery': 'another', 'idempotency-key': 'another' })).toBe(key);
    if (key !== null && verify.scheme !== 'standard') expect(keyOf(verify, headersAt(SECONDS), '{"a":2}')).not.toBe(key);
  });

  test('by its sender under the same id, signed anew, is the same for Standard Webhooks', () => {
    const at = (seconds: number) =>
      keyOf({ scheme: 'standard', secret: KEY }, signatureHeaders(KEY, { id: 'm', at: new Date(seconds), body: TEXT }));
    expect(at(1)).toBe(at(2));
  });
});

test('whoever proves nothing is believed where nothing is asked', async () => {
  expect(await problem({ scheme: 'none' }, {})).toBeNull();
});

describe('SNS', () => {
  test('is asked for certificates at its own hosts alone', async () => {
    for (const url of ['https://sns.eu-west-1.amazonaws.com/x.pem', 'https://sns.cn-north-1.amazonaws.com.cn/x.pem'])
      expect(isSnsUrl(url)).toBe(true);
    for (const url of [
      'http://sns.eu-west-1.amazonaws.com/',
      'https://sns.eu-west-1.amazonaws.com.evil.example/',
      'https://a@sns.x.amazonaws.com/',
      'https://s3.amazonaws.com/',
      'x',
    ])
      expect(isSnsUrl(url)).toBe(false);
  });

  test('is not believed without its certificate, with an old time, or when it is none of its messages', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const message = {
      Type: 'Notification',
      MessageId: 'm',
      TopicArn: 't',
      Message: 'x',
      Timestamp: NOW.toISOString(),
      SignatureVersion: '2',
    };
    const Signature = createSign('RSA-SHA256').update('Message\nx\n').sign(privateKey, 'base64');
    const of = (over: object) =>
      problem(
        { scheme: 'sns', topics: [] },
        {},
        JSON.stringify({ ...message, Signature, SigningCertURL: 'https://sns.eu-west-1.amazonaws.com/c.pem', ...over }),
      );
    expect(await of({})).toBe('the certificate of SNS cannot be read');
    expect(await of({ SigningCertURL: 'https://evil.example/c.pem' })).toBe('its certificate is not of SNS');
    expect(await of({ Timestamp: '2025-01-01T00:00:00Z' })).toMatch(/more than an hour/);
    expect(await problem({ scheme: 'sns', topics: [] }, {}, 'text')).toBe('no message of SNS');
  });

  /** Of nobody: made for these tests. */
  const CERTIFICATE = `-----BEGIN CERTIFICATE-----\n${
    'MIIB+jCCAWOgAwIBAgIUNllY+a9hirORIHa15Un68uA5Ss0wDQYJKoZIhvcNAQELBQAwDjEMMAoGA1UEAwwDc25zMCAXDTI2MTEzMDE2MDQzM1oYDzIxMjYxMTA2MTYwNDMzWjAOMQwwCgYDVQQDDA' +
    'NzbnMwgZ8wDQYJKoZIhvcNAQEBBQADgY0AMIGJAoGBALYaQDQvBi2b+zn5R3Uzcb24gxhaOJSbKoybpida9HD2WttqCJn6ymxZ9oiVggGZ5yel9SVKh9grdNlhzdR390PqiSEAPexhUZGd3s2XkS60' +
    'oBnr9Sqza7K4sXoWFCRRNXMLBlXwgTgDwPurM7lAeWwBkY/6HKSZiBLj6k/RpM7dAgMBAAGjUzBRMB0GA1UdDgQWBBR6Mi5G7lZ4tuNF88XO8//8qEj/OTAfBgNVHSMEGDAWgBR6Mi5G7lZ4tuNF88' +
    'XO8//8qEj/OTAPBgNVHRMBAf8EBTADAQH/MA0GCSqGSIb3DQEBCwUAA4GBAB9THCdWOeh4rKZO7k6w60NdNfRc2TWbBHle/LbimltLiGsL2azJjKec8Yb5i3CBfNlnBrZhHvYfWyPWNAEDg72czL6L' +
    'PZqn+UR1snmbWnae3w5lVK5Tzu6PziLRC4COy8yIXM4fJs28RCen14k0xZwEWV+zg6zvjAMSdZ9VXf4s'
  }\n-----END CERTIFICATE-----`;
  const OWN_KEY = createPrivateKey({
    format: 'der',
    type: 'pkcs8',
    key: Buffer.from(
      'MIICdQIBADANBgkqhkiG9w0BAQEFAASCAl8wggJbAgEAAoGBALYaQDQvBi2b+zn5R3Uzcb24gxhaOJSbKoybpida9HD2WttqCJn6ymxZ9oiVggGZ5yel9SVKh9grdNlhzdR390PqiSEAPexhUZGd3s' +
        '2XkS60oBnr9Sqza7K4sXoWFCRRNXMLBlXwgTgDwPurM7lAeWwBkY/6HKSZiBLj6k/RpM7dAgMBAAECgYAh/D41Pv1xL6YwSKSca/BzTucweU4L9fV37miQ+bmbB28ned+HFTYICLYpAXYU5GsujBt3' +
        'TTSTFHEnTMiEOatssW/d7No8AFRj9IKTokBwsdAFccfecnCYcgC8am2QlInO8EHSZ7DTBQ4jjF9tscWAFX3HBgg9j/hqDngQzccMYQJBAO6H5rrq9y0Hk88/2pePF1QakRbSU2l29AMsIdlnNvSkHh' +
        'h6LUVYxHuc4Fs/GPH5NF6Tl6rPjYTRw3XVrPFeq0kCQQDDcGcGolQ8zKzO9zBZxvbId9HXjrYrpdxQJqroo+fwPqAw4iCOyuCfqdxCWe2T3DWmAkqyJmX2mAChIJpMQdL1AkBu5WYC/tx95ej1UMWK' +
        '8u6wnk1YI969yJz3oJv4HEFziZ2oWZ0UgYmPwsaYBYTOcsLDObEoq6gq2O8bqIToDtBpAkAcUXUcKPk7tgx0EK0Y1RN9CJ+HNE6BFI9Prcql2toInYpoittc1Vimyd34Xz9lZUsAuuRH2/h6OpwcvL' +
        'SeyArhAkBtZX6Ynics2OZHpVERRqLszWHJsDjCJB4FRNK86PIUFtNltE3otDdUEpbFtlewIY+GihzjX7dSquTJESqGOyb7',
      'base64',
    ),
  });
  const told = (version: '1' | '2', over: Record<string, string> = {}) => {
    const message = {
      Type: 'Notification',
      MessageId: 'm',
      TopicArn: 'arn:aws:sns:eu-west-1:123456789012:loads',
      Message: 'x',
      Timestamp: NOW.toISOString(),
      SignatureVersion: version,
      SigningCertURL: 'https://sns.eu-west-1.amazonaws.com/c.pem',
    };
    const { MessageId, TopicArn, Timestamp, Type, Message } = message;
    const signed = `Message\n${Message}\nMessageId\n${MessageId}\nTimestamp\n${Timestamp}\nTopicArn\n${TopicArn}\nType\n${Type}\n`;
    const Signature = createSign(version === '1' ? 'RSA-SHA1' : 'RSA-SHA256')
      .update(signed)
      .sign(OWN_KEY, 'base64');
    return JSON.stringify({ ...message, Signature, ...over });
  };
  const problemOfTold = (text: string, topics: string[] = []) =>
    problemOf({ scheme: 'sns', topics }, { headers: {}, text, now: NOW }, async () => CERTIFICATE);

  test.each(['1', '2'] as const)('is believed in version %s when its certificate signed it, and else not', async (version) => {
    expect(await problemOfTold(told(version))).toBeNull();
    expect(await problemOfTold(told(version, { Message: 'y' }))).toBe('the signature of SNS does not fit');
  });

  test('of another topic than those that are named is not believed, whoever signed it', async () => {
    expect(await problemOfTold(told('2'), ['arn:aws:sns:eu-west-1:123456789012:*'])).toBeNull();
    expect(await problemOfTold(told('2'), ['arn:aws:sns:eu-west-1:123456789012:loads', 'arn:aws:sns:x:1:y'])).toBeNull();
    expect(await problemOfTold(told('2'), ['arn:aws:sns:*:999999999999:*'])).toMatch(/is none of its topics/);
    expect(await problemOfTold(told('2', { TopicArn: 'arn:aws:sns:x:999999999999:y' }), ['arn:aws:sns:*:999999999999:*'])).toMatch(
      /does not fit/,
    );
  });
});

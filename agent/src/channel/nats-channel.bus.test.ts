/** The channel against a real nats-server. */
import { generateKeyPairSync, sign } from 'node:crypto';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeControlPlane } from '../../test/fake-control-plane.ts';
import { NatsChannel } from './nats-channel.ts';

let control: FakeControlPlane;
let channel: NatsChannel;
let offers: { stream: string; consumer: string };
const said: string[] = [];

beforeEach(async () => {
  control = await FakeControlPlane.start();
  const { privateKey } = generateKeyPairSync('ed25519');
  said.length = 0;
  channel = new NatsChannel({
    servers: [control.natsUrl],
    agent: bare(control.agent),
    credential: { publicKey: '', jwt: () => '', sign: (bytes) => sign(null, bytes, privateKey) },
    log: pino({ level: 'warn' }, { write: (line) => void said.push(line) }),
  });
  offers = { stream: 'D0', consumer: bare(control.pool) };
  await expect.poll(() => channel.status.isConnected).toBe(true);
});
afterEach(async () => {
  await channel?.close();
  await control?.[Symbol.asyncDispose]();
});

const bare = (id: string) => id.slice(id.indexOf('_') + 1);

describe('a wait for an offer', () => {
  test.each([10_000, 10_000 / 3])('of %d ms hears one that is made meanwhile', async (waitMs) => {
    const offer = channel.nextOffer(offers, waitMs, new AbortController().signal);
    await control.offer();
    expect(await offer).not.toBeNull();
    expect(said).toEqual([]);
  });

  test('ends without one when its time is over', async () => {
    expect(await channel.nextOffer(offers, 50 / 3, new AbortController().signal)).toBeNull();
    expect(said).toEqual([]);
  });

  test('that the server refuses is logged with what it said', async () => {
    void channel.nextOffer(offers, 2 ** 62, new AbortController().signal);
    await expect.poll(() => said.join()).toMatch(/400 Bad Request.*a pull for offers was refused/);
  });
});

import { describe, expect, it } from 'vitest';
import { checkNatsServer } from './nats-server-check.ts';

const verdict = (version: string, listenHost: string, ...agentUrls: string[]) =>
  checkNatsServer({ version, listenHost, agentUrls }).verdict;

describe('a nats-server below 2.12.7', () => {
  it.each([
    ['127.0.0.1', 'nats://127.0.0.1:4222', 'ok'],
    ['0.0.0.0', 'nats://127.0.0.1:4222', 'warn'],
    ['0.0.0.0', 'nats://10.1.2.3:4222', 'warn'],
    ['0.0.0.0', 'nats://nats:4222', 'warn'],
    ['0.0.0.0', 'tls://nats.prod.svc:4222', 'warn'],
    ['0.0.0.0', 'tls://nats.example.com:4222', 'refuse'],
    ['0.0.0.0', 'nats://203.0.113.9:4222', 'warn'],
    ['0.0.0.0', 'nats://8.8.8.8:4222', 'refuse'],
    ['::', 'wss://10.1.2.3:443', 'refuse'],
  ])('that listens on %s for agents at %s: %s', (host, url, expected) => {
    expect(verdict('2.12.6', host, url)).toBe(expected);
    expect(verdict('2.9.10', host, url)).toBe(expected);
  });

  it('is refused for the one public address among several, which the text names', () => {
    expect(
      checkNatsServer({ version: '2.10.27', listenHost: '0.0.0.0', agentUrls: ['nats://nats:4222', 'tls://nats.example.com:443'] }),
    ).toEqual({
      verdict: 'refuse',
      text: 'nats-server 2.10.27 has known security holes and listens on 0.0.0.0: use 2.12.7 or newer (a maintained line), or let it listen on 127.0.0.1. Agents are told to dial nats.example.com:443, which strangers may reach',
    });
  });
});

it('a nats-server of 2.12.7 or newer may listen where it likes', () => {
  for (const version of ['2.12.7', '2.12.15', '2.13.0', '3.0.0', '2.15.1-beta'])
    expect(verdict(version, '0.0.0.0', 'wss://nats.example.com'), version).toBe('ok');
});

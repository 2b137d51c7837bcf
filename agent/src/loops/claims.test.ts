import type { HelloReply } from '@signalbox/proto/messages';
import pino from 'pino';
import { expect, test } from 'vitest';
import type { AgentParts } from '../agent-parts.ts';
import { Bell } from '../bell.ts';
import type { Channel } from '../channel/channel.ts';
import { ServerClock } from '../server-clock.ts';
import { Session } from '../session.ts';
import { AgentStatus } from '../status.ts';
import { claimLoop } from './claims.ts';
import { Doorbell } from './doorbell.ts';
import { ClaimDesk } from './open-claim.ts';

test('a connection that is closed under a waiting agent does not end it: it claims again', async () => {
  const stop = new AbortController();
  let claims = 0;
  let waits = 0;
  const channel = {
    request: async () => {
      claims++;
      return { runs: [], more: false, timeline: 1 };
    },
    nextOffer: async () => {
      if (++waits === 1) throw new Error('closed connection');
      if (claims > 1) stop.abort();
      return { acknowledge() {} };
    },
  } as unknown as Channel;
  const session = new Session(channel, new ServerClock());
  session.open({ session: 1, offers: { stream: 'D0', consumer: 'c' }, claimEveryMs: { min: 20_000, max: 40_000 } } as HelloReply);
  const runs = { free: 1, until: async () => true, warmSoon: () => [] };
  const parts = {
    channel,
    session,
    runs,
    doorbell: new Doorbell(channel),
    claims: new ClaimDesk(),
    status: new AgentStatus(),
    log: pino({ level: 'silent' }),
    reconnected: new Bell(),
  };
  await claimLoop(parts as unknown as AgentParts, stop.signal);
  expect(claims).toBe(2);
});

test('a run that wants its slot back does not wait for a claim that keeps it: the claim is asked for, and is over', async () => {
  const asked: unknown[] = [];
  const channel = {
    status: { isConnected: true },
    request: async (_verb: string, body: object) => {
      asked.push(body);
      return { runs: [], more: false, timeline: 1 };
    },
    nextOffer: async () => ({ acknowledge() {} }),
  } as unknown as Channel;
  const session = new Session(channel, new ServerClock());
  session.open({ session: 1, offers: { stream: 'D0', consumer: 'c' }, claimEveryMs: { min: 20_000, max: 40_000 } } as HelloReply);
  const runs = {
    free: 1,
    slots: 1,
    returning: 0,
    claiming: 0,
    isSlotWanted: false,
    warmSoon: () => [],
    until: async (fact: (runs: object) => boolean) => fact(runs),
  };
  const parts = {
    channel,
    session,
    runs,
    doorbell: new Doorbell(channel),
    claims: new ClaimDesk(),
    status: new AgentStatus(),
    log: pino({ level: 'silent' }),
    reconnected: new Bell(),
  } as unknown as AgentParts;
  // Said beside a report that nothing came of; then the parent of a child that has ended wants the one slot.
  const said = parts.claims.open(parts, 1).say();
  expect(runs.claiming).toBe(1);
  Object.assign(runs, { free: 0, isSlotWanted: true });
  await claimLoop(parts, new AbortController().signal);
  expect(asked).toMatchObject([{ claimId: said?.claimId, free: 1 }]);
  expect(runs.claiming).toBe(0);
});

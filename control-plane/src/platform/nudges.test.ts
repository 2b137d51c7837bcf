import type { NatsConnection } from '@nats-io/transport-node';
import { expect, test } from 'vitest';
import { type Nudge, openNudges } from './nudges.ts';

type Callback = (error: null, message: { subject: string; json: () => unknown }) => void;

/** A server that hands each message to all, its sender included, when told to. */
function server() {
  const callbacks: Callback[] = [];
  const held: { subject: string; data: string }[] = [];
  const nc = {
    subscribe: (_: string, { callback }: { callback: Callback }) => void callbacks.push(callback),
    publish: (subject: string, data: string) => void held.push({ subject, data }),
  } as unknown as NatsConnection;
  const deliver = () => {
    for (const { subject, data } of held.splice(0)) for (const call of callbacks) call(null, { subject, json: () => JSON.parse(data) });
  };
  const replica = (name: string) => {
    const heard: Nudge[] = [];
    const nudges = openNudges(nc, name, { error() {} });
    nudges.onNudge((nudge) => void heard.push(nudge));
    return { ...nudges, heard };
  };
  return { replica, deliver };
}

const POOL = '01993a10-0000-7000-8000-000000000001';

test('a nudge is heard by its own replica at once, by the others when it arrives, and by each once', () => {
  const { replica, deliver } = server();
  const [one, two] = [replica('one'), replica('two')];
  one.nudge('w', POOL);
  expect([one.heard.length, two.heard.length]).toEqual([1, 0]);
  deliver();
  expect([one.heard, two.heard]).toEqual([[{ workspaceId: 'w', poolId: POOL }], [{ workspaceId: 'w', poolId: POOL }]]);
});

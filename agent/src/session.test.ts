import { expect, test } from 'vitest';
import { type Channel, SilenceError } from './channel/channel.ts';
import { ServerClock } from './server-clock.ts';
import { Session } from './session.ts';

test('while there is no session nothing is asked: it is silence, which is waited out, and no refusal, which would end a run', async () => {
  const asked: string[] = [];
  const channel = { request: async (verb: string) => void asked.push(verb) } as unknown as Channel;
  const session = new Session(channel, new ServerClock());
  await expect(session.ask('call', { op: { name: 'getParameters' } }, 20)).rejects.toBeInstanceOf(SilenceError);
  expect(asked).toEqual([]);
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FromChild, ToChild } from '@signalbox/proto/messages';
import { afterEach, expect, test } from 'vitest';
import type { ChildHello } from './child-gateway.ts';
import type { ChildEvents } from './launcher.ts';
import { ProcessChild } from './process-child.ts';
import { identify } from './process-identity.ts';

const ended = (n: number) =>
  ({ type: 'ended', n, at: '2026-12-01T00:00:00.000Z', state: 'COMPLETED' }) as unknown as Exclude<FromChild, { type: 'hello' }>;
const hello = { type: 'hello', holding: null, pid: process.pid } as unknown as ChildHello;
let folder = '';
let child: ProcessChild | undefined;
afterEach(async () => {
  await child?.release();
  rmSync(folder, { recursive: true, force: true });
});

function listener() {
  const heard: unknown[] = [];
  const events: ChildEvents = {
    connected: () => void heard.push('connected'),
    frame: (frame) => void heard.push((frame as { n?: number }).n),
    malformed: () => void heard.push('malformed'),
    output: () => {},
    exited: () => {},
  };
  return { heard, events };
}

test('what a reused process tells again of a run before is not taken for the next one, and it learns first that it may go on', () => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-child-'));
  const gateway = { register() {}, unregister() {} } as unknown as ConstructorParameters<typeof ProcessChild>[0]['gateway'];
  const record = { tokenHash: 'h', keeper: identify(process.pid), pid: null };
  child = new ProcessChild({ id: 'c', folder, record, keeperPid: process.pid, keeper: null, gateway, writeRecord() {} });
  const sent: ToChild[] = [];
  const send = (frame: ToChild) => void sent.push(frame);
  const [first, second] = [listener(), listener()];
  child.attach(first.events, null);
  child.connected(hello, send);
  child.frame(ended(7));
  child.attach(second.events, null);
  expect([first.heard, second.heard, sent]).toEqual([['connected', 7], ['connected'], []]);
  // The connection was lost before the acknowledgment of the end went out with the next start.
  child.disconnected();
  child.connected(hello, send);
  child.frame(ended(7));
  child.malformed({ n: 6 }, 'too old');
  child.frame(ended(8));
  expect([sent, second.heard]).toEqual([[{ type: 'ack', n: 7 }], ['connected', 'connected', 8]]);
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HelloReply, Report } from '@signalbox/proto/messages';
import pino from 'pino';
import { afterEach, expect, test } from 'vitest';
import type { AgentParts } from '../agent-parts.ts';
import { Bell } from '../bell.ts';
import { type Channel, RefusedError } from '../channel/channel.ts';
import { ServerClock } from '../server-clock.ts';
import { Session } from '../session.ts';
import { Spool } from '../spool/spool.ts';
import { AgentStatus } from '../status.ts';
import { reportLoop } from './reports.ts';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** Takes reports as the contract says, from a watermark that a test may set back. */
function reportsTaker() {
  const taken: number[] = [];
  const at = { watermark: 0 };
  const request = async (_verb: string, body: object | Buffer) => {
    const { entries, oldest } = JSON.parse(String(body)) as Report;
    const positions = entries.map((entry) => (entry as { n: number }).n);
    const [first = 0] = positions;
    if (first > at.watermark + 1 && first !== oldest) {
      const details = { reason: 'gap', expected: at.watermark + 1 };
      throw new RefusedError({ code: 'PRECONDITION_FAILED', message: 'gap', requestId: 'x', details });
    }
    taken.push(...positions.filter((n) => n > at.watermark));
    at.watermark = Math.max(at.watermark, positions.at(-1) ?? 0);
    return { exceptions: [], watermark: at.watermark, timeline: 1 };
  };
  return { taken, at, channel: { request } as unknown as Channel };
}

test('a database that went back further than the spool keeps is told what is kept, and then what is new', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sb-reports-'));
  folders.push(folder);
  const spool = await Spool.open({ folder: join(folder, 'spool'), segmentBytes: 300, keepMs: -1 });
  const tell = () => spool.report('state', { k: 'run:1', t: 'task.state' }, { type: 'task.state', text: 'x'.repeat(40) });
  for (let i = 0; i < 20; i++) await tell();

  const server = reportsTaker();
  const session = new Session(server.channel, new ServerClock());
  session.open({ session: 1 } as HelloReply);
  const log = pino({ level: 'silent' });
  const config = { dataDir: folder };
  const parts = { spool, session, runs: { release() {} }, status: new AgentStatus(), log, reconnected: new Bell(), config };
  const stop = new AbortController();
  const loop = reportLoop(parts as unknown as AgentParts, 'state', stop.signal);
  await spool.state.waitUntilSent(AbortSignal.timeout(5_000));
  expect(server.at.watermark).toBe(20);
  expect(spool.state.oldest).toBeGreaterThan(5);

  server.at.watermark = 3;
  server.taken.length = 0;
  const { oldest } = spool.state;
  await tell();
  await expect.poll(() => server.taken.at(-1), { timeout: 5_000 }).toBe(21);
  expect(server.taken[0]).toBe(oldest);
  expect(spool.state.unsent).toBe(0);
  stop.abort();
  await loop;
  await spool.shut();
});

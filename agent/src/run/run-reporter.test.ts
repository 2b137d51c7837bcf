import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogLine } from '@signalbox/proto/messages';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ServerClock } from '../server-clock.ts';
import type { JournalledClaim } from '../spool/facts.ts';
import { Spool } from '../spool/spool.ts';
import { RunReporter, type RunReporterOptions } from './run-reporter.ts';

const run = { run: 'run_01h455vb4pex5vsknk084sn02q', epoch: 1 } as const;
const claim: JournalledClaim = {
  ...run,
  name: 'x',
  flow: { id: 'flow_01h455vb4pex5vsknk084sn02q', name: 'f' },
  deployment: { id: 'dep_01h455vb4pex5vsknk084sn02q', name: 'd' },
  digest: 'd',
  timeoutMs: null,
  graceMs: 1,
  isolation: 'fresh',
};
const at = '2026-01-01T00:00:00.000Z';
let home: string;
let spool: Spool;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'sb-report-'));
  spool = await Spool.open({ folder: home, segmentBytes: 50_000, bulkMaxBytes: 200_000 });
  await spool.fact({ fact: 'claimed', ...run, claim });
});
afterEach(async () => {
  await spool.shut();
  rmSync(home, { recursive: true, force: true });
});

const line = (message: string): LogLine => ({ at, level: 'info', stream: 'logger', taskOrdinal: null, message });
const reporterOf = (more: Partial<RunReporterOptions> = {}) =>
  new RunReporter({ spool, clock: new ServerClock(), run, onAcknowledge: () => {}, ...more });
const logsOf = async () => {
  const messages: string[] = [];
  for (;;) {
    const entries = await spool.bulk.next(1_000_000, 1_000);
    if (entries.length === 0) return messages;
    for (const entry of entries) messages.push(...(JSON.parse(entry) as { lines: LogLine[] }).lines.map(({ message }) => message));
    await spool.bulk.setWatermark(spool.bulk.watermark + entries.length);
  }
};

test('a frame told again after a lost connection is stored once and acknowledged again', async () => {
  const acknowledged: number[] = [];
  const reporter = reporterOf({ onAcknowledge: (n) => acknowledged.push(n) });
  reporter.told({ type: 'logs', n: 1, at, lines: [line('a')] });
  await reporter.settled();
  const after = reporterOf({ onAcknowledge: (n) => acknowledged.push(n), bulk: spool.marks.of(`${run.run}:1`) });
  after.told({ type: 'logs', n: 1, at, lines: [line('a')] });
  after.told({ type: 'logs', n: 2, at, lines: [line('b')] });
  await after.settled();
  expect(await logsOf()).toEqual(['a', 'b']);
  expect(acknowledged).toEqual([1, 2]);
});

test('a frame of which a part was stored before a kill is completed, not repeated', async () => {
  const lines = Array.from({ length: 12 }, (_, index) => line(`${index} ${'x'.repeat(15_000)}`));
  const whole = reporterOf();
  whole.told({ type: 'logs', n: 1, at, lines });
  await whole.settled();
  const all = await logsOf();
  const rest = reporterOf({ bulk: { n: 0, parts: 1, stdout: 0, stderr: 0 } });
  rest.told({ type: 'logs', n: 1, at, lines });
  await rest.settled();
  const again = await logsOf();
  expect(again.length).toBeLessThan(all.length);
  expect(again).toEqual(all.slice(-again.length));
});

test('when there is no room, logs give way, states do not, and what is missing is said', async () => {
  const reporter = reporterOf();
  for (let n = 1; n <= 400; n++) {
    reporter.told({ type: 'logs', n, at, lines: [line(`${n} ${'y'.repeat(2_000)}`)] });
    await reporter.settled();
  }
  await reporter.lastWord({ type: 'run.ended', state: 'COMPLETED' }, at);
  expect(spool.state.unsent).toBe(1);
  const kept = await logsOf();
  expect(kept.length).toBeLessThan(200);
  reporter.told({ type: 'logs', n: 401, at, lines: [line('room again')] });
  await reporter.settled();
  expect(await logsOf()).toEqual([
    `${400 - kept.length} log lines are missing here: the agent's spool was full while the control plane was out of reach`,
    'room again',
  ]);
});

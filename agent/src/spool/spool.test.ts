import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { JournalledClaim } from './facts.ts';
import { openSpool, Spool } from './spool.ts';

// A process is started here; the machine may have others to run.
vi.setConfig({ testTimeout: 30_000 });

const RUN = 'run_01h455vb4pex5vsknk084sn02q';
const KEY = `${RUN}:1`;
const folders: string[] = [];

async function freshFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sb-spool-'));
  folders.push(folder);
  return join(folder, 'spool');
}

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

const started = { type: 'run.started', run: RUN, epoch: 1, at: '2026-01-01T00:00:00.000Z' };
const claim: JournalledClaim = {
  run: RUN,
  epoch: 1,
  name: 'x',
  flow: { id: 'flow_01h455vb4pex5vsknk084sn02q', name: 'f' },
  deployment: { id: 'dep_01h455vb4pex5vsknk084sn02q', name: 'd' },
  digest: 'd',
  timeoutMs: null,
  graceMs: 1,
  isolation: 'fresh',
};
const positions = (bodies: readonly string[]) => bodies.map((body) => (JSON.parse(body) as { n: number }).n);

async function segmentFiles(folder: string, channel: string): Promise<string[]> {
  const id = await readFile(join(folder, 'spool-id'), 'utf8');
  const names = await readdir(join(folder, id, channel));
  return names.sort().map((name) => join(folder, id, channel, name));
}

describe('positions', () => {
  test('count from 1 without gaps, over segments and over restarts', async () => {
    const folder = await freshFolder();
    for (let round = 0; round < 3; round++) {
      const spool = await Spool.open({ folder, segmentBytes: 500 });
      for (let i = 0; i < 20; i++) void spool.report('state', { k: KEY, t: 'run.started' }, started);
      await spool.state.durable();
      await spool.shut();
    }
    const spool = await Spool.open({ folder, segmentBytes: 500 });
    const seen: number[] = [];
    while (spool.state.unsent > 0) {
      const batch = positions(await spool.state.next(1_000, 7));
      seen.push(...batch);
      await spool.setStateWatermark(batch.at(-1) ?? 0);
    }
    expect(seen).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
    await spool.shut();
  });

  test('the spool keeps its id over restarts', async () => {
    const folder = await freshFolder();
    const first = await Spool.open({ folder });
    await first.shut();
    const second = await Spool.open({ folder });
    expect(second.id).toBe(first.id);
    await second.shut();
  });
});

describe('a torn write', () => {
  test('at any byte leaves a prefix, and the journal goes on from there', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ maxLength: 40 }), { minLength: 1, maxLength: 12 }), fc.nat(), async (texts, where) => {
        const folder = await freshFolder();
        const spool = await Spool.open({ folder });
        for (const text of texts) void spool.report('bulk', { k: KEY, t: 'logs' }, { text });
        await spool.shut();
        const file = (await segmentFiles(folder, 'bulk')).at(-1) ?? '';
        const size = (await readFile(file)).length;
        await truncate(file, where % (size + 1));

        const again = await Spool.open({ folder });
        const bodies = await again.bulk.next(1_000_000, 100);
        expect(positions(bodies)).toEqual(bodies.map((_, index) => index + 1));
        expect(bodies.map((body) => (JSON.parse(body) as { text: string }).text)).toEqual(texts.slice(0, bodies.length));
        await again.report('bulk', { k: KEY, t: 'logs' }, { text: 'after' });
        await again.bulk.setWatermark(bodies.length);
        expect(positions(await again.bulk.next(1_000_000, 100))).toEqual([bodies.length + 1]);
        await again.shut();
      }),
      { numRuns: 40 },
    );
  });

  test('of garbage after the last record is cut off', async () => {
    const folder = await freshFolder();
    const spool = await Spool.open({ folder });
    await spool.report('state', { k: KEY, t: 'run.started' }, started);
    await spool.shut();
    const file = (await segmentFiles(folder, 'state')).at(-1) ?? '';
    await writeFile(file, Buffer.concat([await readFile(file), Buffer.from([0, 0, 0, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13])]));
    const again = await Spool.open({ folder });
    expect(positions(await again.state.next(1_000, 10))).toEqual([1]);
    await again.shut();
  });

  test('loses nothing that was said to be on disk, when the writer is killed', async () => {
    const folder = await freshFolder();
    const writer = spawn(process.execPath, [join(import.meta.dirname, '../../test/spool-writer.ts'), folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let told = 0;
    for await (const line of createInterface({ input: writer.stdout })) {
      told = Number(line);
      if (told >= 100) break;
    }
    writer.kill('SIGKILL');
    await once(writer, 'exit');
    const spool = await Spool.open({ folder });
    expect(spool.state.unsent).toBeGreaterThanOrEqual(told);
    await spool.shut();
  });
});

describe('corruption that no torn write explains', () => {
  test('moves the journal aside and begins another, with another id', async () => {
    const folder = await freshFolder();
    const spool = await Spool.open({ folder, segmentBytes: 200 });
    for (let i = 0; i < 10; i++) await spool.report('state', { k: KEY, t: 'run.started' }, started);
    await spool.shut();
    const [file = ''] = await segmentFiles(folder, 'state');
    const bytes = await readFile(file);
    bytes[12] = (bytes[12] ?? 0) ^ 0xff;
    await writeFile(file, bytes);
    const told: string[] = [];
    const again = await openSpool({ folder }, (error, movedTo) => told.push(error.name, movedTo));
    expect(told[0]).toBe('SpoolCorruptError');
    expect(again.id).not.toBe(spool.id);
    await again.shut();
  });
});

describe('what is held', () => {
  test('is known again after a restart, even when the segment that told it is gone', async () => {
    const folder = await freshFolder();
    const spool = await Spool.open({ folder, segmentBytes: 300, keepMs: -1 });
    await spool.fact({ fact: 'claimed', run: RUN, epoch: 1, claim });
    await spool.fact({ fact: 'child', run: RUN, epoch: 1, child: 'c1' });
    await spool.report('state', { k: KEY, t: 'run.started', c: 1, last: true }, started);
    for (let i = 0; i < 20; i++) await spool.report('state', { k: KEY, t: 'task.state', c: i + 2, last: true }, started);
    await spool.setStateWatermark(21);
    expect((await segmentFiles(folder, 'state')).length).toBeLessThan(3);
    await spool.shut();
    const again = await Spool.open({ folder });
    expect(again.facts.held.get(KEY)).toMatchObject({ child: 'c1', hasStarted: true, endedN: null, mark: { n: 21, parts: 0 } });
    await again.shut();
  });

  test('is let go when the control plane has stored its end', async () => {
    const folder = await freshFolder();
    const spool = await Spool.open({ folder });
    await spool.fact({ fact: 'claimed', run: RUN, epoch: 1, claim });
    await spool.report('state', { k: KEY, t: 'run.ended' }, { type: 'run.ended' });
    expect(await spool.setStateWatermark(0)).toEqual([]);
    expect(await spool.setStateWatermark(1)).toEqual([KEY]);
    await spool.shut();
    const again = await Spool.open({ folder });
    expect(again.facts.held.size).toBe(0);
    await again.shut();
  });
});

describe('a run that was let go', () => {
  test('leaves no mark behind, whatever its process still says', async () => {
    const folder = await freshFolder();
    const spool = await Spool.open({ folder });
    const say = (to: number) => spool.report('bulk', { k: KEY, t: 'logs', o: { s: 'stdout', to } }, { text: 'x' });
    await spool.fact({ fact: 'claimed', run: RUN, epoch: 1, claim });
    await say(5);
    expect(spool.marks.of(KEY).stdout).toBe(5);
    spool.close(KEY);
    await Promise.all([say(9), spool.state.durable()]);
    await say(12);
    expect(spool.marks.snapshot()).toEqual([]);
    expect(spool.bulk.unsent).toBe(3);
    await spool.shut();
  });
});

describe('the watermark', () => {
  test('keeps what is behind it, so that a rewind tells it again', async () => {
    const folder = await freshFolder();
    const spool = await Spool.open({ folder });
    for (let i = 0; i < 5; i++) await spool.report('state', { k: KEY, t: 'run.started' }, started);
    await spool.setStateWatermark(5);
    expect(spool.state.unsent).toBe(0);
    await spool.state.rewind();
    expect(positions(await spool.state.next(10_000, 100))).toEqual([1, 2, 3, 4, 5]);
    await spool.shut();
  });

  test('frees a full channel early', async () => {
    const folder = await freshFolder();
    const spool = await Spool.open({ folder, segmentBytes: 300, bulkMaxBytes: 2_000 });
    for (let i = 0; i < 60; i++) await spool.report('bulk', { k: KEY, t: 'logs' }, { text: 'x'.repeat(20) });
    expect(spool.bulk.isFull).toBe(true);
    await spool.bulk.setWatermark(60);
    expect(spool.bulk.isFull).toBe(false);
    await spool.shut();
  });
});

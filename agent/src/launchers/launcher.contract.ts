/** What every launcher must do. A real adapter runs it with a factory; two launchers of one `home` are one before and after a restart. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { ClaimedRun, ToChild } from '@signalbox/proto/messages';
import { afterEach, describe, expect, test } from 'vitest';
import { ChildListener } from '../../test/child-listener.ts';
import type { Child, Launcher, LaunchSpec } from './launcher.ts';

const RUN = 'run_01h455vb4pex5vsknk084sn02q' as const;

export function launcherContract(name: string, make: (home: string) => Launcher): void {
  const opened: Launcher[] = [];
  const children: Child[] = [];
  const homes: string[] = [];
  const deadline = AbortSignal.timeout(120_000);

  const freshHome = () => {
    const home = mkdtempSync(join(tmpdir(), 'sb-launch-'));
    homes.push(home);
    return home;
  };
  const openLauncher = async (home = freshHome()) => {
    const launcher = make(home);
    await launcher.open();
    opened.push(launcher);
    return launcher;
  };
  const specOf = (exportName: string, more: Partial<LaunchSpec> = {}): LaunchSpec => ({
    id: `c${children.length + 1}`,
    source: { kind: 'path', root: join(import.meta.dirname, '../../test'), entrypoint: 'fixture-flows.ts', exportName },
    variables: {},
    run: RUN,
    ...more,
  });
  const start = async (launcher: Launcher, spec: LaunchSpec, parameters: object = {}) => {
    const child = await launcher.launch(spec);
    children.push(child);
    const listener = ChildListener.attach(child, deadline);
    await listener.until(() => listener.hellos.length > 0);
    child.send({ type: 'load', source: spec.source });
    await listener.until(() => listener.frames.some((frame) => frame.type === 'loaded'));
    child.send(startFrame(parameters));
    await listener.until(() => listener.frames.some((frame) => frame.type === 'started'));
    return { child, listener };
  };

  afterEach(async () => {
    for (const child of children.splice(0)) await child.kill(RUN);
    for (const launcher of opened.splice(0)) await launcher.close();
    for (const home of homes.splice(0)) rmSync(home, { recursive: true, force: true });
  });

  describe(`${name}: a child`, () => {
    test('tells its frames in order and exits 0 once its end is acknowledged', async () => {
      const { child, listener } = await start(await openLauncher(), specOf('works'));
      await listener.until(() => listener.frames.at(-1)?.type === 'ended');
      const told = listener.frames.filter((frame) => 'n' in frame).map((frame) => ('n' in frame ? frame.n : 0));
      expect(told).toEqual(told.map((_, index) => index + 1));
      child.send({ type: 'ack', n: told.length });
      await listener.until(() => listener.exit !== null);
      expect(listener.exit).toMatchObject({ code: 0, signal: null, isWitnessed: true });
    });

    test('has its output told from byte 0: long lines in pieces, bad bytes made visible, an unfinished last line too', async () => {
      const { child, listener } = await start(await openLauncher(), specOf('prints'));
      await listener.until(() => listener.frames.at(-1)?.type === 'ended');
      child.send({ type: 'ack', n: 99 });
      await listener.until(() => listener.exit !== null);
      expect(listener.text('stdout')).toBe(`${'x'.repeat(40_000)}\na\ufffd\u2400b\nno newline at the end\n`);
      expect(listener.lines.filter((line) => line.continues)).toHaveLength(2);
      expect(listener.text('stderr')).toContain('to stderr\n');
    });

    test('keeps no listener that another has replaced: it serves thousands of runs', async () => {
      const { child } = await start(await openLauncher(), specOf('works'));
      setFlagsFromString('--expose-gc');
      const collect = runInNewContext('gc') as () => void;
      const replaced = (() => new WeakRef(ChildListener.attach(child, deadline)))();
      ChildListener.attach(child, deadline);
      const isKept = () => {
        collect();
        return replaced.deref() !== undefined;
      };
      await expect.poll(isKept).toBe(false);
    });

    test('has its exit code witnessed', async () => {
      const { listener } = await start(await openLauncher(), specOf('exits'));
      await listener.until(() => listener.exit !== null);
      expect(listener.exit).toMatchObject({ code: 3, isWitnessed: true });
    });

    test('killed from outside has its signal witnessed', async () => {
      const gate = join(freshHome(), 'gate');
      const { child, listener } = await start(await openLauncher(), specOf('works'), { gate });
      process.kill(child.pid ?? 0, 'SIGKILL');
      await listener.until(() => listener.exit !== null);
      expect(listener.exit).toMatchObject({ signal: 'SIGKILL', isWitnessed: true });
    });

    test('that cannot be started throws and leaves nothing', async () => {
      const launcher = await openLauncher();
      const spec = specOf('works', { variables: { workingDirectory: '/no/such/folder' } });
      await expect(launcher.launch(spec)).rejects.toThrow('/no/such/folder');
    });
  });

  describe(`${name}: kill`, () => {
    test('leaves no process of the run: none that blocks, ignores TERM, or left the group', async () => {
      const home = freshHome();
      const journal = join(home, 'journal');
      writeFileSync(journal, '');
      const { child, listener } = await start(await openLauncher(), specOf('stubborn'), { journal });
      await listener.until(() => listener.text('stdout').includes('ready'));
      const grandchild = Number(readFileSync(journal, 'utf8').split(' ')[1]);
      child.terminate();
      await child.kill(RUN);
      expect(isThere(child.pid ?? 0)).toBe(false);
      if (process.platform === 'linux') expect(isThere(grandchild)).toBe(false);
    });
  });

  describe(`${name}: the agent's own restart`, () => {
    test('a child runs on, comes back to the new agent, and tells again what was not acknowledged', async () => {
      const home = freshHome();
      const gate = join(home, 'gate');
      const before = await openLauncher(home);
      const { child, listener } = await start(before, specOf('works'), { gate });
      await listener.until(() => listener.text('stdout') === 'printed\n');
      await before.close();

      const after = await openLauncher(home);
      const adopted = await after.adopt(child.id);
      if (!adopted) throw new Error('the child was not known');
      children.push(adopted);
      const again = ChildListener.attach(adopted, deadline, listener.offsets);
      await again.until(() => again.hellos.length > 0);
      expect(again.hellos[0]).toEqual({ run: RUN, epoch: 7 });
      writeFileSync(gate, '');
      await again.until(() => again.frames.at(-1)?.type === 'ended');
      expect(again.frames[0]).toMatchObject({ type: 'started', n: 1 });
      adopted.send({ type: 'ack', n: 99 });
      await again.until(() => again.exit !== null);
      expect(again.exit).toMatchObject({ code: 0, isWitnessed: true });
      expect(again.text('stdout')).toBe('');
    });

    test('a child that ended meanwhile has its exit told', async () => {
      const home = freshHome();
      const gate = join(home, 'gate');
      const before = await openLauncher(home);
      const { child } = await start(before, specOf('works'), { gate });
      await before.close();
      process.kill(child.pid ?? 0, 'SIGABRT');
      await child.gone;
      const adopted = await (await openLauncher(home)).adopt(child.id);
      if (!adopted) throw new Error('the child was not known');
      const again = ChildListener.attach(adopted, deadline);
      await again.until(() => again.exit !== null);
      expect(again.exit).toMatchObject({ signal: 'SIGABRT', isWitnessed: true });
    });

    test('children that nobody takes up are killed', async () => {
      const home = freshHome();
      const gate = join(home, 'gate');
      const before = await openLauncher(home);
      const { child } = await start(before, specOf('works'), { gate });
      await before.close();
      await (await openLauncher(home)).discardOthers(new Set());
      await child.gone;
      expect(isThere(child.pid ?? 0)).toBe(false);
    });

    test('a child that is not known is not adopted', async () => {
      expect(await (await openLauncher()).adopt('c404')).toBeNull();
    });
  });
}

function isThere(pid: number): boolean {
  try {
    // A killed process stays a zombie until its new parent has looked.
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

function startFrame(parameters: object): ToChild {
  const run: Omit<ClaimedRun, 'parameters' | 'source' | 'variables'> = {
    run: RUN,
    epoch: 7,
    name: 'calm-otter',
    attempt: 1,
    flow: { id: 'flow_01h455vb4pex5vsknk084sn02q', name: 'f' },
    deployment: { id: 'dep_01h455vb4pex5vsknk084sn02q', name: 'd' },
    digest: 'd',
    launcher: 'process',
    isolation: 'fresh',
    tags: [],
    dueAt: '2026-01-01T00:00:00.000Z',
    dueInMs: 0,
    timeoutMs: null,
    graceMs: 1_000,
    startTimeoutMs: 60_000,
    retry: { retries: 0, delaysMs: [] },
    granted: true,
  };
  return { type: 'start', run, parameters: { encoding: 'json', body: parameters }, workspace: { id: 'ws_1', slug: 'default' } };
}

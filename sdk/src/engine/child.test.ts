import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { loadMessage, Supervisor, startMessage } from '../../test/supervisor.ts';
import { NO_POLICY } from './results/result-policy.ts';
import { openReference, type ResultReference } from './results/result-reference.ts';

// Real processes: on a busy machine a cold start takes seconds.
vi.setConfig({ testTimeout: 60_000 });

async function startedWith(exportName: string, parameters?: Record<string, unknown>, changed?: Parameters<typeof startMessage>[1]) {
  const supervisor = await Supervisor.start();
  await supervisor.frame('hello');
  supervisor.send(loadMessage(exportName));
  await supervisor.frame('loaded');
  supervisor.send(startMessage(parameters, changed));
  return supervisor;
}

describe('a child process', () => {
  test('says hello, loads, calls the flow once, tells what happened in numbered frames, and exits 0 after the last ack', async () => {
    await using supervisor = await startedWith('works');
    const ended = await supervisor.frame('ended');
    expect(ended).toMatchObject({ state: 'COMPLETED', result: { body: { doubled: [0, 2, 4], flaky: 'at last' } } });
    expect(await supervisor.exited).toEqual({ code: 0, signal: null });

    expect(supervisor.frames[0]).toMatchObject({ type: 'hello', v: 1, token: 'token-of-a-test', pid: supervisor.child.pid, holding: null });
    const told = supervisor.frames.filter((frame) => 'n' in frame);
    expect(told.map((frame) => frame.n)).toEqual(told.map((_, i) => i + 1));
    expect(told[0]?.type).toBe('started');
    const last = new Map(supervisor.of('task').map(({ task }) => [task.ordinal, `${task.taskKey} ${task.stateName} ${task.attempt}`]));
    expect([...last.values()]).toEqual(['double#1 Completed 1', 'double#2 Completed 1', 'double#3 Completed 1', 'flaky#1 Completed 2']);
    expect(supervisor.of('artifact')[0]?.artifact).toMatchObject({ kind: 'table', key: 'doubled', data: { body: { columns: ['n'] } } });
  });

  test('gives user code the epoch as a fencing token and one idempotency key for all attempts', async () => {
    await using supervisor = await startedWith('works');
    const [line] = (await supervisor.frame('logs')).lines;
    expect(line?.attributes).toEqual({ fencingToken: '4294967299', idempotencyKey: 'run_01h455vb4pex5vsknk084sn02q' });
  });

  test('tells a supervisor that came back everything that was not acknowledged, and which run it is in', async () => {
    await using supervisor = await startedWith('waits');
    supervisor.stopAcknowledging();
    await supervisor.frame('task', ({ task }) => task.state === 'RUNNING');
    await supervisor.restart();
    expect(await supervisor.frame('hello')).toMatchObject({ holding: { run: 'run_01h455vb4pex5vsknk084sn02q', epoch: 4_294_967_299 } });
    await supervisor.frame('task', ({ task }) => task.state === 'RUNNING');
    supervisor.send({ type: 'cancel', reason: 'cancelled' });
    expect(await supervisor.frame('ended')).toMatchObject({ state: 'CANCELLED' });
    expect((await supervisor.exited).code).toBe(0);
  });

  test('does not exit before its end is acknowledged', async () => {
    await using supervisor = await startedWith('works');
    supervisor.stopAcknowledging();
    const { n } = await supervisor.frame('ended');
    expect(supervisor.child.exitCode).toBeNull();
    supervisor.send({ type: 'ack', n });
    expect((await supervisor.exited).code).toBe(0);
  });

  test('says alive from its event loop', async () => {
    await using supervisor = await startedWith('waits');
    await supervisor.frame('alive');
  });

  test('that is reused runs again, and exits when it is retired', async () => {
    await using supervisor = await startedWith('works', { items: 1 }, { isolation: 'reuse' });
    const first = await supervisor.frame('ended');
    supervisor.send(startMessage({ items: 2 }, { isolation: 'reuse' }));
    const second = await supervisor.frame('ended', ({ n }) => n > first.n);
    expect(second.result?.body).toMatchObject({ doubled: [0, 2] });
    supervisor.send({ type: 'retire' });
    expect((await supervisor.exited).code).toBe(0);
  });
});

describe('a result that is too large to travel', () => {
  test('is kept where the code ran, and its reference is told; a flow that waits for the run is given the value', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'sb-large-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    vi.stubEnv('SIGNALBOX_RESULTS_DIR', folder);
    await using supervisor = await startedWith('large');
    const { result } = await supervisor.frame('ended');
    const key = 'runs/run_01h455vb4pex5vsknk084sn02q/4294967299/result';
    expect(result?.body).toEqual({ $result: { storage: 'local', key, bytes: expect.any(Number) } });
    expect(await openReference(result?.body as ResultReference, NO_POLICY)).toEqual({
      rows: new Set(['x'.repeat(70_000)]),
      text: 'y'.repeat(70_000),
    });
    const gone = { $result: { storage: 's3://elsewhere', key, bytes: 1 } };
    await expect(openReference(gone, NO_POLICY)).rejects.toThrow(`its result of 1 bytes lies in s3://elsewhere ${key}`);
  });
});

describe('loading', () => {
  test.each([
    ['a file that is missing', loadMessage('works', 'missing.ts'), /missing\.ts could not be found/],
    ['a file that is no module', loadMessage('works', 'README.md', '..'), /README\.md could not be loaded: Unknown file extension/],
    ['an export that is no flow', loadMessage('noFlow'), /expected a flow exported as "noFlow", but its flows are exported as busy, /],
    ['a file outside the root', loadMessage('works', '../src/index.ts'), /entrypoint: expected a file inside/],
    [
      'a package that is missing',
      { type: 'load', source: { kind: 'module', module: 'no-such-package', exportName: 'x' } } as const,
      /package no-such-package could not be found/,
    ],
  ])('%s fails with a plain cause', async (_title, message, expected) => {
    await using supervisor = await Supervisor.start();
    await supervisor.frame('hello');
    supervisor.send(message);
    const { failure } = await supervisor.frame('load-failed');
    expect(failure).toMatchObject({ kind: 'crashed', message: expect.stringMatching(expected) });
  });
});

describe('the end of a run', () => {
  test('of an error that cannot be retried says so, with the stacks of all causes', async () => {
    await using supervisor = await startedWith('throws');
    const { failure, ...ended } = await supervisor.frame('ended');
    expect(ended).toMatchObject({ state: 'FAILED', name: 'Failed', message: 'the password is wrong' });
    expect(failure).toMatchObject({ kind: 'application', name: 'NonRetryableError', retryable: false });
    expect(failure?.stack).toContain('fixture-flows.ts');
    expect(failure?.stack).toContain('caused by Error: 401');
  });

  test('carries the pause that the author asked for', async () => {
    await using supervisor = await startedWith('busy');
    expect((await supervisor.frame('ended')).failure).toMatchObject({ retryable: true, retryAfterMs: 30_000 });
  });

  test('by cancel and by TERM aborts the signal, lets code clean up, and is CANCELLED', async () => {
    await using supervisor = await startedWith('waits');
    await supervisor.frame('task', ({ task }) => task.state === 'RUNNING');
    supervisor.child.kill('SIGTERM');
    const ended = await supervisor.frame('ended');
    expect(ended).toMatchObject({ state: 'CANCELLED', failure: { kind: 'cancelled' } });
    expect(supervisor.of('logs').flatMap(({ lines }) => lines.map((line) => line.message))).toContain('cleaning up');
    expect(supervisor.of('task').at(-1)?.task.state).toBe('CANCELLED');
  });

  test('by cancel ends the process of an isolated task whose code never comes back, and has told what it printed', async () => {
    await using supervisor = await startedWith('isolates');
    const { lines } = await supervisor.frame('logs');
    expect(lines).toMatchObject([{ message: 'never comes back', stream: 'stdout', taskOrdinal: 1 }]);
    supervisor.send({ type: 'cancel', reason: 'cancelled' });
    expect(await supervisor.frame('ended')).toMatchObject({ state: 'CANCELLED' });
    expect(supervisor.of('task').at(-1)?.task).toMatchObject({ taskKey: 'stuck#1', stateName: 'Cancelled' });
  });

  test('by timeout is FAILED TimedOut', async () => {
    await using supervisor = await startedWith('waits');
    await supervisor.frame('started');
    supervisor.send({ type: 'cancel', reason: 'timed-out' });
    expect(await supervisor.frame('ended')).toMatchObject({ state: 'FAILED', name: 'TimedOut', failure: { kind: 'timed-out' } });
  });

  test.each([
    ['by an unhandled rejection', 'rejectsElsewhere', 'nobody listens'],
    ['by the failure of a task that nobody awaits', 'forgetsToAwait', 'task "fails" failed: nobody waits for me'],
  ])('%s is FAILED with that cause', async (_title, exportName, message) => {
    await using supervisor = await startedWith(exportName);
    expect(await supervisor.frame('ended')).toMatchObject({ state: 'FAILED', message });
    expect((await supervisor.exited).code).toBe(0);
  });

  test('by process.exit is left to the supervisor, with the last words told and the exit code kept', async () => {
    await using supervisor = await startedWith('exits');
    expect(await supervisor.exited).toEqual({ code: 3, signal: null });
    await supervisor.frame('logs', ({ lines }) => lines.some((line) => line.message === 'last words'));
    expect(supervisor.of('ended')).toEqual([]);
  });
});

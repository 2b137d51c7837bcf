import type { RunId } from '@signalbox/proto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type FakeControlPlane, startFakeControlPlane } from '../../test/fake-control-plane.ts';
import * as made from '../../test/made.ts';
import { isTimeout } from '../errors.ts';
import type { RunUpdate } from './index.ts';
import { createClient } from './index.ts';

let controlPlane: FakeControlPlane;
let run: RunId;
beforeEach(async () => {
  controlPlane = await startFakeControlPlane();
  const detail = made.run({ state: made.state('RUNNING') });
  run = detail.id;
  controlPlane.state.runs.set(run, { detail, tasks: [], logs: [] });
});
afterEach(() => controlPlane[Symbol.asyncDispose]());

const client = () => createClient({ url: controlPlane.url, apiKey: 'sbk_test', retry: { retries: 0 } });

/** In short: what was told, in order. */
function told(update: RunUpdate): string {
  switch (update.kind) {
    case 'run':
      return update.run.state.name;
    case 'tasks':
      return update.tasks.map((task) => `${task.name} ${task.state.name}`).join(', ');
    case 'logs':
      return update.lines.map((line) => line.message).join(', ');
    default:
      return update.connected ? 'connected' : 'disconnected';
  }
}

describe('watching a run', () => {
  test('tells states, tasks and each log line once, and the end after the last line', async () => {
    const seen: string[] = [];
    const watching = (async () => {
      for await (const update of client().watchRun(run)) seen.push(told(update));
    })();
    await controlPlane.liveOpened();
    controlPlane.change(run, { tasks: [made.task(1, 'extract', 'RUNNING')], logs: [made.logLine(1, 'one'), made.logLine(2, 'two')] });
    await expect.poll(() => seen.join('; ')).toBe('Running; extract Running; one, two');
    controlPlane.change(run, { state: made.state('COMPLETED') });
    // Logs travel in another channel, and may come after the state.
    controlPlane.change(run, { logs: [made.logLine(3, 'three')] });
    await watching;
    expect(seen.slice(3)).toEqual(['three', 'Completed']);
    expect(controlPlane.state.calls.filter((call) => call.path === 'runs.logs').at(-1)?.input).toMatchObject({ after: '1.3.0' });
  });

  test('goes on by polling where live updates are not to be had', async () => {
    controlPlane.state.liveStatus = 503;
    const seen: string[] = [];
    for await (const update of client().watchRun(run, { pollMs: 10 })) {
      seen.push(told(update));
      if (seen.length === 1) controlPlane.change(run, { state: made.state('FAILED') });
    }
    expect(seen).toEqual(['Running', 'Failed']);
  });

  test('outlives a restart of the control plane, and says so', async () => {
    const seen: string[] = [];
    const port = Number(new URL(controlPlane.url).port);
    const before = controlPlane;
    for await (const update of client().watchRun(run, { pollMs: 10 })) {
      seen.push(told(update));
      if (seen.length === 1) await before.stop();
      if (seen.at(-1) === 'disconnected') {
        controlPlane = await startFakeControlPlane({ port });
        controlPlane.state.runs.set(run, { detail: made.run({ id: run, state: made.state('COMPLETED') }), tasks: [], logs: [] });
      }
    }
    expect(seen).toEqual(['Running', 'disconnected', 'connected', 'Completed']);
  });

  test('gives up when nobody answers for long', async () => {
    await controlPlane.stop();
    const watch = async () => {
      for await (const _ of client().watchRun(run, { pollMs: 5, giveUpAfterMs: 1 }));
    };
    await expect(watch()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  test('of an unknown run is NOT_FOUND at once', async () => {
    await expect(client().watchRun('run_01h455vb4pex5vsknk084sn02q').next()).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('leaves no stream open, whether it ends, is left, or is aborted', async () => {
    const stop = new AbortController();
    const aborted = (async () => {
      for await (const _ of client().watchRun(run, { signal: stop.signal }));
    })();
    await controlPlane.liveOpened();
    stop.abort();
    await aborted;
    for await (const _ of client().watchRun(run)) break;
    await expect.poll(() => controlPlane.liveStreams()).toBe(0);
  });

  test('a retry by hand during the last look goes on being watched', async () => {
    controlPlane.change(run, { state: made.state('FAILED') });
    const seen: string[] = [];
    const watching = (async () => {
      for await (const update of client().watchRun(run)) seen.push(told(update));
    })();
    await controlPlane.liveOpened();
    controlPlane.change(run, { state: made.state('SCHEDULED', 'AwaitingRetry') });
    await expect.poll(() => seen).toEqual(['AwaitingRetry']);
    controlPlane.change(run, { state: made.state('COMPLETED') });
    await watching;
    expect(seen.at(-1)).toBe('Completed');
  });
});

describe('waiting for a run', () => {
  test('answers the ended run', async () => {
    const waiting = client().waitForRun(run, { timeoutMs: 10_000 });
    await controlPlane.liveOpened();
    controlPlane.change(run, { state: made.state('CRASHED') });
    expect((await waiting).state.type).toBe('CRASHED');
  });

  test('ends with a TimeoutError that says how the run stands', async () => {
    const error: unknown = await client()
      .waitForRun(run, { timeoutMs: 300 })
      .catch((each: unknown) => each);
    expect(isTimeout(error)).toBe(true);
    expect((error as Error).message).toBe(`run ${run} has not ended within 300 ms: it is Running`);
  });

  test('ends with the reason of its signal', async () => {
    const stop = new AbortController();
    const waiting = client().waitForRun(run, { signal: stop.signal });
    await controlPlane.liveOpened();
    stop.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });
});

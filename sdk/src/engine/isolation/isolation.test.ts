import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { add, escapes, fails, gives, hidden, leaves, makes, spin, tells, waits } from '../../../test/isolated-tasks.ts';
import { runBody } from '../../../test/run-in-memory.ts';
import { CancelledError, isTaskFailed } from '../../errors.ts';
import { flow } from '../../flow.ts';
import { task } from '../../task.ts';
import { createTestRuntime } from '../../testing/index.ts';
import { knownSecrets } from '../redaction.ts';

/** The kinds differ in how they begin and are ended; the rest is one code. */
const kinds = ['thread', 'process'] as const;

describe.each(kinds)('a task isolated in a %s', (isolate) => {
  test('is ended at its timeout while its code never comes back, and the flow goes on', async () => {
    const { outcome, told } = await runBody(async () => {
      const stuck = spin
        .with({ isolate, timeout: '1s', retries: 0 })()
        .catch((error: Error) => error.name);
      return [await add(new Map([['n', 40]]), 2n), await stuck];
    });
    expect(outcome.result).toEqual([42n, 'TimeoutError']);
    expect(told.last('spin#1')?.stateName).toBe('TimedOut');
  });

  test('tells logs, artifacts and a state as its own, and keeps its context', async () => {
    knownSecrets.add('hunter22');
    const { outcome, told } = await runBody(() => tells.with({ isolate })('hunter22'));
    const { pid, ...result } = outcome.result as { pid: number };
    expect(result).toEqual({
      flow: 'body',
      key: 'tells#1',
      attempt: 1,
      idempotencyKey: expect.stringMatching(/^local_.*\/tells#1$/),
      inner: 'inner',
    });
    expect(pid === process.pid).toBe(isolate === 'thread');
    expect(told.last('tells#1')).toMatchObject({ stateName: 'Told', ordinal: 1 });
    expect(told.lines).toContainEqual(expect.objectContaining({ message: 'said ******', taskOrdinal: 1, attributes: { n: 2 } }));
    expect(told.artifacts.map(({ ordinal, taskOrdinal, data }) => [ordinal, taskOrdinal, data.body])).toEqual([
      [1, 1, { percent: 0 }],
      [1, 1, { percent: 100 }],
    ]);
    expect(told.tasks.some(({ taskKey }) => taskKey.includes('inner'))).toBe(false);
  });

  test('tells what it said of its assets, whether it made them or not', async () => {
    const { told } = await runBody(async () => {
      for (const doomed of [false, true])
        await makes
          .with({ isolate })(doomed)
          .catch(() => {});
    });
    const lines = told.artifacts.map(({ data, taskOrdinal }) => ({ ...(data.body as Record<string, unknown>), taskOrdinal }));
    expect(lines).toMatchObject([
      { asset: 's3://lake/inner', outcome: 'materialized', metadata: { rows: 7 }, taskOrdinal: 1 },
      { asset: 's3://lake/isolated', outcome: 'materialized', metadata: { rows: 2, bytes: 10 }, taskOrdinal: 1 },
      { asset: 's3://lake/inner', outcome: 'materialized', metadata: { rows: 7 }, taskOrdinal: 2 },
      { asset: 's3://lake/isolated', outcome: 'failed', metadata: { rows: 2, bytes: 10 }, taskOrdinal: 2 },
    ]);
  });

  test('fails with what it threw: stack, own properties, and whether another attempt may help', async () => {
    const { told } = await runBody(async () => {
      for (const final of [false, true]) {
        const error = await fails
          .with({ isolate, retries: 1 })(final)
          .catch((thrown: unknown) => thrown);
        const cause = isTaskFailed(error) ? error.cause : null;
        const thrown = final ? (cause as Error).cause : cause;
        expect(thrown).toBeInstanceOf(TypeError);
        expect(thrown).toMatchObject({
          name: 'OwnError',
          code: 'E_OWN',
          message: 'wrong',
          stack: expect.stringContaining('isolated-tasks.ts'),
        });
      }
    });
    expect([told.last('fails#1')?.attempt, told.last('fails#2')?.attempt]).toEqual([2, 1]);
  });

  test('that ends its own place fails alone', async () => {
    const { outcome } = await runBody(async () => {
      const ends = [leaves, escapes].map((one) =>
        one
          .with({ isolate })()
          .catch((error: Error) => error.message),
      );
      return Promise.all(ends);
    });
    expect(outcome.result).toEqual([
      `task "leaves" failed: its ${isolate} ended with exit code 3`,
      'task "escapes" failed: from a callback',
    ]);
  });
});

describe('a task that is isolated', () => {
  test('may clean up when it is cancelled, and is ended then', async () => {
    const stop = new AbortController();
    const { outcome, told } = await runBody(
      () => {
        stop.abort();
        return Promise.all([waits.with({ isolate: 'thread' })(), spin.with({ isolate: 'thread' })()]);
      },
      { signal: stop.signal },
    );
    expect(outcome).toMatchObject({ state: 'CANCELLED', error: expect.any(CancelledError) });
    expect(told.last('spin#1')?.stateName).toBe('Cancelled');
  });

  test('says what cannot travel, and is not tried again for it', async () => {
    const { outcome, told } = await runBody(async () => {
      const calls = [add.with({ retries: 3 })(new Map(), (() => 1) as never), gives.with({ isolate: 'thread', retries: 3 })()];
      return Promise.all(calls.map((call) => call.catch((error: Error) => error.message)));
    });
    expect(outcome.result).toEqual([
      'task "add" failed: task "add" cannot be called in a thread: of its arguments [1] is a function, which cannot be kept without loss',
      'task "gives" failed: task "gives" cannot give its result from a thread: of it the value is a function, which cannot be kept without loss',
    ]);
    expect(told.last('add#1')?.attempt).toBe(1);
  });

  test('must be exported by the file that declares it', async () => {
    const { outcome } = await runBody(() => hidden()());
    const file = pathToFileURL(join(import.meta.dirname, '../../../test/isolated-tasks.ts')).href;
    expect(outcome.message).toContain(
      `task "hidden" cannot be isolated in a thread: expected ${file}, where it is declared, to export it; its exported tasks: add (task "add"), `,
    );
  });

  test('is run in place where a test stands in', async () => {
    const runtime = createTestRuntime();
    const run = await runtime.run(flow('in-place', () => add(new Map([['n', 1]]), 1n)));
    expect(run.outcome.result).toBe(2n);
  });

  test('is a thread or a process, nothing else', () => {
    expect(() => task({ name: 'x', isolate: 'fiber' as never }, () => 1)).toThrow(
      'task "x": isolate: expected thread or process, got "fiber"',
    );
  });
});

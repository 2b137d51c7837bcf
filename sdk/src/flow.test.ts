import { describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { runBody, runInMemory } from '../test/run-in-memory.ts';
import { artifact } from './artifacts.ts';
import { CancelledError, isCancelled, NonRetryableError } from './errors.ts';
import { flow } from './flow.ts';
import { logger } from './logger.ts';
import { findRunContext, runContext } from './run-context.ts';
import { sleep } from './sleep.ts';
import { task } from './task.ts';

describe('parameters', () => {
  const weather = flow(
    { name: 'weather', parameters: z.object({ years: z.array(z.int().max(2015)).default([2015]), city: z.string() }) },
    (parameters) => parameters,
  );

  test('are checked, and defaults filled in', async () => {
    expect((await runInMemory(weather, { city: 'Seattle' })).outcome.result).toEqual({ city: 'Seattle', years: [2015] });
  });

  test('that do not fit fail the run for good, naming field, value and expectation', async () => {
    const { outcome } = await runInMemory(weather, { years: [2014, 2016] });
    expect(outcome).toMatchObject({ state: 'FAILED', failure: { name: 'ParameterError', retryable: false } });
    expect(outcome.message).toMatchInlineSnapshot(`
      "parameters of flow "weather" do not fit
        parameters.years.1 = 2016: Too big: expected number to be <=2015
        parameters.city = undefined: Invalid input: expected string, received undefined"
    `);
  });

  test('that are no object are refused without a schema too', async () => {
    const { outcome } = await runInMemory(
      flow('plain', () => 1),
      [1] as never,
    );
    expect(outcome.message).toContain('parameters = [1]: expected an object');
  });
});

describe('a run', () => {
  test('knows who it is', async () => {
    const { outcome } = await runInMemory(
      flow('who', (_parameters, { run, task: own }) => ({ ...run, own })),
      { a: 1 },
      { tags: ['x'] },
    );
    expect(outcome.result).toMatchObject({
      flow: 'who',
      attempt: 1,
      epoch: 1,
      fencingToken: '1',
      parameters: { a: 1 },
      tags: ['x'],
      own: null,
    });
    expect(findRunContext()).toBeNull();
    expect(() => runContext()).toThrow('outside of a run');
  });

  test('is tried again by its policy, with a higher epoch, and not after NonRetryableError', async () => {
    const retried = flow({ name: 'retried', retries: 2, retryDelay: 1 }, (_parameters, { run }) => {
      if (run.attempt < 3) throw new Error('not yet');
      return run.epoch;
    });
    expect((await runInMemory(retried)).outcome.result).toBe(3);
    const attempts: number[] = [];
    const choosy = flow({ name: 'choosy', retries: 5, retryWhen: (error, attempt) => attempt < 2 && error instanceof RangeError }, () => {
      attempts.push(runContext().run.attempt);
      throw new RangeError('busy');
    });
    expect((await runInMemory(choosy)).outcome).toMatchObject({ state: 'FAILED', failure: { message: 'busy', retryable: false } });
    expect(attempts).toEqual([1, 2]);
    const hopeless = flow({ name: 'hopeless', retries: 2 }, () => {
      throw new NonRetryableError('never');
    });
    expect((await runInMemory(hopeless)).told.starts).toHaveLength(1);
  });

  test('that takes too long is TimedOut', async () => {
    const { outcome } = await runInMemory(flow({ name: 'slow', timeout: 5 }, () => sleep('1h')));
    expect(outcome).toMatchObject({ state: 'FAILED', name: 'TimedOut', message: 'flow "slow" took longer than its timeout of 5 ms' });
  });

  test('that is cancelled stops its tasks and pauses, starts no more, and is CANCELLED', async () => {
    const controller = new AbortController();
    const flaky = task({ name: 'flaky', retries: 1, retryDelay: '1h' }, () => {
      setTimeout(() => controller.abort(), 1);
      throw new Error('not yet');
    });
    const later = task('later', () => 'never');
    const { outcome, told } = await runBody(() => flaky().catch(() => later()), { signal: controller.signal });
    expect(outcome).toMatchObject({ state: 'CANCELLED', failure: { kind: 'cancelled' } });
    expect(isCancelled(outcome.error)).toBe(true);
    expect(told.last('flaky#1')?.state).toBe('CANCELLED');
    expect(told.statesOf('later#1')).toEqual(['Cancelled']);
  });

  test('that fails cancels the task runs it left behind', async () => {
    const slow = task('slow', () => sleep('1h'));
    const { told } = await runBody(() => {
      slow.submit();
      throw new Error('no');
    });
    expect(told.last('slow#1')).toMatchObject({ state: 'CANCELLED', message: 'its flow ended: no' });
  });

  test('that nobody cancelled is FAILED, even when a CancelledError escapes it', async () => {
    const { outcome } = await runBody(() => {
      throw new CancelledError('by its own hand');
    });
    expect(outcome).toMatchObject({ state: 'FAILED', message: 'by its own hand' });
  });
});

describe('a flow inside a flow', () => {
  const inner = flow({ name: 'inner', parameters: z.object({ n: z.number() }), retries: 1 }, async ({ n }, { run }) => {
    logger.info(`in ${run.flow}`);
    return (await task('double', (x: number) => x * 2)(n)) + 1;
  });

  test('is a task run of kind flow, with its tasks under it and its parameters checked', async () => {
    const { outcome, told } = await runBody(() => inner({ n: 4 }));
    expect(outcome.result).toBe(9);
    expect(told.last('inner#1')).toMatchObject({ kind: 'flow', ordinal: 1, stateName: 'Completed' });
    expect(told.last('inner#1/double#1')).toMatchObject({ kind: 'task', parentOrdinal: 1 });
    expect(told.lines).toMatchObject([{ message: 'in inner', taskOrdinal: 1 }]);
    const bad = await runBody(() => inner({ n: 'x' as unknown as number }));
    expect(bad.told.statesOf('inner#1')).toEqual(['Running', 'Failed']);
  });
});

describe('what a run says', () => {
  test('is bound to the task that says it, long texts in pieces that join to the whole', async () => {
    const text = `${'x'.repeat(16_383)}\u{1F327}${'y'.repeat(20_000)}`;
    const { told } = await runBody(() => task('talk', () => logger.info(text, { a: 1 }))());
    expect(told.lines.map((line) => line.continues ?? false)).toEqual([true, true, false]);
    expect(told.lines.map((line) => line.message).join('')).toBe(text);
    expect(told.lines.every((line) => line.taskOrdinal === 1 && line.message.length <= 16_384)).toBe(true);
  });

  test('outside of any run goes to the console', () => {
    const said = vi.spyOn(console, 'warn').mockImplementation(() => {});
    logger.warn('nobody runs', { a: 1 });
    expect(said.mock.calls).toEqual([['nobody runs', { a: 1 }]]);
    said.mockRestore();
  });

  test('an artifact is told with its data, and a progress bar keeps its number', async () => {
    const { told } = await runBody(() => {
      artifact.markdown({ key: 'note', markdown: '# hi' });
      artifact.progress({ key: 'rows' }).update(140);
      artifact.link({ url: 'https://example.com' });
      const chart = artifact.image({ key: 'chart', alt: 'a chart', data: Buffer.from('\x89PNG\r\n\x1a\n', 'latin1') });
      chart.update({ url: 'https://example.com/a.png' });
    });
    expect(told.artifacts.map(({ ordinal, kind, data }) => [ordinal, kind, data.body])).toEqual([
      [1, 'markdown', { markdown: '# hi' }],
      [2, 'progress', { percent: 0 }],
      [2, 'progress', { percent: 100 }],
      [3, 'link', { url: 'https://example.com/', text: 'https://example.com' }],
      [4, 'image', { url: 'data:image/png;base64,iVBORw0KGgo=', alt: 'a chart' }],
      [4, 'image', { url: 'https://example.com/a.png', alt: 'a chart' }],
    ]);
  });

  test('an artifact with a bad key or too much data is refused in words', async () => {
    const noImage = await runBody(() => artifact.image({ data: Buffer.from('<html>') }));
    expect(noImage.outcome.message).toBe('artifact: data: expected the bytes of a PNG, JPEG, GIF, WebP or SVG image');
    const badKey = await runBody(() => artifact.markdown({ key: 'Not A Key', markdown: '' }));
    expect(badKey.outcome.message).toContain('key: expected lower-case letters, digits and single hyphens');
    const large = await runBody(() => artifact.markdown({ key: 'large', markdown: 'x'.repeat(200_000) }));
    expect(large.outcome.message).toContain('artifact large: expected at most 131072 bytes of JSON, got 200015');
  });
});

test.each(['', 'a/b', ' a', 'x'.repeat(201)])('a flow named %j is refused', (name) => {
  expect(() => flow(name, () => 1)).toThrow('flow: name: expected 1 to 200 characters');
});

describe('the name of a run', () => {
  const parameters = z.object({
    repos: z.array(z.string()).default(['a/b']),
    owner: z.object({ name: z.string() }).default({ name: 'ada' }),
  });

  test.each([
    ['a function of the checked parameters', ({ repos }: { repos: string[] }) => `stars-${repos.length}`, 'stars-1'],
    ['a template of them', 'stars of {owner.name}, {repos}{missing.x}', 'stars of ada, ["a/b"]'],
    ['a text that is too long', `x${'y'.repeat(198)}{owner.name}`, `x${'y'.repeat(198)}a`],
  ])('is made by %s', async (_title, runName, name) => {
    const { told, outcome } = await runInMemory(flow({ name: 'stars', parameters, runName }, (_, ctx) => ctx.run.name));
    expect([told.starts[0]?.name, outcome.result]).toEqual([name, name]);
  });

  test('that cannot be made is logged, and the run goes on under the one it has', async () => {
    const runName = () => {
      throw new Error('no name today');
    };
    const { told, outcome } = await runInMemory(flow({ name: 'stars', runName }, () => task({ name: 'load', runName }, () => 1)()));
    expect(outcome.result).toBe(1);
    expect(told.starts[0]?.name).toMatch(/^stars-/);
    expect(told.lines.map(({ message }) => message)).toEqual([
      'its run is not named by its runName: no name today',
      'load: its run is not named by its runName: no name today',
    ]);
  });

  test('of tasks and flows inside is made of what they are called with; anything else is refused', async () => {
    const inner = flow({ name: 'inner', runName: 'inner of {owner.name}', parameters }, () => 1);
    const load = task({ name: 'load', runName: 'load {0} of {1.id}' }, (_what: string, _of: { id: number }) => 1);
    const { told } = await runBody(async () => [await load('rows', { id: 7 }), await inner({ owner: { name: 'bob' } })]);
    expect([told.last('load#1')?.name, told.last('inner#1')?.name]).toEqual(['load rows of 7', 'inner of bob']);
    expect(() => task({ name: 'x', runName: 5 as never }, () => 1)).toThrow('task "x": runName: expected a text of 1 to 1000 characters');
  });
});

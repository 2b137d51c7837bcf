/** What a run reads of its workspace and tells it: variables, secrets, events. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { runBody } from '../test/run-in-memory.ts';
import { artifact, emitEvent, flow, logger, runContext, secret, secretProvider, task, variable } from './index.ts';
import { createTestRuntime } from './testing/index.ts';

afterEach(() => vi.unstubAllEnvs());

describe('variable', () => {
  test('gives the value of the workspace as it is now', async () => {
    const runtime = createTestRuntime({ variables: { regions: ['eu'] } });
    const read = flow('reads', async () => [await variable('regions'), await variable('missing', 5), await variable('empty', undefined)]);
    expect((await runtime.run(read)).expectCompleted()).toEqual([['eu'], 5, undefined]);
    expect((await runtime.variable('regions', ['us']).run(read)).expectCompleted()).toEqual([['us'], 5, undefined]);
  });

  test('without a server is read from the environment, as JSON where it is', async () => {
    vi.stubEnv('SIGNALBOX_VARIABLE_BATCH_SIZE', '250');
    vi.stubEnv('SIGNALBOX_VARIABLE_CITY', 'Seattle');
    expect([await variable('batch-size'), await variable('city')]).toEqual([250, 'Seattle']);
  });

  test('that is missing names the command that makes it; a bad name is refused', async () => {
    await expect(variable('nowhere')).rejects.toThrow('signalbox variables set nowhere VALUE');
    await expect(variable('No Spaces')).rejects.toThrow('variable: name: expected lower-case letters');
  });
});

describe('secret', () => {
  test('is found in the environment, in a file, and at a provider', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'sb-secrets-'));
    await writeFile(path.join(folder, 'db.password'), 'from-a-file\n');
    vi.stubEnv('SIGNALBOX_SECRETS_DIR', folder);
    vi.stubEnv('SIGNALBOX_SECRET_API_TOKEN', 'from-the-environment');
    secretProvider('vault', async (rest) => (rest === 'kv/db' ? 'from-the-vault' : null));
    expect(await secret('db.password')).toBe('from-a-file');
    expect(await secret(`file:${path.join(folder, 'db.password')}`)).toBe('from-a-file');
    expect(await secret('api-token')).toBe('from-the-environment');
    expect(await secret('env:SIGNALBOX_SECRET_API_TOKEN')).toBe('from-the-environment');
    expect(await secret('vault:kv/db')).toBe('from-the-vault');
    await expect(secret('vault:other')).rejects.toThrow('there is no secret "vault:other": looked for it at the provider "vault"');
    await expect(secret('gone')).rejects.toThrow('SIGNALBOX_SECRET_GONE in the environment');
    await expect(secret('aws:x')).rejects.toThrow('expected a scheme of env, file, vault');
    await rm(folder, { recursive: true });
  });

  test('is masked in logs, messages, failures and artifacts, and not in what the code works with', async () => {
    vi.stubEnv('SIGNALBOX_SECRET_DB', 'hunter2-"quoted"\nsecond-line');
    const leaks = task('leaks', (value: string) => {
      throw new Error(`cannot log in with ${value}`);
    });
    const { outcome, told } = await runBody(async () => {
      const value = await secret('db');
      logger.info(`using ${value}`, { value });
      artifact.markdown({ markdown: `# ${value}` });
      await leaks(value);
    });
    const said = JSON.stringify([told.lines, told.tasks, told.artifacts, outcome.failure, outcome.message]);
    expect(said).toContain('******');
    for (const part of ['hunter2', 'second-line']) expect(said).not.toContain(part);
    expect(((outcome.error as Error).cause as Error).message).toContain('hunter2');
  });
});

describe('emitEvent', () => {
  test('tells the workspace what happened, with secrets masked', async () => {
    vi.stubEnv('SIGNALBOX_SECRET_EVENTS', 'very-secret-value');
    const emits = flow('emits', async () => emitEvent('order.paid', { payload: { amount: 12, token: await secret('events') } }));
    const run = await createTestRuntime().run(emits);
    run.expectCompleted();
    expect(run.events).toEqual([{ event: 'order.paid', payload: { amount: 12, token: '******' } }]);
  });

  test('tells each event of a step once, however often the step is tried', async () => {
    const step = task({ name: 'step', retries: 1 }, async (n: number) => {
      for (const part of [1, 2]) await emitEvent('part.done', { resource: `order/${n}`, payload: { part } });
      if (runContext().task?.attempt === 1) throw new Error('once more');
    });
    const emits = flow({ name: 'emits', retries: 1 }, async ({ run }) => {
      await emitEvent('begun');
      await step.map([1, 2]);
      if (runContext().run.attempt === 1) throw new Error(`the run, too ${run}`);
    });
    const run = await createTestRuntime().run(emits);
    run.expectCompleted();
    expect(run.events.map(({ event }) => event)).toEqual(['begun', ...Array.from({ length: 4 }, () => 'part.done')]);
  });

  test('refuses a bad name, a payload that is too large, and to be called outside a run', async () => {
    const tries = (event: string, payload = {}) => createTestRuntime().run(flow('emits', () => emitEvent(event, { payload })));
    (await tries('Order Paid')).expectFailed('emitEvent: event: expected lower-case words');
    (await tries('run.paid')).expectFailed('does not begin with run.');
    (await tries('ok', { x: 'x'.repeat(70_000) })).expectFailed('at most 65536 bytes');
    await expect(emitEvent('x')).rejects.toThrow('outside of a run');
  });
});

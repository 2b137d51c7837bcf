/** Blocks: typed settings, whose secrets are resolved where the code runs. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { startFakeControlPlane } from '../test/fake-control-plane.ts';
import { runBody } from '../test/run-in-memory.ts';
import { block, flow, logger } from './index.ts';
import { createTestRuntime } from './testing/index.ts';

afterEach(() => vi.unstubAllEnvs());

const postgres = block({
  type: 'postgres',
  schema: z.object({ host: z.string(), port: z.coerce.number().default(5432), password: z.string() }),
  secrets: ['password'],
});
const STORED = { host: 'db.internal', password: { $secret: 'env:DB_PASSWORD' } };

describe('a block', () => {
  test('is loaded in a run with defaults and its secret, which is masked from then on', async () => {
    vi.stubEnv('DB_PASSWORD', 'correct-horse');
    const loads = flow('loads', async () => {
      const { host, port, password } = await postgres.load('orders');
      logger.info(`connecting with ${password}`);
      return { host, port, length: password.length };
    });
    const run = await createTestRuntime().block('postgres', 'orders', STORED).run(loads);
    expect(run.expectCompleted()).toEqual({ host: 'db.internal', port: 5432, length: 13 });
    expect(run.logs.map(({ message }) => message)).toContain('connecting with ******');
    expect(JSON.stringify(run.logs)).not.toContain('correct-horse');
  });

  test('without a server is read from the environment', async () => {
    vi.stubEnv('DB_PASSWORD', 'correct-horse');
    vi.stubEnv('SIGNALBOX_BLOCK_POSTGRES_ORDERS_EU', JSON.stringify({ ...STORED, port: '7' }));
    const { outcome } = await runBody(async () => (await postgres.load('orders-eu')).port);
    expect(outcome.result).toBe(7);
    vi.stubEnv('SIGNALBOX_BLOCK_POSTGRES_BROKEN', '{"password": "hunter2');
    const error = await postgres.load('broken').catch((thrown: Error) => thrown.message);
    expect(error).toContain('SIGNALBOX_BLOCK_POSTGRES_BROKEN: expected an object as JSON');
    expect(error).not.toContain('hunter2');
  });

  test('that is missing, breaks its schema, or has a bad name is refused in words', async () => {
    await expect(postgres.load('nowhere')).rejects.toThrow('there is no block "postgres/nowhere"');
    await expect(postgres.load('No Spaces')).rejects.toThrow('block "postgres": name: expected lower-case letters');
    vi.stubEnv('SIGNALBOX_BLOCK_POSTGRES_ODD', '{"host": 5}');
    await expect(postgres.load('odd')).rejects.toThrow(/input\.host/);
    expect(() => block({ type: 'No Type', schema: z.object({}) })).toThrow('block: type: expected');
  });

  test('is saved by a program that has a key: its type, then references in the place of secrets', async () => {
    await using controlPlane = await startFakeControlPlane();
    vi.stubEnv('SIGNALBOX_URL', controlPlane.url);
    vi.stubEnv('SIGNALBOX_API_KEY', 'sbk_test');
    await postgres.save('orders', { host: 'x', password: 'env:DB_PASSWORD' });
    const inputOf = (path: string) => controlPlane.state.calls.findLast((call) => call.path === path)?.input;
    expect(inputOf('blocks.setType')).toMatchObject({ name: 'postgres', secretFields: ['password'] });
    expect(inputOf('blocks.set')).toMatchObject({
      type: 'postgres',
      name: 'orders',
      value: { host: 'x', password: { $secret: 'env:DB_PASSWORD' } },
    });
  });
});

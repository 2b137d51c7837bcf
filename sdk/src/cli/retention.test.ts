/** Retention and legal holds from a terminal: what is sent, and what is said. */
import { toId, uuidv7 } from '@signalbox/proto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type FakeControlPlane, startFakeControlPlane } from '../../test/fake-control-plane.ts';
import { createCliHome } from '../../test/run-cli.ts';

let controlPlane: FakeControlPlane;
let cli: Awaited<ReturnType<typeof createCliHome>>;
const inputOf = (path: string) => controlPlane.state.calls.findLast((call) => call.path === path)?.input;
const run = (...args: string[]) => cli.run(args, { env: { SIGNALBOX_URL: controlPlane.url, SIGNALBOX_API_KEY: 'sbk_test', TZ: 'UTC' } });

beforeEach(async () => {
  controlPlane = await startFakeControlPlane();
  cli = await createCliHome();
});
afterEach(async () => {
  await controlPlane[Symbol.asyncDispose]();
  await cli[Symbol.asyncDispose]();
});

describe('retention', () => {
  test('show says how long, and what is held and why', async () => {
    const { stdout, exitCode } = await run('retention', 'show');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/kept\s+30 days after the end of a run/);
    expect(stdout).toMatch(/everything\s+case 4711/);
  });

  test('set asks first, and sends a number', async () => {
    expect(await run('retention', 'set', '90')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--yes') });
    expect(await run('retention', 'set', 'long')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('Expected a whole number'),
    });
    expect((await run('retention', 'set', '90', '--yes')).stdout).toContain('kept for 90 days');
    expect(inputOf('retention.set')).toEqual({ days: 90 });
  });

  test('hold needs a reason and names what it keeps; release asks first', async () => {
    const deployment = toId('deployment', uuidv7(0));
    expect((await run('retention', 'hold')).stderr).toContain('--reason');
    expect((await run('retention', 'hold', '--reason', 'case 4711', '--deployment', deployment)).stdout).toContain(`runs of ${deployment}`);
    expect(inputOf('retention.hold')).toEqual({ reason: 'case 4711', deployment });
    expect((await run('retention', 'hold', '--reason', 'case 4711', '--deployment', 'weather/daily')).exitCode).toBe(0);
    expect(inputOf('retention.hold')).toMatchObject({ deployment: expect.stringMatching(/^dep_/) });
    const [hold] = JSON.parse((await run('retention', 'show', '--json')).stdout).holds as { id: string }[];
    expect(await run('retention', 'release', String(hold?.id))).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('case 4711'),
    });
    expect((await run('retention', 'release', String(hold?.id), '--yes')).stdout).toContain('Released');
    const none = toId('legalHold', uuidv7(1));
    expect(await run('retention', 'release', none)).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('retention show') });
  });
});

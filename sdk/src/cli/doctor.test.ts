/** The doctor where a control plane answers. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type FakeControlPlane, startFakeControlPlane } from '../../test/fake-control-plane.ts';
import { createCliHome } from '../../test/run-cli.ts';
import { checkClock } from './commands/doctor/check-control-plane.ts';

let controlPlane: FakeControlPlane;
beforeEach(async () => {
  controlPlane = await startFakeControlPlane();
});
afterEach(() => controlPlane[Symbol.asyncDispose]());

test('signalbox doctor says who is signed in, and whether they may deploy', async () => {
  await using home = await createCliHome();
  const { stdout } = await home.run(['doctor', '.'], { env: { SIGNALBOX_URL: controlPlane.url, SIGNALBOX_API_KEY: 'sbk_test' } });
  expect(stdout).toMatch(/✓ control plane: .* answers/);
  expect(stdout).toMatch(/[✓!] sign-in: .* of the workspace default/);
  expect(stdout).toMatch(/[✓!] clock: /);
});

describe('the clock', () => {
  const at = (offMs: number) => async () => new Response('', { headers: { date: new Date(Date.now() + offMs).toUTCString() } });
  test.each([
    [0, 'ok', 'agrees'],
    [-300_000, 'warning', 'ahead of the control plane'],
    [300_000, 'warning', 'behind the control plane'],
  ])('that differs by %i ms', async (offMs, status, words) => {
    expect(await checkClock('http://x', at(offMs))).toMatchObject({ status, message: expect.stringContaining(words) });
  });

  test('that cannot be compared is no failure', async () => {
    expect(await checkClock('http://x', () => Promise.reject(new Error('no')))).toMatchObject({ status: 'warning' });
  });
});

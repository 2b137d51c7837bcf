/** Events as CloudEvents, from a terminal. */
import { expect, test } from 'vitest';
import { startFakeControlPlane } from '../../test/fake-control-plane.ts';
import { createCliHome } from '../../test/run-cli.ts';

test('events ls --cloudevents is a batch of CloudEvents of this control plane', async () => {
  await using controlPlane = await startFakeControlPlane();
  await using cli = await createCliHome();
  const at = '2026-01-02T03:04:05.000Z';
  const event = { position: 1, id: 'e1', name: 'order.paid', occurredAt: at, receivedAt: at, resource: { id: 'order/1' }, related: [] };
  controlPlane.state.events.push({ ...event, payload: { amount: 12 }, follows: null });
  const { stdout, exitCode } = await cli.run(['events', 'ls', '--cloudevents'], {
    env: { SIGNALBOX_URL: controlPlane.url, SIGNALBOX_API_KEY: 'sbk_test' },
  });
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject([
    { specversion: '1.0', id: 'e1', source: controlPlane.url, type: 'order.paid', subject: 'order/1', data: { payload: { amount: 12 } } },
  ]);
});

test('events ls asks for a thing and a time, and says what is no time and that there is none', async () => {
  await using controlPlane = await startFakeControlPlane();
  await using cli = await createCliHome();
  const run = (...args: string[]) =>
    cli.run(['events', 'ls', ...args], { env: { SIGNALBOX_URL: controlPlane.url, SIGNALBOX_API_KEY: 'sbk_test' } });
  expect(await run('--resource', 'order/1', '--from', '2026-01-01T00:00:00Z')).toMatchObject({ exitCode: 0, stderr: 'No events.\n' });
  expect(controlPlane.state.calls.findLast(({ path }) => path === 'events.list')?.input).toMatchObject({
    resource: 'order/1',
    from: '2026-01-01T00:00:00.000Z',
  });
  expect(await run('--to', 'noon')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('to: expected an instant') });
});

test('events ls goes on with a search that ended early', async () => {
  await using controlPlane = await startFakeControlPlane();
  await using cli = await createCliHome();
  const at = '2026-01-02T03:04:05.000Z';
  const event = { position: 1, id: 'e1', name: 'order.paid', occurredAt: at, receivedAt: at, resource: { id: 'order/1' }, related: [] };
  controlPlane.state.events.push({ ...event, payload: {}, follows: null });
  const { stdout, exitCode } = await cli.run(['events', 'ls', '--text', 'paid'], {
    env: { SIGNALBOX_URL: controlPlane.url, SIGNALBOX_API_KEY: 'sbk_test' },
  });
  expect([exitCode, stdout.trim()]).toEqual([0, `${at}  order.paid  order/1`]);
});

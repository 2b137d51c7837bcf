/** Incidents, failures and notifications from a terminal. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type FakeControlPlane, startFakeControlPlane } from '../../test/fake-control-plane.ts';
import { createCliHome } from '../../test/run-cli.ts';

let controlPlane: FakeControlPlane;
let cli: Awaited<ReturnType<typeof createCliHome>>;
const inputOf = (path: string) => controlPlane.state.calls.findLast((call) => call.path === path)?.input;
const run = (...args: string[]) => cli.run(args, { env: { SIGNALBOX_URL: controlPlane.url, SIGNALBOX_API_KEY: 'sbk_test' } });
const [INCIDENT, GROUP] = ['inc_01h455vb4pex5vsknk084sn02q', 'fail_01h455vb4pex5vsknk084sn02q'];

beforeEach(async () => {
  controlPlane = await startFakeControlPlane();
  cli = await createCliHome();
});
afterEach(async () => {
  await controlPlane[Symbol.asyncDispose]();
  await cli[Symbol.asyncDispose]();
});

test('an incident is declared, worked on and resolved', async () => {
  expect((await run('incidents', 'declare', 'No weather', '--severity', 'critical', '--key', 'weather')).stdout).toMatch(
    /^Declared inc_\w+: No weather\n$/,
  );
  expect(inputOf('incidents.declare')).toMatchObject({ title: 'No weather', severity: 'critical', key: 'weather' });
  expect((await run('incidents', 'declare', 'x', '--severity', 'huge')).exitCode).toBe(2);
  expect((await run('incidents', 'update', INCIDENT, '--status', 'monitoring')).stdout).toMatch(/is monitoring, high\.\n$/);
  await run('incidents', 'comment', INCIDENT, 'The station is off.');
  expect(inputOf('incidents.comment')).toEqual({ incident: INCIDENT, text: 'The station is off.' });
  expect((await run('incidents', 'resolve', INCIDENT, '--text', 'on')).stdout).toMatch(/^Resolved inc_/);
  expect((await run('incidents', 'ls')).stdout).toMatch(/inc_\w+ +high +open +No weather/);
  expect(inputOf('incidents.list')).toMatchObject({ statuses: ['open', 'investigating', 'monitoring'] });
  expect((await run('incidents', 'show', INCIDENT)).stdout).toMatch(/about run brave-otter[\s\S]*ada@example.com {2}declared/);
});

test('a group of failures is looked at, muted, resolved and retried', async () => {
  expect((await run('failures', 'ls', '--text', 'station')).stdout).toMatch(/fail_\w+ +open +42 .*no station 12/);
  expect((await run('failures', 'show', GROUP)).stdout).toMatch(
    /at readStation flows\/weather.ts\nweather\/daily: 42 times, versions 1 to 3/,
  );
  await run('failures', 'acknowledge', GROUP, '--owner', 'weather team');
  expect([inputOf('failures.acknowledge'), inputOf('failures.assign')]).toEqual([
    { group: GROUP },
    { group: GROUP, owner: 'weather team' },
  ]);
  expect((await run('failures', 'mute', GROUP, '--hours', '2')).stdout).toMatch(/: muted until /);
  await run('failures', 'mute', GROUP, '--off');
  expect(inputOf('failures.mute')).toEqual({ group: GROUP, until: null });
  await run('failures', 'resolve', GROUP, '--by', 'now');
  expect(inputOf('failures.resolve')).toEqual({ group: GROUP, by: 'now' });
  expect((await run('failures', 'retry', GROUP, '--yes')).stdout).toMatch(/^Retrying \d+ runs: job job_/);
});

test('channels are listed and tested, and what was told is shown', async () => {
  expect((await run('notifications', 'ls')).stdout).toMatch(/ops +slack +hooks.slack.com +minor +never/);
  expect((await run('notifications', 'test', 'ops')).stdout).toBe('ops took it.\n');
  expect(await run('notifications', 'test', 'nobody')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('no channel "nobody"'),
  });
  expect((await run('notifications', 'log', '--status', 'sent')).stdout).toMatch(/ops +sent +weather\/daily failed/);
});

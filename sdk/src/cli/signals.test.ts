/** Incidents, failures and notifications from a terminal. */
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type FakeControlPlane, startFakeControlPlane } from '../../test/fake-control-plane.ts';
import { createCliHome } from '../../test/run-cli.ts';

let controlPlane: FakeControlPlane;
let cli: Awaited<ReturnType<typeof createCliHome>>;
const inputOf = (path: string) => controlPlane.state.calls.findLast((call) => call.path === path)?.input;
const run = (...args: string[]) => cli.run(args, { env: { SIGNALBOX_URL: controlPlane.url, SIGNALBOX_API_KEY: 'sbk_test' } });
const [INCIDENT, GROUP, RUN] = ['inc_01h455vb4pex5vsknk084sn02q', 'fail_01h455vb4pex5vsknk084sn02q', 'run_01h455vb4pex5vsknk084sn02q'];

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
  await run('incidents', 'link', INCIDENT, '--failure', GROUP, '--firing', 'fire_01h455vb4pex5vsknk084sn02q');
  const linked = { runs: [], deployments: [], failureGroups: [GROUP], firings: ['fire_01h455vb4pex5vsknk084sn02q'] };
  expect(inputOf('incidents.link')).toEqual({ incident: INCIDENT, ...linked });
  expect(await run('incidents', 'link', INCIDENT)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--run') });
  expect((await run('incidents', 'unlink', INCIDENT, GROUP)).stdout).toMatch(/is no longer about fail_/);
  expect((await run('incidents', 'resolve', INCIDENT, '--text', 'on')).stdout).toMatch(/^Resolved inc_/);
  expect((await run('incidents', 'ls')).stdout).toMatch(/inc_\w+ +high +open +No weather/);
  expect(inputOf('incidents.list')).toMatchObject({ statuses: ['open', 'investigating', 'monitoring'] });
  expect((await run('incidents', 'ls')).stderr).toContain('There are more: add --cursor inc_next');
  expect((await run('incidents', 'ls', '--cursor', 'inc_next')).stderr).toBe('');
  expect(inputOf('incidents.list')).toMatchObject({ cursor: 'inc_next' });
  expect((await run('incidents', 'show', INCIDENT)).stdout).toMatch(/about run brave-otter[\s\S]*ada@example.com {2}declared/);
});

test('a group of failures is looked at, muted, resolved and retried', async () => {
  expect((await run('failures', 'ls', '--text', 'station')).stdout).toMatch(/fail_\w+ +open +42 .*no station 12/);
  await run('failures', 'ls', '--run', RUN);
  expect(inputOf('failures.list')).toMatchObject({ run: RUN, statuses: expect.arrayContaining(['resolved']) });
  expect((await run('failures', 'show', GROUP)).stdout).toMatch(
    /at readStation flows\/weather.ts\nweather\/daily: 42 times, versions 1 to 3/,
  );
  await run('failures', 'acknowledge', GROUP, '--owner', 'weather team');
  expect([inputOf('failures.acknowledge'), inputOf('failures.assign')]).toEqual([
    { group: GROUP },
    { group: GROUP, owner: 'weather team' },
  ]);
  expect((await run('failures', 'mute', GROUP, '--hours', '2')).stdout).toMatch(/: muted until /);
  expect(await run('failures', 'mute', GROUP, '--hours', 'two')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('whole number'),
  });
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
    exitCode: 4,
    stderr: expect.stringContaining('no channel "nobody"'),
  });
  expect((await run('notifications', 'log', '--status', 'sent')).stdout).toMatch(/ops +sent +weather\/daily failed/);
});

test('a service level is promised, looked at, switched off and deleted', async () => {
  expect((await run('slas', 'create', 'by noon', '--kind', 'completion', '--seconds', '600', '--deployment', 'weather/daily')).stdout).toBe(
    'Promised: by noon.\n',
  );
  expect(inputOf('slas.create')).toMatchObject({
    name: 'by noon',
    kind: 'completion',
    seconds: 600,
    deployment: expect.stringMatching(/^dep_/),
  });
  expect((await run('slas', 'ls')).stdout).toMatch(/by noon +completion +weather\/daily +600 s +high +violated/);
  expect((await run('slas', 'show', 'by noon')).stdout).toMatch(/violated\n.*brave-otter {2}not kept yet/);
  expect((await run('slas', 'update', 'by noon', '--off')).stdout).toBe('by noon: within 600 s, high, off.\n');
  expect(inputOf('slas.update')).toMatchObject({ isEnabled: false });
  expect((await run('slas', 'update', 'by noon')).stderr).toMatch(/nothing to change/);
  expect(await run('slas', 'show', 'by midnight')).toMatchObject({
    exitCode: 4,
    stderr: expect.stringContaining('no service level "by midnight"'),
  });
  expect((await run('slas', 'delete', 'by noon', '--yes')).stdout).toBe('Deleted by noon.\n');
});

test('webhooks are applied from a file, tested, rotated, switched and deleted; a secret comes from the environment', async () => {
  const file = join(dirname(dirname(cli.config)), 'webhooks.yaml');
  const yaml = (name: string) => `name: ${name}\nverify: { scheme: hmac, secretEnv: HOOK_SECRET }\n`;
  const apply = (name: string, env: Record<string, string> = {}) =>
    writeFile(file, yaml(name)).then(() =>
      cli.run(['webhooks', 'apply', '-f', file], { env: { SIGNALBOX_URL: controlPlane.url, SIGNALBOX_API_KEY: 'sbk_test', ...env } }),
    );
  expect((await apply('new')).stderr).toMatch(/HOOK_SECRET/);
  expect((await apply('new', { HOOK_SECRET: '12345678' })).stdout).toBe('new: created http://localhost/hooks/new\n');
  expect(inputOf('webhooks.create')).toMatchObject({ name: 'new', verify: { scheme: 'hmac', secret: '12345678' } });
  expect((await apply('orders', { HOOK_SECRET: '12345678' })).stdout).toBe('orders: updated\n');
  await writeFile(file, '{"amount": 12}');
  expect((await run('webhooks', 'test', 'orders', '--body', file)).stdout).toMatch(/^order.paid of order\/1\n[\s\S]*"amount": 12/);
  expect(await run('webhooks', 'test', '--preset', 'github', '--body', file, '--header', 'X-Bad: 1')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('a bad header'),
  });
  expect((await run('webhooks', 'ls')).stdout).toMatch(/orders +generic +hmac +requests +never/);
  expect((await run('webhooks', 'show', 'orders')).stdout).toMatch(/order\/\{\{ body.id \}\}/);
  expect((await run('webhooks', 'deliveries', 'orders')).stdout).toMatch(/POST +12 +refused +the signature is wrong/);
  expect((await run('webhooks', 'rotate', 'orders', '--grace-hours', '0')).stdout).toBe('http://localhost/hooks/rotated\n');
  expect(inputOf('webhooks.rotate')).toMatchObject({ graceHours: 0 });
  expect((await run('webhooks', 'disable', 'orders')).stdout).toBe('orders is off.\n');
  expect((await run('webhooks', 'delete', 'orders', '--yes')).stdout).toBe('Deleted orders.\n');
});

test('what was given up is tried again', async () => {
  expect((await run('notifications', 'resend', 'dlv_01h455vb4pex5vsknk084sn02q')).stdout).toMatch(/is told again/);
  await run('automations', 'retry', 'act_01h455vb4pex5vsknk084sn02q');
  expect(inputOf('automations.retryAction')).toEqual({ action: 'act_01h455vb4pex5vsknk084sn02q' });
});

test('an automation is printed as a file that is applied and tested again, and every fault of a file is named', async () => {
  const printed = await run('automations', 'get', 'page');
  const file = join(dirname(dirname(cli.config)), 'automations.yaml');
  await writeFile(file, printed.stdout);
  expect(await run('automations', 'apply', '-f', file)).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/: created\n$/) });
  expect((await run('automations', 'test', '-f', file)).stdout).toMatch(/would have fired 0 times on 12 events/);
  await writeFile(file, '[]');
  expect(await run('automations', 'apply', '-f', file)).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('got an empty list'),
  });
  await writeFile(file, '- { name: x, trigger: { type: event, threshold: 0 }, onTrigger: [] }\n- { name: 7 }');
  const { exitCode, stderr } = await run('automations', 'apply', '-f', file);
  expect(exitCode).toBe(2);
  expect(stderr).toContain('0.trigger.threshold: expected number to be >=1, got 0');
  expect(stderr).toContain('0.trigger.withinSeconds: expected at least 1 where the threshold is above 1, got nothing');
});

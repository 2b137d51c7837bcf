/** The command against the real API and database: that what the fake says is true. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RealControlPlane, startRealControlPlane } from '../../test/real-control-plane.ts';
import { createCliHome } from '../../test/run-cli.ts';

let controlPlane: RealControlPlane;
let cli: Awaited<ReturnType<typeof createCliHome>>;
let env: Record<string, string>;
const weather = {
  flow: 'weather',
  name: 'daily',
  pool: 'local',
  source: { kind: 'path' as const, root: '/srv', entrypoint: 'flow.ts', exportName: 'weather' },
  digest: 'sha256:1',
  parameterSchema: {
    type: 'object',
    properties: { years: { type: 'array', items: { type: 'integer' } } },
    required: ['years'],
    additionalProperties: false,
  },
};

beforeAll(async () => {
  controlPlane = await startRealControlPlane();
  cli = await createCliHome();
  const { secret } = await controlPlane.owner.apiKeys.create({ name: 'tests', role: 'owner' });
  env = { SIGNALBOX_URL: controlPlane.url, SIGNALBOX_API_KEY: secret };
  await controlPlane.owner.deployments.deploy(weather);
  // The whole control plane is loaded: on a busy machine that takes its time.
}, 120_000);
afterAll(async () => {
  await controlPlane?.[Symbol.asyncDispose]();
  await cli?.[Symbol.asyncDispose]();
});

const signalbox = (...args: string[]) => cli.run(args, { env });

test('login in the browser ends with a key once a person has confirmed the code', async () => {
  const url = controlPlane.url;
  const start = await fetch(`${url}/trpc/login.start`, { method: 'POST', headers: { 'content-type': 'application/json' } });
  expect(start.status).toBe(200);
  const approving: Promise<unknown>[] = [];
  // The address that the browser is sent to names the code; the person there is signed in.
  const opened = {
    push: (address: string) => approving.push(controlPlane.owner.login.approve({ code: new URL(address).searchParams.get('code') ?? '' })),
  };
  const result = await cli.run(['login', '--url', url], { columns: 80, opened: opened as never });
  await Promise.all(approving);
  expect(result.exitCode).toBe(0);
  expect(JSON.parse((await cli.run(['whoami', '--json'])).stdout)).toMatchObject({ workspace: { slug: controlPlane.slug } });
}, 20_000);

test('workspace export and audit export write JSON lines to a file, whole, or to standard output', async () => {
  const file = path.join(path.dirname(cli.config), '..', 'all.jsonl');
  const written = await signalbox('workspace', 'export', '--output', file);
  expect(written).toMatchObject({ exitCode: 0, stdout: '' });
  const rows = (await readFile(file, 'utf8')).trim().split('\n');
  expect(written.stderr).toBe(`Wrote ${rows.length} rows to ${file}.\n`);
  expect(rows.map((row) => JSON.parse(row).table)).toContain('deployment');
  const audit = await signalbox('audit', 'export', '--action', 'deployment.deploy');
  expect(JSON.parse(audit.stdout.split('\n')[0] ?? '')).toMatchObject({ action: 'deployment.deploy', outcome: 'done' });
  expect(await signalbox('audit', 'export', '--from', 'yesterday')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('from') });
  const { secret } = await controlPlane.owner.apiKeys.create({ name: 'no export', role: 'viewer' });
  const refused = await cli.run(['workspace', 'export', '-o', `${file}.2`], { env: { ...env, SIGNALBOX_API_KEY: secret } });
  expect(refused).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('workspace:export') });
  await expect(stat(`${file}.2`)).rejects.toThrow('ENOENT');
  const nowhere = await signalbox('workspace', 'export', '-o', '/nonexistent/all.jsonl');
  expect(nowhere).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('/nonexistent') });
});

describe('bad input names field, value and expectation, and exits with its code', () => {
  test.each([
    [['run', 'weather/daily', '-p', 'years=x'], 2, 'error: the input was refused\n  parameters.years: expected array, got "x"\n'],
    [['run', 'weather/daily', '-p', 'years=[1]', '-p', 'yeers=1'], 2, 'parameters.yeers'],
    [['run', 'wether/daily'], 4, 'hint: did you mean weather/daily?\n'],
    [['schedules', 'preview', '61 * * * *'], 2, 'spec.cron'],
    [['pools', 'show', 'nope'], 4, 'No work pool "nope" in this workspace.'],
    [['pools', 'create', 'Not A Slug'], 2, 'name: expected lower-case letters, digits and single hyphens'],
    [['runs', 'show', 'run_01h455vb4pex5vsknk084sn02q'], 4, 'error: '],
  ])('signalbox %j', async (args, exitCode, text) => {
    const result = await signalbox(...args);
    expect(result.stderr).toContain(text);
    expect(result.exitCode).toBe(exitCode);
  });

  test('a parameter of 10 MB', async () => {
    const result = await cli.run(['run', 'weather/daily', '--params-json', '-'], {
      env,
      stdin: JSON.stringify({ years: 'x'.repeat(10_000_000) }),
    });
    expect(result.stderr).toContain('expected at most');
    expect(result.exitCode).toBe(2);
  });

  test('a role that may not', async () => {
    const { secret } = await controlPlane.owner.apiKeys.create({ name: 'looker', role: 'viewer' });
    const result = await cli.run(['run', 'weather/daily', '-p', 'years=[1]'], { env: { ...env, SIGNALBOX_API_KEY: secret } });
    expect(result.exitCode).toBe(3);
    expect(result.stderr).toContain('hint: `signalbox whoami` shows what you may do');
  });

  test('an idempotency key with another body', async () => {
    expect((await signalbox('run', 'weather/daily', '-p', 'years=[1]', '--idempotency-key', 'k')).exitCode).toBe(0);
    expect((await signalbox('run', 'weather/daily', '-p', 'years=[2]', '--idempotency-key', 'k')).exitCode).toBe(5);
  });
});

test('a run is started, found by name, followed while it is cancelled, and deleted', async () => {
  const started = await signalbox('run', 'weather/daily', '-p', 'years=2012', '-p', 'years=2013', '--name', 'by hand', '--json');
  const run = JSON.parse(started.stdout);
  expect(run).toMatchObject({ name: 'by hand', createdBy: 'cli' });
  expect((await signalbox('runs', 'delete', 'by hand', '--yes')).exitCode).toBe(5);

  const watching = signalbox('runs', 'watch', 'by hand');
  expect((await signalbox('runs', 'cancel', run.id)).exitCode).toBe(0);
  const watched = await watching;
  expect(watched.exitCode).toBe(1);
  expect(watched.stdout).toContain('Cancelled');

  expect(JSON.parse((await signalbox('runs', 'show', run.id, '--json')).stdout).parameters.body).toEqual({ years: [2012, 2013] });
  expect((await signalbox('runs', 'logs', run.id)).exitCode).toBe(0);
  expect((await signalbox('runs', 'delete', 'by hand', '--yes')).stdout).toBe('Deleted run by hand.\n');
  expect((await signalbox('runs', 'show', 'by hand')).exitCode).toBe(4);
}, 20_000);

test('a filter of the command line is understood by the real API, and a wrong one is told word by word', async () => {
  await signalbox('run', 'weather/daily', '-p', 'years=[1999]', '--name', 'odd one', '--tag', 'rare');
  const found = async (...args: string[]) =>
    JSON.parse((await signalbox('runs', 'ls', '--json', ...args)).stdout).items.map((run: { name: string }) => run.name);
  expect(await found('--filter', 'state:scheduled tag:rare flow:wea* since:1h param:years=[1999]')).toEqual(['odd one']);
  expect(await found('--tag', 'rare', '--state', 'scheduled', '--deployment', 'weather/*', '--sort', 'name')).toEqual(['odd one']);
  expect(await found('--tag', 'rare', '--until', '1h')).toEqual([]);
  expect((await signalbox('runs', 'count', '--tag', 'rare')).stdout).toBe('1\n');
  const wrong = await signalbox('runs', 'ls', '--filter', 'stat:failed', '--since', 'yesterday');
  expect(wrong.exitCode).toBe(2);
  expect(wrong.stderr).toBe(
    [
      'error: the filter cannot be read',
      '  stat:failed: there is no filter "stat": did you mean state:?',
      '  since:yesterday: expected a length such as 24h or 7d (ago), or an instant such as 2026-01-31T08:00Z',
      'hint: every word is explained by `signalbox runs ls --help`',
      '',
    ].join('\n'),
  );
  await signalbox('runs', 'cancel', 'odd one');
});

test('many runs are counted, confirmed and cancelled as a job', async () => {
  for (const name of ['bulk-1', 'bulk-2']) await signalbox('run', 'weather/daily', '-p', 'years=[1999]', '--name', name, '--tag', 'bulk');
  const unasked = await signalbox('runs', 'cancel', '--filter', 'tag:bulk');
  expect(unasked).toMatchObject({
    exitCode: 2,
    stderr: 'error: Cancel 2 runs: not confirmed\nhint: add --yes to do it without being asked\n',
  });
  const job = JSON.parse((await signalbox('runs', 'cancel', '--filter', 'tag:bulk', '--reason', 'a test', '--yes', '--json')).stdout);
  expect(job).toMatchObject({ action: 'cancel', status: 'running', expected: { count: 2, isMore: false }, reason: 'a test' });
  expect((await signalbox('runs', 'jobs', 'pause', job.id)).stdout).toBe('cancel  paused  0 of 2\n');
  expect((await signalbox('runs', 'jobs')).stdout).toContain(job.id);
  expect((await signalbox('runs', 'jobs', 'stop', job.id)).stdout).toBe('cancel  cancelled  0 of 2\n');
  expect(await signalbox('runs', 'jobs', 'watch', job.id)).toMatchObject({ exitCode: 1, stdout: 'cancel  cancelled  0 of 2\n' });
  for (const [args, text] of [
    [['runs', 'cancel'], 'which run?'],
    [['runs', 'cancel', 'bulk-1', '--filter', 'tag:bulk'], 'not both'],
    [['runs', 'delete', '--filter', ' ', '--yes'], 'at least one condition'],
    [['runs', 'jobs', 'stop', 'x'], 'job: expected an id such as job_01h455vb4pex5vsknk084sn02q'],
  ] as const) {
    expect(await signalbox(...args)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(text) });
  }
  for (const name of ['bulk-1', 'bulk-2']) await signalbox('runs', 'cancel', name);
});

test('a file is deployed; deploying it again changes nothing', async () => {
  const file = fileURLToPath(new URL('../../test/deployable-flow.ts', import.meta.url));
  expect((await signalbox('deploy', file)).stdout).toBe('report/nightly  created\n');
  expect((await signalbox('deploy', file)).stdout).toBe('report/nightly  unchanged\n');
  expect((await signalbox('deployments', 'pause', 'report/nightly')).exitCode).toBe(0);
  expect((await signalbox('deployments', 'delete', 'report/nightly', '--yes')).exitCode).toBe(0);
});

test('pools, keys and join codes are made, changed and ended', async () => {
  expect((await signalbox('pools', 'create', 'gpu', '--limit', '4')).stdout).toBe('Created pool gpu.\n');
  expect((await signalbox('pools', 'update', 'gpu', '--limit', 'none')).exitCode).toBe(0);
  expect((await signalbox('queues', 'set', 'gpu', 'urgent', '--priority', '1')).stdout).toBe(
    'Queue gpu/urgent: priority 1, limit none, active.\n',
  );
  expect((await signalbox('queues', 'move', 'gpu', 'urgent', '--down')).stdout).toMatch(/default +1 .*\nurgent +2 /);
  expect((await signalbox('queues', 'move', 'gpu', 'urgent', '--up', '--to', '1')).exitCode).toBe(2);
  expect((await signalbox('queues', 'move', 'gpu', 'nope', '--to', '1')).exitCode).toBe(4);
  expect((await signalbox('queues', 'pause', 'gpu', 'urgent')).stdout).toBe('Paused queue gpu/urgent. Runs under way go on.\n');
  expect((await signalbox('queues', 'ls', 'gpu')).stdout).toContain('paused');
  expect((await signalbox('queues', 'resume', 'gpu', 'urgent')).exitCode).toBe(0);
  expect((await signalbox('queues', 'slots', 'gpu', 'urgent')).stderr).toBe('No run holds a slot.\n');
  expect((await signalbox('queues', 'delete', 'gpu', 'urgent', '--yes')).exitCode).toBe(0);
  expect((await signalbox('queues', 'delete', 'gpu', 'default', '--yes')).stderr).toContain('cannot be deleted');
  expect((await signalbox('agents', 'join-code', 'gpu')).stdout).toContain('--join-code');
  expect((await signalbox('pools', 'delete', 'gpu', '--yes')).exitCode).toBe(0);
  expect((await signalbox('api-keys', 'create', 'temporary', '--role', 'viewer')).stdout).toMatch(/^sbk_\w+\n$/);
  expect((await signalbox('api-keys', 'revoke', 'temporary', '--yes')).stdout).toBe('Revoked API key "temporary".\n');
});

test('a run that waits is explained', async () => {
  const run = await controlPlane.owner.runs.create({ deployment: 'weather/daily', name: 'why-not', parameters: { years: [] } });
  const { stdout } = await signalbox('runs', 'explain', 'why-not');
  expect(stdout).toContain('! Work pool "local" has no agent yet.\n');
  expect(stdout).toContain('frees it: Start an agent for it: signalbox agents join-code local');
  expect(JSON.parse((await signalbox('runs', 'explain', run.id, '--json')).stdout)).toMatchObject({ blockers: [{ kind: 'no-agent' }] });
  await controlPlane.owner.runs.cancel({ run: run.id });
  expect((await signalbox('runs', 'explain', run.id)).stdout).toBe('It has ended: CANCELLED.\n');
});

test('limits that code declares are made with its deployment, and left as people set them afterwards', async () => {
  const file = fileURLToPath(new URL('../../test/limited-flow.ts', import.meta.url));
  expect((await signalbox('deploy', file)).stdout).toBe('limited/nightly  created\nlimit warehouse  created\n');
  expect((await signalbox('limits', 'update', 'warehouse', '--slots', '5')).stdout).toBe(
    'Changed limit warehouse: 0 of 5 taken, 0 waiting, slots.\n',
  );
  expect((await signalbox('deploy', file)).stdout).toBe(
    'limited/nightly  unchanged\nlimit warehouse  left as it is\n  ~ slots: 2 in code, 5 here, which stays\n',
  );
  expect(JSON.parse((await signalbox('limits', 'show', 'warehouse', '--json')).stdout)).toMatchObject({ slots: 5, holders: { items: [] } });
  expect((await signalbox('limits', 'create', 'warehouse', '--slots', '1')).exitCode).toBe(5);
  expect((await signalbox('limits', 'delete', 'warehouse', '--yes')).stdout).toBe('Deleted limit warehouse.\n');
  expect((await signalbox('deployments', 'delete', 'limited/nightly', '--yes')).exitCode).toBe(0);
});

test.each([
  'runs ls',
  'deployments ls',
  'pools ls',
  'pools slots local',
  'queues ls local',
  'limits ls',
  'agents ls',
  'workspace ls',
  'api-keys ls',
  'schedules ls',
  'whoami',
  'schedules preview --every 6h',
])('signalbox %s answers for people and as JSON', async (command) => {
  expect(await signalbox(...command.split(' '))).toMatchObject({ exitCode: 0 });
  const asJson = await signalbox(...command.split(' '), '--json');
  expect(asJson.exitCode).toBe(0);
  expect(() => JSON.parse(asJson.stdout)).not.toThrow();
});

/** As a shell splits it, with double quotes. */
const wordsOf = (command: string) => [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');

describe('an organization from a terminal', () => {
  const organizationScopes = ['read', 'write', 'members', 'teams', 'roles', 'service-accounts', 'grants', 'export', 'delete'].map(
    (word) => `organization:${word}`,
  );
  let admin: string;
  beforeAll(async () => {
    admin = (await controlPlane.owner.apiKeys.create({ name: 'admin', role: 'owner', organizationScopes })).secret;
  });
  /** Standard output of a command that must go well. */
  const done = async (...args: string[]) => {
    const result = await cli.run(args, { env: { ...env, SIGNALBOX_API_KEY: admin } });
    expect({ args, exitCode: result.exitCode, said: result.exitCode === 0 ? '' : result.stderr }).toEqual({ args, exitCode: 0, said: '' });
    return result.stdout;
  };

  test('a key that names no scope of it is refused, and told so', async () => {
    const result = await signalbox('teams', 'ls');
    expect(result.exitCode).toBe(3);
    expect(result.stderr).toContain('This key acts in its workspace alone');
  });

  test('somebody is invited, sent a new link, and not invited after all', async () => {
    const link = await done('invitations', 'create', 'ada@example.com', '--role', 'developer');
    const again = await done('invitations', 'resend', 'ada@example.com');
    expect(new URL(again.trim()).searchParams.get('token')).not.toBe(new URL(link.trim()).searchParams.get('token'));
    expect(await done('invitations', 'ls', '--open')).toMatch(/ada@example\.com +member +developer of/);
    expect(await done('invitations', 'revoke', 'ada@example.com', '--yes')).toBe('Withdrew the invitation of ada@example.com.\n');
    expect(JSON.parse(await done('invitations', 'ls', '--open', '--json'))).toEqual([]);
  });

  test('a program gets an account, a team, a role made of scopes, a grant on one deployment and a key, and the reason is told', async () => {
    expect(await done('service-accounts', 'create', 'ci', '--name', 'CI')).toMatch(/^Made service account ci \(sa_/);
    await done('teams', 'create', 'pipelines');
    await done('teams', 'add', 'pipelines', 'ci');
    expect(await done('teams', 'ls')).toMatch(/pipelines .*CI/);
    expect(await done('roles', 'create', 'starter', '--scopes', 'runs:create', 'runs:read')).toBe('Made role starter with 2 scopes.\n');
    expect(await done('roles', 'show', 'starter')).toMatch(/scopes +runs:create runs:read/);
    const granted = await done('grants', 'create', 'starter', '--team', 'pipelines', '--deployment', 'weather/daily');
    expect(granted).toMatch(/^Granted starter to team pipelines on deployment daily \(/);
    const why = JSON.parse(
      await done('access', 'explain', 'runs:create', '--service-account', 'ci', '--deployment', 'weather/daily', '--json'),
    );
    expect(why.scopes).toMatchObject([{ allowed: true, because: ['role starter granted on this deployment to the team pipelines'] }]);
    expect(await done('access', 'explain', 'runs:create', '--service-account', 'ci')).toMatch(/no +runs:create/);
    const key = await done('keys', 'create', 'deploys', '--service-account', 'ci', '--role', 'runner');
    const asProgram = () => cli.run(['runs', 'ls'], { env: { ...env, SIGNALBOX_API_KEY: key.trim() } });
    expect((await asProgram()).exitCode).toBe(0);
    await done('service-accounts', 'disable', 'ci', '--yes');
    expect((await asProgram()).exitCode).toBe(3);
    const [grant] = JSON.parse(await done('grants', 'ls', '--json')).items;
    await done('grants', 'revoke', grant.id, '--yes');
    await done('roles', 'delete', 'starter', '--yes');
    await done('teams', 'delete', 'pipelines', '--yes');
    await done('service-accounts', 'delete', 'ci', '--yes');
  });

  test.each(['organizations', 'people-and-teams', 'service-accounts'])(
    'every command of the page %s works, in its order',
    async (page) => {
      const text = await readFile(new URL(`../../../docs/how-to/${page}.md`, import.meta.url), 'utf8');
      const blocks = [...text.matchAll(/^```sh\n(.*?)^```$/gms)].flatMap(([, block = '']) => block.trim().split('\n'));
      const slug = JSON.parse(await done('whoami', '--json')).workspace.slug;
      const commands = blocks.map((line) => line.replace(/ (delete|restore) (default|acme)/, ` $1 ${slug}`).replace(/^signalbox /, ''));
      for (const command of commands) await done(...wordsOf(command));
      expect(commands.length).toBeGreaterThan(5);
    },
    60_000,
  );

  test('the last owner is neither lowered nor removed, and what is destroyed is asked about first', async () => {
    const [owner] = JSON.parse(await done('members', 'ls', '--organization', '--json'));
    const lowered = await cli.run(['members', 'set-role', owner.email, 'viewer'], { env: { ...env, SIGNALBOX_API_KEY: admin } });
    expect(lowered.exitCode).toBe(5);
    const asked = await cli.run(['members', 'remove', owner.email], { env: { ...env, SIGNALBOX_API_KEY: admin } });
    expect(asked.stderr).toContain('add --yes to do it without being asked');
    expect(await done('orgs', 'ls')).toContain('organization:teams');
    expect(await done('workspaces', 'rename', 'Renamed')).toContain('is called Renamed');
  });
});

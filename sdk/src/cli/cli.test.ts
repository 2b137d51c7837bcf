import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { RunId } from '@signalbox/proto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type FakeControlPlane, startFakeControlPlane } from '../../test/fake-control-plane.ts';
import * as made from '../../test/made.ts';
import { createCliHome } from '../../test/run-cli.ts';

let controlPlane: FakeControlPlane;
let cli: Awaited<ReturnType<typeof createCliHome>>;
const env = (more: Record<string, string> = {}) => ({ SIGNALBOX_URL: controlPlane.url, SIGNALBOX_API_KEY: 'sbk_test', ...more });
const inputOf = (path: string) => controlPlane.state.calls.findLast((call) => call.path === path)?.input;

beforeEach(async () => {
  controlPlane = await startFakeControlPlane();
  cli = await createCliHome();
});
afterEach(async () => {
  await controlPlane[Symbol.asyncDispose]();
  await cli[Symbol.asyncDispose]();
});

function addRun(over: Parameters<typeof made.run>[0] = {}): RunId {
  const detail = made.run(over);
  controlPlane.state.runs.set(detail.id, { detail, tasks: [], logs: [] });
  return detail.id;
}

describe('login', () => {
  test('in the browser: shows code and address, opens it on a terminal, keeps the key for its owner alone', async () => {
    controlPlane.state.loginReplies = [{ status: 'pending' }, { status: 'approved', secret: 'sbk_test', workspace: 'default' }];
    const opened: string[] = [];
    const result = await cli.run(['login', '--url', controlPlane.url, '--no-color'], { columns: 80, opened });
    expect(result.exitCode).toBe(0);
    expect(result.stderr).toContain('BCDF-GHJK');
    expect(opened).toEqual(['http://localhost:4200/login/cli?code=BCDF-GHJK']);
    expect(result.stdout).toContain('as owner@example.com, workspace default');
    expect(result.stdout + result.stderr).not.toContain('sbk_test');
    expect((await stat(cli.config)).mode & 0o777).toBe(0o600);
    expect((await cli.run(['whoami', '--json'])).exitCode).toBe(0);
  });

  test('opens addresses of the web alone: another is for nothing on this machine to act on', async () => {
    controlPlane.state.loginUrl = 'file:///tmp/run-me.desktop';
    const opened: string[] = [];
    const result = await cli.run(['login', '--url', controlPlane.url, '--no-color'], { columns: 80, opened });
    expect(opened).toEqual([]);
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toContain('error: the control plane named no address of the web to confirm the login at');
  });

  test('with a key from standard input; a key that is refused is not kept', async () => {
    const refused = await cli.run(['login', '--url', controlPlane.url, '--api-key'], { stdin: 'sbk_wrong\n' });
    expect(refused.exitCode).toBe(3);
    await expect(stat(cli.config)).rejects.toThrow('ENOENT');
    const accepted = await cli.run(['login', '--url', controlPlane.url, '--api-key'], { stdin: 'sbk_test\n' });
    expect(accepted.exitCode).toBe(0);
  });

  test('that nobody confirms exits with 3', async () => {
    controlPlane.state.loginReplies = [{ status: 'expired' }];
    const result = await cli.run(['login', '--url', controlPlane.url]);
    expect(result.exitCode).toBe(3);
    expect(result.stderr).toContain('error: the code was not confirmed in time\nhint: run `signalbox login` again\n');
  });

  test('logout forgets the key, and lists never show one', async () => {
    await cli.run(['login', '--url', controlPlane.url, '--api-key', 'sbk_test']);
    expect((await cli.run(['profile', 'ls', '--json'])).stdout).not.toContain('sbk_test');
    expect((await cli.run(['logout'])).exitCode).toBe(0);
    expect((await cli.run(['whoami'])).exitCode).toBe(3);
  });
});

describe('run', () => {
  test('reads parameters by the schema and passes all options on', async () => {
    const args = [
      'run',
      'weather/daily',
      '-p',
      'years=[2012,2013]',
      '-p',
      'city=01',
      '--name',
      'by-hand',
      '--tag',
      'a',
      '--tag',
      'b',
      '--at',
      '2026-03-02T06:00:00Z',
      '--queue',
      'urgent',
      '--idempotency-key',
      'k',
    ];
    const result = await cli.run([...args, '--json'], { env: env() });
    expect(result.exitCode).toBe(0);
    expect(JSON.parse(result.stdout)).toMatchObject({ name: 'by-hand', deployment: { name: 'daily' } });
    expect(inputOf('runs.create')).toEqual({
      deployment: 'weather/daily',
      parameters: { years: [2012, 2013], city: '01' },
      name: 'by-hand',
      tags: ['a', 'b'],
      dueAt: '2026-03-02T06:00:00.000Z',
      queue: 'urgent',
      idempotencyKey: 'k',
    });
    expect(controlPlane.state.calls.at(-1)?.headers['x-signalbox-client']).toBe('cli');
  });

  test.each([
    ['COMPLETED', 0],
    ['FAILED', 1],
    ['CANCELLED', 1],
  ] as const)('--watch of a run that ends %s exits with %d', async (type, exitCode) => {
    const run = addRun({ state: made.state('RUNNING') });
    const watching = cli.run(['runs', 'watch', 'brave-otter'], { env: env() });
    await controlPlane.liveOpened();
    controlPlane.change(run, {
      tasks: [made.task(1, 'extract', 'COMPLETED')],
      logs: [made.logLine(1, 'read 1461 rows', { taskOrdinal: 1 })],
    });
    controlPlane.change(run, { state: made.state(type), durationMs: 1_234 });
    const result = await watching;
    expect(result.exitCode).toBe(exitCode);
    expect(result.stdout).toContain('extract read 1461 rows');
    expect(result.stdout.trimEnd().split('\n').at(-1)).toMatch(/ in 1\.2 s$/);
  });

  test('Ctrl-C while watching exits with 130 and says that the run goes on', async () => {
    const run = addRun({ state: made.state('RUNNING') });
    const interrupt = new AbortController();
    const watching = cli.run(['runs', 'watch', run], { env: env(), signal: interrupt.signal });
    await controlPlane.liveOpened();
    interrupt.abort();
    const result = await watching;
    expect(result).toMatchObject({ exitCode: 130, stderr: `The run goes on. Follow it again: signalbox runs watch ${run}\n` });
  });

  test('--watch --json prints nothing but the ended run', async () => {
    const run = addRun({ state: made.state('COMPLETED') });
    const result = await cli.run(['runs', 'watch', run, '--json'], { env: env() });
    expect(JSON.parse(result.stdout)).toMatchObject({ id: run, state: { type: 'COMPLETED' } });
  });
});

describe('runs', () => {
  test('ls in a pipe is plain, aligned and whole', async () => {
    addRun({ state: made.state('FAILED'), durationMs: 3_400 });
    const { stdout } = await cli.run(['runs', 'ls'], { env: env(), now: Date.parse('2026-03-01T12:05:00.000Z') });
    const [header, line] = stdout.split('\n');
    expect(header).toMatch(/^STATE {3}NAME {9}DEPLOYMENT {5}CREATED {5}TOOK {2}ID$/);
    expect(line).toMatch(/^Failed {2}brave-otter {2}weather\/daily {2}5 min ago {2}3\.4 s {2}run_\w{26}$/);
  });

  test('ls fits a narrow terminal', async () => {
    addRun();
    const { stdout } = await cli.run(['runs', 'ls', '--no-color'], { env: env(), columns: 40 });
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(40);
    expect(stdout).toContain('brave-otter');
  });

  test('colors are for terminals, unless NO_COLOR', async () => {
    addRun();
    const colored = await cli.run(['runs', 'ls'], { env: env(), columns: 120 });
    const plain = await cli.run(['runs', 'ls'], { env: env({ NO_COLOR: '1' }), columns: 120 });
    expect(colored.stdout).toContain('\u001b[');
    expect(plain.stdout).not.toContain('\u001b[');
  });

  test('--json is the answer of the API', async () => {
    const run = addRun();
    const page = JSON.parse((await cli.run(['runs', 'ls', '--json'], { env: env() })).stdout);
    expect(page).toMatchObject({ items: [{ id: run, state: { type: 'SCHEDULED' } }], nextCursor: null });
    const detail = JSON.parse((await cli.run(['runs', 'show', 'brave-otter', '--json'], { env: env() })).stdout);
    expect(detail).toEqual(controlPlane.state.runs.get(run)?.detail);
  });

  test('a name that several runs have is refused with their ids', async () => {
    const ids = [addRun({ id: 'run_01h455vb4pex5vsknk084sn02q' }), addRun({ id: 'run_01h455vb4pex5vsknk084sn02r' })];
    const result = await cli.run(['runs', 'cancel', 'brave-otter'], { env: env() });
    expect(result).toMatchObject({ exitCode: 5, stderr: `error: "brave-otter" names 2 runs\nhint: use an id: ${ids.join(', ')}\n` });
  });

  test('logs keeps the terminal safe from what programs print', async () => {
    const run = addRun({ state: made.state('COMPLETED') });
    controlPlane.state.runs.get(run)?.logs.push(made.logLine(1, 'hi \u001b]0;evil\u0007\u001b[2J there'));
    const { stdout } = await cli.run(['runs', 'logs', run], { env: env(), columns: 80 });
    expect(stdout).toContain('hi  there');
    expect(stdout).not.toContain('evil');
  });

  test('logs --limit gives the last lines', async () => {
    const run = addRun({ state: made.state('COMPLETED') });
    controlPlane.state.runs.get(run)?.logs.push(made.logLine(1, 'first'), made.logLine(2, 'second'), made.logLine(3, 'third'));
    const { lines } = JSON.parse((await cli.run(['runs', 'logs', run, '--limit', '2', '--json'], { env: env() })).stdout);
    expect(lines.map((line: { message: string }) => line.message)).toEqual(['second', 'third']);
    expect((await cli.run(['runs', 'logs', run, '--limit', '0'], { env: env() })).stdout).toBe('');
  });

  test('delete needs --yes where nobody can be asked', async () => {
    const run = addRun({ state: made.state('COMPLETED') });
    expect((await cli.run(['runs', 'delete', run], { env: env() })).exitCode).toBe(2);
    expect(controlPlane.state.runs.size).toBe(1);
    expect((await cli.run(['runs', 'delete', run, '--yes'], { env: env() })).exitCode).toBe(0);
    expect(controlPlane.state.runs.size).toBe(0);
  });
});

describe('every list and show', () => {
  test.each([
    ['deployments ls', 'items'],
    ['pools ls', 'items'],
    ['limits ls', 'items'],
    ['limits show db', 'holders'],
    ['agents ls', 'items'],
    ['runs ls', 'items'],
    ['deployments show weather/daily', 'id'],
    ['pools show local', 'id'],
    ['agents show build-01', 'id'],
    ['schedules preview --every 6h', 'fires'],
    ['whoami', 'actor'],
  ])('signalbox %s --json has %s', async (command, key) => {
    const result = await cli.run([...command.split(' '), '--json'], { env: env() });
    expect(result.exitCode).toBe(0);
    expect(JSON.parse(result.stdout)).toHaveProperty(key);
  });

  test.each([['api-keys ls'], ['workspace ls'], ['schedules ls']])('signalbox %s --json is a list', async (command) => {
    expect(Array.isArray(JSON.parse((await cli.run([...command.split(' '), '--json'], { env: env() })).stdout))).toBe(true);
  });
});

describe('a limit', () => {
  test('is shown with who holds it and who waits, by name', async () => {
    const { stdout } = await cli.run(['limits', 'show', 'db', '--no-color'], { env: env(), columns: 100 });
    expect(stdout).toMatch(/^db {2}full\n/);
    expect(stdout).toMatch(/taken +2 of 2\n/);
    expect(stdout).toMatch(/Held by\nRUN +TASK +SLOTS +SINCE +ID\nbrisk-otter +load +1 /);
    expect(stdout).toMatch(/Waiting, in line\nRUN .*\nbrisk-otter /);
  });

  test('is made, changed, freed and deleted', async () => {
    const said = async (...args: string[]) => (await cli.run(['limits', ...args], { env: env() })).stdout;
    expect(await said('create', 'api', '--slots', '10', '--decay', '0.5')).toBe('Created limit api: 2 of 10 taken.\n');
    expect(controlPlane.state.calls.at(-1)?.input).toMatchObject({ name: 'api', slots: 10, decayPerSecond: 0.5, active: true });
    expect(await said('update', 'db', '--slots', '3', '--off')).toBe('Changed limit db: 2 of 3 taken, 1 waiting, slots, off.\n');
    expect(await said('free', 'db', made.limitHolder().run.id, '--yes')).toContain('Freed what run_');
    expect(await said('delete', 'db', '--yes')).toBe('Deleted limit db.\n');
    expect((await cli.run(['limits', 'delete', 'db'], { env: env() })).exitCode).toBe(2);
    expect((await cli.run(['limits', 'update', 'db'], { env: env() })).stderr).toContain('nothing to change');
    expect((await cli.run(['limits', 'show', 'nope'], { env: env() })).exitCode).toBe(4);
  });
});

describe('audit verify', () => {
  test('says that the chain holds, or fails naming what was changed', async () => {
    const { stdout } = await cli.run(['audit', 'verify'], { env: env() });
    expect(stdout).toContain('The chain holds: 3 entries in 1 links');
    const head = /Its newest link is (\S+)/.exec(stdout)?.[1] as string;
    await cli.run(['audit', 'verify', '--noted', head], { env: env() });
    expect(controlPlane.state.calls.at(-1)?.input).toMatchObject({ noted: { link: 1, hash: 'ab'.repeat(32) } });
    expect((await cli.run(['audit', 'verify', '--noted', '1'], { env: env() })).stderr).toContain('--noted must be');
    controlPlane.state.auditProblem = 'covers an entry that was changed';
    const changed = await cli.run(['audit', 'verify'], { env: env() });
    expect(changed).toMatchObject({ exitCode: 5, stderr: expect.stringContaining('link 1 covers an entry that was changed') });
    controlPlane.state.auditProblem = null;
  });
});

describe('a secret or a command that scripts catch', () => {
  test('stands alone on standard output', async () => {
    expect((await cli.run(['api-keys', 'create', 'ci'], { env: env() })).stdout).toBe('sbk_secret\n');
    expect((await cli.run(['agents', 'join-code', 'local'], { env: env() })).stdout).toBe('npx @signalbox/agent start --join-code sbj_1\n');
  });
});

describe('overrides', () => {
  test('deployments set sends paths with values as people write them, and shows what then holds', async () => {
    const settings = ['timeoutMs=10m', 'parameters.city=Rome', 'parameters.years=[2012]', 'concurrencyLimit=none', 'description=42'];
    const args = ['deployments', 'set', 'weather/daily', ...settings, '--remove', 'tags', '--reason', 'slow today', '--expires', '2h'];
    const result = await cli.run(args, { env: env() });
    expect(inputOf('deployments.setOverlay')).toEqual({
      deployment: 'weather/daily',
      set: [
        { path: 'timeoutMs', value: 600_000 },
        { path: 'parameters.city', value: 'Rome' },
        { path: 'parameters.years', value: [2012] },
        { path: 'concurrencyLimit', value: null },
        { path: 'description', value: '42' },
        { path: 'tags', removed: true },
      ],
      reason: 'slow today',
      expiresInMs: 7_200_000,
    });
    expect(result.exitCode).toBe(0);
    expect(result.stdout).toMatch(/timeoutMs +10 min 0 s +overlay +ada@example\.com: the warehouse is slow today \(code: 5 min 0 s\)/);
  });

  test.each([
    [['set', 'weather/daily', 'timeoutMs', '--reason', 'x'], 'timeoutMs: expected field=value'],
    [['set', 'weather/daily', 'timeoutMs=soon', '--reason', 'x'], 'timeoutMs: expected milliseconds or a text such as'],
    [['set', 'weather/daily', 'timeoutMs=1m'], "required option '--reason <text>' not specified"],
    [['set', 'weather/daily', '--reason', 'x'], 'nothing to set'],
    [['reset', 'weather/daily'], 'nothing to reset'],
  ])('deployments %j is refused before anything is sent', async (args, message) => {
    const result = await cli.run(['deployments', ...args], { env: env() });
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toContain(message);
    expect(controlPlane.state.calls).toEqual([]);
  });

  test('deployments reset and show, versions and rollback, pools template', async () => {
    const run = async (line: string) => (await cli.run(line.split(' '), { env: env() })).stdout;
    expect(await run('deployments reset weather/daily timeoutMs')).toBe('timeoutMs of weather/daily is as its code says.\n');
    expect(inputOf('deployments.resetOverlay')).toEqual({ deployment: 'weather/daily', paths: ['timeoutMs'] });
    expect(await run('deployments reset weather/daily --all')).toContain('Everything of weather/daily');
    expect(await run('deployments show weather/daily')).toMatch(/parameters\.years +\[2012\] +code/);
    expect(await run('deployments versions weather/daily')).toMatch(/3 +current .*ada@example\.com +sha256:1 +digest/);
    expect(await run('deployments rollback weather/daily 2')).toContain('weather/daily  changed');
    expect(JSON.parse(await run('pools template get local'))).toEqual(made.poolTemplate().template);
    const template = JSON.stringify(made.poolTemplate().template);
    await cli.run(['pools', 'template', 'set', 'local', '-'], { env: env(), stdin: template });
    expect(inputOf('workPools.setTemplate')).toEqual({ pool: 'local', template: JSON.parse(template) });
    await run('run weather/daily --variable env.LOG=debug --variable workingDirectory=/srv');
    expect(inputOf('runs.create')).toMatchObject({ variables: { env: { LOG: 'debug' }, workingDirectory: '/srv' } });
  });
});

describe('deploy', () => {
  const file = fileURLToPath(new URL('../../test/deployable-flow.ts', import.meta.url));

  test('prints what is new and what changed', async () => {
    const first = await cli.run(['deploy', file], { env: env() });
    expect(first).toMatchObject({ exitCode: 0, stdout: 'report/nightly  created\n' });
    const second = await cli.run(['deploy', file], { env: env() });
    expect(second.stdout).toBe(
      [
        'report/nightly  changed',
        '  ~ digest: sha256:1 -> sha256:2',
        '  ~ timeoutMs: 5 min 0 s -> 15 min 0 s',
        '      hidden by ada@example.com: 10 min 0 s ("the warehouse is slow today"), until it is reset',
        '  + schedule cron-1: none -> 0 6 * * * (UTC)',
        '  ~ service level "weather daily completion": seconds 60 -> 90',
        '  - trigger "on arrival": removed',
        '',
      ].join('\n'),
    );
  });

  test('with --dry-run shows the same and writes nothing', async () => {
    const result = await cli.run(['deploy', file, '--dry-run'], { env: env() });
    expect(result).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^report\/nightly {2}(created|changed)\n/) });
    expect(result.stderr).toContain('Nothing was written');
    expect(controlPlane.state.calls.map(({ path }) => path)).not.toContain('deployments.deploy');
  });

  test('a file that is not there exits with 2, and nothing is sent', async () => {
    const result = await cli.run(['deploy', file, '/nowhere/flow.ts'], { env: env() });
    expect(result).toMatchObject({ exitCode: 2, stdout: '', stderr: 'error: no such file: /nowhere/flow.ts\n' });
    expect(controlPlane.state.calls).toEqual([]);
  });
});

describe('help', () => {
  const groups = [
    'runs',
    'deployments',
    'schedules',
    'calendars',
    'backfills',
    'pools',
    'queues',
    'limits',
    'agents',
    'profile',
    'workspace',
    'variables',
    'automations',
    'blocks',
    'assets',
    'failures',
    'incidents',
    'notifications',
    'slas',
    'webhooks',
    'api-keys',
    'orgs',
    'members',
    'invitations',
    'teams',
    'roles',
    'service-accounts',
    'grants',
    'access',
    'audit',
    'retention',
  ];
  const commands = ['login', 'logout', 'whoami', 'deploy', 'run', 'usage', 'completion', 'agent'];

  test('each command shows an example', async () => {
    const { createProgram } = await import('./program.ts');
    const { bindTo } = await import('./verb.ts');
    const host = { env: {}, stdout: process.stdout, stderr: process.stderr } as never;
    const program = createProgram(host, bindTo(host, { exitCode: 0 }));
    const named = (name: string) => program.commands.find((each) => each.name() === name);
    const all = [...commands.filter((name) => name !== 'agent').map(named), ...groups.flatMap((name) => named(name)?.commands)];
    const help = await Promise.all(
      all.map(async (command) => {
        const path = command?.parent === program ? [command.name()] : [command?.parent?.name() ?? '', command?.name() ?? ''];
        return { path: path.join(' '), text: (await cli.run([...path, '--help'])).stdout };
      }),
    );
    expect(
      help.filter(({ path, text }) => !text.includes(`$ signalbox ${path}`) && !text.includes(`signalbox ${path}`)).map(({ path }) => path),
    ).toEqual([]);
    expect(help.filter(({ text }) => !/Examples?:/.test(text)).map(({ path }) => path)).toEqual([]);
  });
});

describe('the process', () => {
  const bin = fileURLToPath(new URL('./bin.mjs', import.meta.url));
  const run = promisify(execFile);

  // A real process: on a busy machine a cold start takes seconds.
  test('ends at once with the exit code, and completes names of the control plane', { timeout: 60_000 }, async () => {
    const options = { env: { PATH: process.env.PATH, ...env() } };
    const { stdout } = await run(process.execPath, [bin, 'complete', '--', 'run', 'wea'], options);
    expect(stdout).toBe('weather/daily\tMonthly figures\n:4\n');
    await expect(run(process.execPath, [bin, 'run', 'nope/nope'], options)).rejects.toMatchObject({ code: 4 });
  });

  test.each(['bash', 'zsh', 'fish'])('has a completion script for %s', async (shell) => {
    const { stdout } = await run(process.execPath, [bin, 'completion', shell]);
    expect(stdout).toContain('signalbox complete --');
  });
});

describe('runs retry', () => {
  test('keeps what finished unless told otherwise, and takes one of both', async () => {
    const run = addRun({ state: made.state('FAILED') });
    expect((await cli.run(['runs', 'retry', run], { env: env() })).exitCode).toBe(0);
    expect(inputOf('runs.retry')).toEqual({ run, mode: 'from-failed' });
    await cli.run(['runs', 'retry', run, '--from-start'], { env: env() });
    expect(inputOf('runs.retry')).toEqual({ run, mode: 'from-start' });
    const both = await cli.run(['runs', 'retry', run, '--from-start', '--from-failed'], { env: env() });
    expect(both.exitCode).toBe(2);
    expect(both.stderr).toContain('--from-start and --from-failed exclude each other');
  });
});

test('runs show: who started it, why it was tried again, and the runs that it started', async () => {
  const child = made.run({ name: 'swift-heron', state: made.state('FAILED') });
  const base = { agent: null, grantedAt: null, startedAt: null, endedAt: null, state: null, message: null, claimedAt: child.createdAt };
  const cause = { at: child.createdAt, message: null, by: null, mode: null };
  const run = addRun({
    parent: { id: child.id, name: 'calm-fox', flow: child.flow, deployment: child.deployment, state: child.state, step: 'weather/daily#1' },
    children: [{ ...child, step: 'weather/daily#1', parentEpoch: 1, parentOrdinal: 1 }],
    attempts: [
      { ...base, epoch: 1, attempt: 1, cause: { ...cause, kind: 'first' } },
      { ...base, epoch: 2, attempt: 2, cause: { ...cause, kind: 'by-hand', message: 'retried by Ada, from the start' } },
    ],
  });
  const { stdout } = await cli.run(['runs', 'show', run, '--no-color'], { env: env(), columns: 160 });
  expect(stdout).toMatch(/parent +calm-fox \(run_/);
  expect(stdout).toContain('retried by Ada, from the start');
  expect(stdout).toMatch(/CHILD +STATE[\s\S]*swift-heron +Failed/);
  const json = JSON.parse((await cli.run(['runs', 'show', run, '--json'], { env: env() })).stdout);
  expect(json).toMatchObject({
    parent: { name: 'calm-fox' },
    children: [{ name: 'swift-heron' }],
    attempts: [{}, { cause: { kind: 'by-hand' } }],
  });
});
describe('runs resume', () => {
  const pause = {
    key: 'approve',
    how: 'suspend',
    message: 'Send the report?',
    approvers: null,
    inputSchema: { type: 'object', properties: { approved: { type: 'boolean' }, note: { type: 'string' } }, required: ['approved'] },
    askedBy: null,
    askedAt: '2026-01-31T08:00:00.000Z',
    expiresAt: '2026-02-07T08:00:00.000Z',
    inEffect: true,
  } as const;

  test('sends what is asked for, read by the schema of the question', async () => {
    const run = addRun({ name: 'brave-otter', state: made.state('PAUSED', 'Suspended'), pause });
    const result = await cli.run(['runs', 'resume', 'brave-otter', '--param', 'approved=true', '--param', 'note=007', '--json'], {
      env: env(),
    });
    expect(result.exitCode).toBe(0);
    expect(inputOf('runs.resume')).toEqual({ run, key: 'approve', input: { approved: true, note: '007' } });
  });

  test('is told by show: what is asked, until when, and the command that answers', async () => {
    addRun({ name: 'brave-otter', state: made.state('PAUSED', 'Suspended'), pause });
    const { stdout } = await cli.run(['runs', 'show', 'brave-otter'], { env: env() });
    expect(stdout).toContain('Send the report?');
    expect(stdout).toContain('signalbox runs resume brave-otter --param approved=... --param note=...');
  });
});

test('runs questions lists what is asked of whom, or of oneself alone', async () => {
  expect((await cli.run(['runs', 'questions'], { env: env() })).stdout).toMatch(/brave-otter +Pay 5\? +finance/);
  expect((await cli.run(['runs', 'questions', '--mine'], { env: env() })).stderr).toContain('No run asks you anything.');
});

test('runs suspend and runs set-state send what was said', async () => {
  const run = addRun({ name: 'brave-otter' });
  await cli.run(['runs', 'suspend', 'brave-otter', '--timeout', '2h', '--message', 'wait'], { env: env() });
  expect(inputOf('runs.suspend')).toEqual({ run, message: 'wait', timeoutMs: 7_200_000 });
  const wrong = await cli.run(['runs', 'pause', 'brave-otter', '--timeout', 'soon'], { env: env() });
  expect(wrong).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('a duration such as 30m') });
  await cli.run(['runs', 'set-state', 'brave-otter', 'completed', '--reason', 'by hand', '--yes'], { env: env() });
  expect(inputOf('runs.setState')).toEqual({ run, type: 'COMPLETED', reason: 'by hand' });
});

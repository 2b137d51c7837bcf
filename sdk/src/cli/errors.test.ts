import type { ErrorBody } from '@signalbox/proto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FakeControlPlane, startFakeControlPlane } from '../../test/fake-control-plane.ts';
import { createCliHome } from '../../test/run-cli.ts';

let controlPlane: FakeControlPlane;
let cli: Awaited<ReturnType<typeof createCliHome>>;
const env = () => ({ SIGNALBOX_URL: controlPlane.url, SIGNALBOX_API_KEY: 'sbk_test' });

beforeAll(async () => {
  controlPlane = await startFakeControlPlane();
  cli = await createCliHome();
});
afterAll(async () => {
  await controlPlane[Symbol.asyncDispose]();
  await cli[Symbol.asyncDispose]();
});

const issues = [
  { field: 'parameters.years', expected: 'array', received: '"x"' },
  { field: 'parameters.threshold', expected: 'number, at most 50', received: '70' },
];

describe('an error of the control plane', () => {
  test.each<[ErrorBody, number, string]>([
    [
      { code: 'INVALID_INPUT', message: 'parameters.years: expected array, got "x" (and 1 more)', issues },
      2,
      'error: the input was refused\n  parameters.years: expected array, got "x"\n  parameters.threshold: expected number, at most 50, got 70\n',
    ],
    [
      { code: 'UNAUTHENTICATED', message: 'The API key is not valid.' },
      3,
      'error: The API key is not valid.\nhint: SIGNALBOX_API_KEY was refused: it may have expired or been revoked; make another in the console\n',
    ],
    [
      { code: 'FORBIDDEN', message: 'Your role "viewer" may not start runs.' },
      3,
      'error: Your role "viewer" may not start runs.\nhint: `signalbox whoami` shows what you may do; ask an admin of the workspace for a higher role\n',
    ],
    [{ code: 'CONFLICT', message: 'This key was used with another body.' }, 5, 'error: This key was used with another body.\n'],
    [{ code: 'PRECONDITION_FAILED', message: 'Its pool was deleted.' }, 5, 'error: Its pool was deleted.\n'],
    [
      { code: 'LIMIT_EXCEEDED', message: 'Too many runs at once.', retryAfterMs: 90_000 },
      6,
      'error: Too many runs at once.\nhint: try again in 90 s\n',
    ],
    [
      { code: 'INTERNAL', message: 'Something went wrong on our side.', requestId: 'req_7' },
      70,
      'error: Something went wrong on our side. (request req_7)\nhint: the log of the control plane has the cause\n',
    ],
  ])('%j exits with %d', async (body, exitCode, stderr) => {
    controlPlane.state.failures = [body];
    const result = await cli.run(['run', 'weather/daily'], { env: env() });
    expect(result).toEqual({ exitCode, stderr, stdout: '' });
  });

  test('UNAVAILABLE exits with 6 and names the address', async () => {
    controlPlane.state.failures = [{ code: 'UNAVAILABLE', message: 'The database does not answer.' }];
    const result = await cli.run(['run', 'weather/daily'], { env: env() });
    expect(result.exitCode).toBe(6);
    expect(result.stderr).toBe(
      `error: The database does not answer.\nhint: is the control plane running at ${controlPlane.url}? Choose another with --url or SIGNALBOX_URL\n`,
    );
  });

  test('NOT_FOUND exits with 4 and suggests what is near', async () => {
    const result = await cli.run(['run', 'wether/daily'], { env: env() });
    expect(result).toEqual({
      exitCode: 4,
      stdout: '',
      stderr: 'error: No deployment "wether/daily" in this workspace.\nhint: did you mean weather/daily?\n',
    });
  });

  test('with --debug the stack and the causes follow', async () => {
    controlPlane.state.failures = [{ code: 'CONFLICT', message: 'no' }];
    const result = await cli.run(['run', 'weather/daily', '--debug'], { env: env() });
    expect(result.stderr).toMatch(/^error: no\nSignalboxError: no\n {4}at /);
    expect(result.stderr).toContain('caused by TRPCClientError');
  });
});

describe('without a control plane', () => {
  test('a refused connection exits with 6', async () => {
    const gone = await startFakeControlPlane();
    await gone.stop();
    const result = await cli.run(['pools', 'ls'], { env: { SIGNALBOX_URL: gone.url } });
    expect(result.exitCode).toBe(6);
    expect(result.stderr).toBe(
      `error: cannot reach ${gone.url}: connect ECONNREFUSED ${new URL(gone.url).host}\nhint: is the control plane running at ${gone.url}? Choose another with --url or SIGNALBOX_URL\n`,
    );
  });

  test('an address that is none exits with 2', async () => {
    const result = await cli.run(['pools', 'ls', '--url', 'nope']);
    expect(result).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: 'error: the address of the control plane is not usable\n  url: expected an address such as http://localhost:4200, got nope\n',
    });
  });

  test('nobody signed in exits with 3', async () => {
    const result = await cli.run(['pools', 'ls'], { env: { SIGNALBOX_URL: controlPlane.url } });
    expect(result).toEqual({
      exitCode: 3,
      stdout: '',
      stderr: 'error: Sign in, or send an API key.\nhint: sign in with `signalbox login`, or set SIGNALBOX_API_KEY\n',
    });
  });
});

describe('wrong usage exits with 2', () => {
  test.each([
    [['rums'], "error: unknown command 'rums'\n(Did you mean runs?)\n"],
    [['run'], "error: missing required argument 'deployment'\n"],
    [['runs', 'ls', '--limit', 'x'], "error: option '--limit <n>' argument 'x' is invalid. Expected a whole number.\n"],
    [['runs', 'ls', '--staet', 'x'], "error: unknown option '--staet'\n(Did you mean --state?)\n"],
    [
      ['run', 'weather/daily', '--param', 'years'],
      "error: --param years: expected key=value\nhint: for example --param years='[2012, 2013]' --param city=Seattle\n",
    ],
    [['pools', 'delete', 'local'], 'error: Delete pool local: not confirmed\nhint: add --yes to do it without being asked\n'],
    [['pools', 'update', 'local'], 'error: nothing to change\nhint: give --limit, --cost-per-hour or --description\n'],
  ])('%j', async (args, stderr) => {
    expect(await cli.run(args, { env: env() })).toEqual({ exitCode: 2, stdout: '', stderr });
  });
});

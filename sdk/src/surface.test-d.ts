/** Types of the surface: what authors write compiles, and what cannot work does not. */
import { expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import type { Approval, ApprovalExpired, ChildRun, DeployedDeployment, Flow, StateEvent, Task } from './index.ts';
import { approve, asset, block, emitEvent, exponentialBackoff, flow, secret, task, variable } from './index.ts';
import { createTestRuntime, type TestRun } from './testing/index.ts';

async function getStars(repo: string): Promise<number> {
  return repo.length;
}

test('a named function is a task or a flow with its own types', () => {
  expectTypeOf(task(getStars)).toEqualTypeOf<Task<[repo: string], number>>();
  expectTypeOf(flow(async ({ n }: { n: number }) => n)).toEqualTypeOf<Flow<{ n: number }, number>>();
  expectTypeOf(task(getStars).fn).parameters.toEqualTypeOf<[repo: string]>();
});

test('arguments in the background are those of the task', () => {
  expectTypeOf(task(getStars).delay).parameters.toEqualTypeOf<[repo: string]>();
  expectTypeOf(task(getStars).delay).returns.resolves.toEqualTypeOf<ChildRun>();
  // @ts-expect-error: a number is no repository
  void task(getStars).delay(1);
});

test('hooks, retries and backoff take what they say', () => {
  task(
    { name: 'x', onFailure: [(event) => expectTypeOf(event).toEqualTypeOf<StateEvent>()], retryDelay: (attempt) => `${attempt}s` },
    getStars,
  );
  expectTypeOf(exponentialBackoff('1s', { factor: 2, jitter: 0.2 })).toEqualTypeOf<readonly number[]>();
  // @ts-expect-error: tasks have no crash of their own
  task({ name: 'x', onCrashed: () => {} }, getStars);
});

test('a task is isolated in a thread or a process', () => {
  expectTypeOf(task({ name: 'x', isolate: 'thread' }, getStars).with({ isolate: 'process' })).toEqualTypeOf<Task<[repo: string], number>>();
  // @ts-expect-error: there are two kinds
  task({ name: 'x', isolate: 'fiber' }, getStars);
});

test('a flow is served and deployed in one call, with one schedule in short', () => {
  const stars = flow({ name: 'github-stars', parameters: z.object({ repos: z.array(z.string()) }) }, async ({ repos }) => repos.length);
  expectTypeOf(
    stars.serve({ name: 'daily', cron: '0 8 * * *', timezone: 'Europe/Berlin', parameters: { repos: [] } }),
  ).resolves.toEqualTypeOf<void>();
  expectTypeOf(stars.deploy({ name: 'prod', pool: 'k8s', interval: '10m' })).resolves.toEqualTypeOf<DeployedDeployment | undefined>();
  // @ts-expect-error: parameters are those of the flow
  void stars.serve({ name: 'daily', parameters: { repos: [1] } });
  // @ts-expect-error: a deployment has a pool; serving alone has a default
  void stars.deploy({ name: 'prod' });
  void stars.deploy({ name: 'prod', pool: 'k8s', triggers: [{ trigger: { type: 'event', expect: ['file.arrived'] } }] });
  void stars.deploy({ name: 'prod', pool: 'k8s', slas: [{ kind: 'completion', within: '1h' }] });
  void stars.serve({ name: 'daily', slas: [{ kind: 'freshness', asset: 's3://lake/orders', within: '1d', severity: 'high' }] });
  // @ts-expect-error: freshness is of an asset
  void stars.deploy({ name: 'prod', pool: 'k8s', slas: [{ kind: 'freshness', within: '1d' }] });
});

test('what a run reads of its workspace is typed by the reader', () => {
  expectTypeOf(variable<string[]>('regions', [])).resolves.toEqualTypeOf<string[]>();
  expectTypeOf(secret('db')).resolves.toEqualTypeOf<string>();
  expectTypeOf(emitEvent).parameter(0).toEqualTypeOf<string>();
});

test('a test runtime keeps the types of what it runs and replaces', () => {
  const runtime = createTestRuntime();
  const stars = flow('stars', async ({ repo }: { repo: string }) => getStars(repo));
  expectTypeOf(runtime.run(stars, { repo: 'a' })).resolves.toEqualTypeOf<TestRun<number>>();
  runtime.mock(task(getStars), async () => 3); // takes less than the task
  // @ts-expect-error: the mock gives what the task gives
  runtime.mock(task(getStars), () => 'a text');
});

test('the name of a run is made of what it is called with', () => {
  flow(
    { name: 'x', parameters: z.object({ n: z.coerce.number() }), runName: ({ n }) => expectTypeOf(n).toEqualTypeOf<number>() && 'x' },
    ({ n }) => n,
  );
  flow({ name: 'x', runName: ({ n }) => expectTypeOf(n).toEqualTypeOf<number>() && 'x' }, async ({ n }: { n: number }) => n);
  flow({ name: 'x', runName: 'x of {n}' }, async ({ n }: { n: number }) => n);
  task({ name: 'x', runName: 'stars of {0}' }, getStars);
  // @ts-expect-error: a name is a text
  task({ name: 'x', runName: () => 5 }, getStars);
});

test('a block has the types of its schema: secrets are texts when it is loaded, and references when it is saved', () => {
  const schema = z.object({ host: z.string(), port: z.number().default(5432), password: z.string() });
  const postgres = block({ type: 'postgres', schema, secrets: ['password'] });
  expectTypeOf(postgres.load('x')).resolves.toEqualTypeOf<{ host: string; port: number; password: string }>();
  void postgres.save('x', { host: 'a', password: 'env:DB' });
  // @ts-expect-error: a secret is saved as a reference
  void postgres.save('x', { host: 'a', password: 'hunter2' });
  // @ts-expect-error: no such field
  block({ type: 'postgres', schema, secrets: ['token'] });
});

test('assets are URIs, declared assets, or what a function of the arguments says', () => {
  const orders = asset('s3://lake/orders', { owners: ['data'] });
  task({ name: 'x', assets: [orders, 's3://lake/other'], assetDeps: [orders] }, getStars);
  task({ name: 'x', assets: (repo) => [`s3://${repo.toUpperCase()}`] }, getStars);
  // @ts-expect-error: a number is no asset
  task({ name: 'x', assets: [1] }, getStars);
});

test('an approval is a yes with the input that was asked for, or a no', async () => {
  const answer = await approve({ message: 'Pay?', from: { teams: ['finance'] }, input: z.object({ account: z.string() }) });
  if (answer.approved) expectTypeOf(answer.input).toEqualTypeOf<{ account: string }>();
  // @ts-expect-error: a no has no input
  else answer.input;
  expectTypeOf(approve({ message: 'x' })).resolves.toEqualTypeOf<Approval>();
  expectTypeOf(approve({ message: 'x', onExpire: 'fail' })).resolves.toEqualTypeOf<Approval>();
  expectTypeOf(approve({ message: 'x', onExpire: 'return' })).resolves.toEqualTypeOf<Approval | ApprovalExpired>();
  // @ts-expect-error: it fails, or it returns
  void approve({ message: 'x', onExpire: 'stop' });
  // @ts-expect-error: it says what is to be approved
  void approve({});
});

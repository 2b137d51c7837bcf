/** Each pattern of examples/patterns, deployed, runs under one agent and ends as it does without any server; so do examples beside them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deploy } from '@signalbox/sdk';
import { createClient } from '@signalbox/sdk/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HttpReceiver, type MailReceiver, openHttpReceiver, openMailReceiver } from '../../control-plane/test/receivers.ts';
import { expected, mailbox } from '../../examples/patterns/expected.ts';
import { loadDeployments } from '../../sdk/src/deployments.ts';
import { digestFolder } from '../../sdk/src/digest.ts';
import { openBuckets } from '../../sdk/test/buckets.ts';
import { ROOT } from '../dev/paths.ts';
import { runTag } from '../test-support/run-tag.ts';
import { OWNER_EMAIL, type System, startSystem } from '../test-support/system.ts';

const FOLDER = join(ROOT, 'examples/patterns');
/** Examples that no other end-to-end test runs. */
const BESIDE = ['resume/flow', 'limits/flow', 'background/tasks', 'family/flow', 'handles/flow', 'storages/flow', 'approval/people'];

let system: System;
let http: HttpReceiver;
let mail: MailReceiver;
beforeAll(async () => {
  [http, mail] = await Promise.all([openHttpReceiver(), openMailReceiver()]);
  const controlPlaneEnv = { SIGNALBOX_SMTP_URL: mail.url, SIGNALBOX_PRIVATE_TARGETS: 'allow' };
  system = await startSystem({ tag: runTag(), slots: 2, controlPlaneEnv });
  const files = readdirSync(FOLDER).filter((file) => !/^expected|\.test\.ts$/.test(file));
  const mended = join(ROOT, 'infra/e2e/flows/mended.ts');
  const beside = BESIDE.map((name) => join(ROOT, `examples/${name}.ts`));
  const definitions = await Promise.all(
    [...files.map((file) => join(FOLDER, file)), ...beside, mended].map((file) => loadDeployments(file)),
  );
  await deploy(definitions.flat(), { client: system.client });
  await system.client.blocks.set.mutate({ type: 'mailbox', name: 'pattern', value: mailbox });
});
afterAll(async () => {
  await system?.[Symbol.asyncDispose]();
  await Promise.all([http?.[Symbol.asyncDispose](), mail?.[Symbol.asyncDispose]()]);
});

test('each pattern ends under an agent as it does without a server', async () => {
  const names = Object.keys(expected);
  const runs = await Promise.all(names.map((name) => system.client.runs.create.mutate({ deployment: `${name}/pattern` })));
  const ended = await Promise.all(
    runs.map(async ({ id }, i) => {
      const run = await system.client.waitForRun(id, { timeoutMs: 120_000 });
      const { items } = await system.client.runs.taskRuns.query({ run: id });
      const wanted = expected[names[i] ?? ''];
      const states = Object.keys(wanted?.tasks ?? {}).map((key) => [key, items.find(({ taskKey }) => taskKey === key)?.state.name]);
      const state = { type: run.state.type, name: run.state.name };
      const keyOf = (ordinal: number) => items.find((task) => task.ordinal === ordinal)?.taskKey;
      const upstreamOf = (key: string) => items.find(({ taskKey }) => taskKey === key)?.upstream.map(keyOf);
      const upstream = wanted?.upstream && {
        upstream: Object.fromEntries(Object.keys(wanted.upstream).map((key) => [key, upstreamOf(key)])),
      };
      return [names[i], { state, result: run.result?.body, tasks: Object.fromEntries(states), ...upstream }];
    }),
  );
  expect(Object.fromEntries(ended)).toEqual(expected);
  const named = await system.client.runs.get.query({ run: runs[names.indexOf('options')]?.id ?? '' });
  expect(named.name).toBe('prices of tea and bread');
  const deployed = await system.client.deployments.get.query({ deployment: 'options/pattern' });
  expect(deployed.digest).toBe(await digestFolder(join(ROOT, 'examples')));
});

test('what a task prints with console is a line of that task, and a secret is masked in lines and events', async () => {
  const { client } = system;
  const runOf = async (flow: string) => (await client.runs.list.query({ filter: { flows: [flow] } })).items[0]?.id ?? '';
  const told = await client.runs.logs.query({ run: (await runOf('telling')) as never });
  const printed = told.lines.filter(({ stream }) => stream === 'stdout');
  expect(printed.map(({ message, taskOrdinal }) => [message, taskOrdinal])).toEqual([1, 2, 3].map((n) => [`rows ${n}`, n]));
  expect(told.lines.flatMap(({ message }) => (message.startsWith('xxx') ? [message.length] : []))).toEqual([16_384, 16_384, 7_232]);
  const lines = (await client.runs.logs.query({ run: (await runOf('workspace')) as never })).lines;
  expect(lines.filter(({ message }) => message === 'sending with ******')).toHaveLength(2);
  const events = await system.sql<{ text: string }>("SELECT payload::text AS text FROM event WHERE name = 'mail.sent'");
  expect(events).toHaveLength(2);
  expect(await system.sql("SELECT 1 FROM event WHERE name = 'mail.told'")).toHaveLength(1); // of two attempts
  expect(JSON.stringify([lines, events])).not.toContain('hunter2');
});

test('assets are known with their lineage and the run that made them', async () => {
  const uri = 's3://pattern-lake/report/may';
  const graph = () => system.client.assets.graph.query({ uri }).then(({ edges }) => edges.map(({ from, to }) => `${from} ${to}`));
  await expect
    .poll(graph, { timeout: 10_000 })
    .toEqual([`s3://pattern-lake/orders ${uri}`, 'postgres://shop/orders s3://pattern-lake/orders']);
  const { items } = await system.client.assets.materializations.query({ uri: 's3://pattern-lake/orders' });
  expect(items).toMatchObject([{ outcome: 'materialized', flow: 'assets', metadata: { rows: 3 } }]);
});

test('a run that failed in the middle goes on without doing again what finished; limits hold across processes', async () => {
  const start = async (deployment: string, parameters: Record<string, unknown> = {}) => {
    const { id } = await system.client.runs.create.mutate({ deployment, parameters });
    return system.client.waitForRun(id, { timeoutMs: 60_000 });
  };
  const [resumed, counted] = await Promise.all([
    start('nightly-import/nightly', { failAt: 'publish' }),
    start('take-stock/default', { shelves: 6 }),
  ]);
  expect([resumed.state.name, counted.state.name]).toEqual(['Completed', 'Completed']);
  const { items } = await system.client.runs.taskRuns.query({ run: resumed.id });
  const second = items.filter(({ epoch }) => epoch === Math.max(...items.map((task) => task.epoch)));
  expect(second.find(({ taskKey }) => taskKey === 'fetch-orders#1')?.state.name).toBe('Cached');
});

test('a bucket of each kind gives the second attempt what the first kept; a typed handle runs another deployment', async () => {
  await using buckets = await openBuckets();
  const asked = [
    { deployment: 'storages/default', parameters: buckets.places },
    { deployment: 'handles/default', parameters: {} },
  ];
  const ended = await Promise.all(
    asked.map(async (run) => {
      const { id } = await system.client.runs.create.mutate(run);
      return system.client.waitForRun(id, { timeoutMs: 60_000 });
    }),
  );
  const names = ['s3', 'gcs', 'azure', 'local'];
  expect(ended.map(({ result }) => result?.body)).toEqual([names.map((name) => `${name} of attempt 1`), 5]);
});

test('a payment is approved by the person it names, and by nobody else', async () => {
  const { client } = system;
  const ask = async (by: string) => {
    const { id: run } = await client.runs.create.mutate({ deployment: 'payment/demo', parameters: { by } });
    const named = () => client.runs.get.query({ run }).then(({ state }) => state.name);
    await expect.poll(named, { timeout: 60_000, interval: 100 }).toBe('Suspended');
    return { run, answer: () => client.runs.resume.mutate({ run, input: { approved: true, account: 'DE02' } }) };
  };
  const [mine, another] = await Promise.all([ask(OWNER_EMAIL), ask('cfo@example.com')]);
  await expect(another.answer()).rejects.toThrow('Only cfo@example.com may answer "pay"');
  await mine.answer(); // by a key of the owner
  const paid = await client.waitForRun(mine.run, { timeoutMs: 60_000 });
  expect([paid.state.name, paid.result?.body]).toEqual(['Completed', '900 to DE02']);
});

test('a run whose process dies of what nobody catches calls its hook before', async () => {
  const file = join(system.folder, 'crashed');
  const { id } = await system.client.runs.create.mutate({ deployment: 'crashing/pattern', parameters: { file } });
  const { state } = await system.client.waitForRun(id, { timeoutMs: 60_000 });
  expect([state.type, state.message]).toEqual(['FAILED', 'nobody catches it']);
  expect(readFileSync(file, 'utf8')).toBe('crashed: nobody catches it');
});

test('the trace of a request goes on in its run', async () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const traced = createClient({ url: system.url, apiKey: system.apiKey, headers: { traceparent } });
  const { id } = await traced.runs.create.mutate({ deployment: 'context/pattern' });
  expect((await traced.runs.get.query({ run: id })).parameters.traceparent).toBe(traceparent);
  expect((await system.client.waitForRun(id, { timeoutMs: 60_000 })).result?.body).toMatchObject({ traceparent });
});

test('a task that a flow delays is run by the program that serves it', async () => {
  const env = { ...process.env, SIGNALBOX_URL: system.url, SIGNALBOX_API_KEY: system.apiKey };
  const cwd = system.folder;
  const worker = spawn(process.execPath, [join(ROOT, 'examples/background/worker.ts')], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [worker.stdout, worker.stderr]) stream.on('data', (text: Buffer) => (output += text));
  const ended = once(worker, 'exit');
  try {
    const served = () =>
      system.client.deployments.get.query({ deployment: 'send-invoice/background' }).then(
        () => true,
        () => false,
      );
    await expect.poll(served, { timeout: 30_000, message: output }).toBe(true);
    const { id } = await system.client.runs.create.mutate({ deployment: 'invoices/default' });
    const asked = await system.client.waitForRun(id, { timeoutMs: 60_000 });
    const runs = asked.result?.body as never[];
    const sent = await Promise.all(runs.map((run) => system.client.waitForRun(run, { timeoutMs: 60_000 })));
    expect(sent.map(({ state, result }) => [state.name, result?.body])).toEqual(
      ['ada', 'alan'].map((name) => ['Completed', `${name}@example.com pays until 2026-12-31`]),
    );
    const { items } = await system.client.runs.list.query({ filter: { kinds: ['task'] } });
    expect(items.map((run) => [run.id, run.kind]).sort()).toEqual(runs.map((run) => [run, 'task']).sort());
  } finally {
    worker.kill('SIGTERM');
  }
  expect((await ended)[0], output).toBe(0);
});

test('a failed run leads to a message, an incident and a retry, and its recovery ends them', async () => {
  const { client } = system;
  await client.notifications.create.mutate({ name: 'chat', target: { kind: 'slack', url: `${http.url}/services/T0/B0/secret` } });
  await client.notifications.create.mutate({ name: 'mail', target: { kind: 'email', to: ['ops@example.com'] } });
  const tell = {
    type: 'send-notification',
    subject: '{{ deployment.path }} failed',
    body: '{{ run.message }}',
    severity: 'high',
    fingerprint: '{{ deployment.id }}',
  } as const;
  const told = [
    { ...tell, channel: 'chat' },
    { ...tell, channel: 'mail' },
  ];
  await client.automations.create.mutate({
    name: 'Mend it',
    trigger: {
      type: 'event',
      expect: ['run.Failed'],
      matchRelated: { role: 'deployment', path: 'mended/test' },
      forEach: ['related:deployment:id'],
      resolveOn: { expect: ['run.Completed'], matchRelated: [{ role: 'deployment', path: 'mended/test' }] },
    },
    onTrigger: [...told, { type: 'declare-incident', title: '{{ deployment.path }} fails', severity: 'critical' }, { type: 'retry-run' }],
    onResolve: [...told, { type: 'resolve-incident', text: 'It was retried.' }],
  });
  const flag = join(system.folder, 'mended');
  const { id } = await client.runs.create.mutate({ deployment: 'mended/test', parameters: { flag } });
  await expect.poll(() => http.received.length, { timeout: 60_000 }).toBe(2);
  const chat = http.received.map(({ body }) => JSON.parse(body) as { text: string; attachments: { color: string }[] });
  expect(chat.map(({ text, attachments }) => [text, attachments[0]?.color])).toEqual([
    ['mended/test failed', '#dc2626'],
    ['Over: mended/test failed', '#16a34a'],
  ]);
  await expect.poll(() => mail.received.length, { timeout: 30_000 }).toBe(2);
  expect(mail.received.map(({ data }) => /^Subject: (.*)$/m.exec(data)?.[1])).toEqual(['mended/test failed', 'Over: mended/test failed']);
  expect(mail.received[0]?.data).toContain('no station 12');
  expect((await client.runs.get.query({ run: id })).state).toMatchObject({ type: 'COMPLETED' });
  const resolved = async () =>
    (await client.incidents.list.query({ about: id })).items.map(({ title, status, severity }) => [title, status, severity]);
  await expect.poll(resolved, { timeout: 30_000 }).toEqual([['mended/test fails', 'resolved', 'critical']]);
  const [incident] = (await client.incidents.list.query({ about: id })).items;
  const { entries } = await client.incidents.get.query({ incident: incident?.id as NonNullable<typeof incident>['id'] });
  expect(entries.map(({ kind, actor: { name } }) => [kind, name])).toEqual([
    ['declared', 'Mend it'],
    ['resolved', 'Mend it'],
  ]);
});

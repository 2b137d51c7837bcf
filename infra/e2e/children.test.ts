/** Parents and children on one agent with one slot: nobody waits for a slot that a waiting parent holds. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toUuid } from '@signalbox/proto';
import type { RunDetail } from '@signalbox/proto/api';
import { deploy } from '@signalbox/sdk';
import { createClient } from '@signalbox/sdk/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deployments as example } from '../../examples/family/flow.ts';
import { runTag } from '../test-support/run-tag.ts';
import { type System, startSystem } from '../test-support/system.ts';
import { deployments } from './flows/family.ts';

let system: System;

beforeAll(async () => {
  system = await startSystem({
    tag: runTag(),
    controlPlaneEnv: { SIGNALBOX_LEASE_MS: '4000', SIGNALBOX_RENEW_MS: '500', SIGNALBOX_LOST_GRACE_MS: '3000' },
    slots: 1,
  });
  // The pool itself takes no more than one either: what is proved is not the agent's count alone.
  await system.client.workPools.update.mutate({ pool: 'local', concurrencyLimit: 1 });
  for (const [definitions, path] of [[deployments, './flows/family.ts'] as const, [example, '../../examples/family/flow.ts'] as const]) {
    const from = { url: new URL(path, import.meta.url).href };
    await deploy(
      definitions.map((definition) => ({ ...definition, options: { ...definition.options, from } })),
      { client: system.client },
    );
  }
});
afterAll(() => system?.[Symbol.asyncDispose]());

type Family = {
  readonly run: RunDetail['id'];
  readonly folder: string;
  open(n: number): void;
  lines(file: string): string[];
  kids(): Promise<{ id: RunDetail['id']; state: string }[]>;
  state(): Promise<string>;
  ended(): Promise<RunDetail>;
};

async function start(parameters: Record<string, unknown>): Promise<Family> {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-family-'));
  const { id: run } = await system.client.runs.create.mutate({ deployment: 'family/test', parameters: { ...parameters, folder } });
  const family: Family = {
    run,
    folder,
    open: (n) => writeFileSync(join(folder, `open-${n}`), ''),
    lines: (file) => linesOf(join(folder, file)),
    kids: async () => {
      const { items } = await system.client.runs.children.query({ run });
      return items.map(({ id, state }) => ({ id, state: state.name }));
    },
    state: async () =>
      system.client.runs.get.query({ run }).then(
        ({ state }) => state.name,
        (error: Error) => `unknown: ${error.message}`,
      ),
    ended: async () => {
      await expect.poll(() => family.state(), { timeout: 60_000, interval: 200 }).toMatch(/Completed|Failed|Crashed|Cancelled/);
      return system.client.runs.get.query({ run });
    },
  };
  return family;
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').trim().split('\n').filter(Boolean);
  } catch {
    return [];
  }
}

const atGate = (family: Family, kids = 1) => expect.poll(() => family.lines('starts').length, { timeout: 30_000 }).toBe(kids);
const waits = (family: Family) => expect.poll(() => family.state(), { timeout: 30_000 }).toBe('AwaitingChild');
const holders = () => system.sql<{ run_id: string }>('SELECT run_id FROM holder');

test('a parent runs two children in turn in the one slot, and completes', async () => {
  const family = await start({ children: 2 });
  const run = await family.ended();
  expect(run.state.type).toBe('COMPLETED');
  expect(run.result?.body).toBe(5);
  expect(family.lines('ends')).toEqual(['1', '2']);
  expect((await family.kids()).map(({ state }) => state)).toEqual(['Completed', 'Completed']);
  const names = run.states.map(({ name }) => name);
  expect(names.filter((name) => name === 'AwaitingChild')).toHaveLength(2);
  expect(names.slice(-2)).toEqual(['Running', 'Completed']);
  expect(await holders()).toEqual([]);
});

test('children that are started at once take turns in the one slot', async () => {
  const family = await start({ children: 3, atOnce: true });
  const run = await family.ended();
  expect(run.result?.body).toBe(14);
  expect(family.lines('ends').sort()).toEqual(['1', '2', '3']);
});

test('while the parent waits, its child alone holds the slot, and each names the other', async () => {
  const family = await start({ children: 1, isGated: true });
  await atGate(family);
  await waits(family);
  const [kid] = await family.kids();
  expect(await holders()).toEqual([{ run_id: toUuid('run', kid?.id ?? '') }]);
  const child = await system.client.runs.get.query({ run: kid?.id ?? family.run });
  expect(child.parent).toMatchObject({ id: family.run, deployment: { name: 'test' }, step: 'kid/test#1' });
  const parent = await system.client.runs.get.query({ run: family.run });
  expect(parent.children).toMatchObject([{ id: kid?.id, step: 'kid/test#1' }]);
  family.open(1);
  expect((await family.ended()).state.type).toBe('COMPLETED');
});

test('kill -9 of the agent while the parent waits: both live on, and nothing is started twice', async () => {
  const family = await start({ children: 2, isGated: true });
  await atGate(family);
  await waits(family);
  await system.kill('agent');
  family.open(1);
  await system.start('agent');
  await atGate(family, 2);
  family.open(2);
  const run = await family.ended();
  expect(run.state.type).toBe('COMPLETED');
  expect(run.result?.body).toBe(5);
  expect(family.lines('parents')).toHaveLength(1);
  expect(family.lines('starts')).toHaveLength(2);
  expect(await holders()).toEqual([]);
});

test('a cancel of the parent cancels its running child', async () => {
  const family = await start({ children: 1, isGated: true });
  await atGate(family);
  await waits(family);
  await system.client.runs.cancel.mutate({ run: family.run });
  expect((await family.ended()).state.type).toBe('CANCELLED');
  await expect.poll(async () => (await family.kids())[0]?.state, { timeout: 20_000 }).toBe('Cancelled');
  const [kid] = await family.kids();
  const child = await system.client.runs.get.query({ run: kid?.id ?? family.run });
  expect(child.states.map(({ message }) => message)).toContain(`cancelled by the end of its parent ${family.run} (Cancelling)`);
  expect(family.lines('ends')).toEqual([]);
  expect(await holders()).toEqual([]);
});

test('a child that ends while the control plane is down: the parent goes on when it is back', async () => {
  const family = await start({ children: 1, isGated: true });
  await atGate(family);
  await waits(family);
  await system.kill('control-plane');
  family.open(1);
  await expect.poll(() => family.lines('ends').length, { timeout: 20_000 }).toBe(1);
  await system.start('control-plane');
  const run = await family.ended();
  expect(run.state.type).toBe('COMPLETED');
  expect(run.result?.body).toBe(1);
});

test('a retry by hand keeps the child that completed and makes another of the one that failed', async () => {
  const family = await start({ children: 2, failing: 2 });
  const first = await family.ended();
  expect(first.state).toMatchObject({ type: 'FAILED', message: expect.stringContaining('kid 2 is broken') });
  writeFileSync(join(family.folder, 'mended'), '');
  await system.client.runs.retry.mutate({ run: family.run, mode: 'from-failed' });
  const second = await family.ended();
  expect(second.result?.body).toBe(5);
  expect(family.lines('ends')).toEqual(['1', '2']);
  expect((await family.kids()).map(({ state }) => state)).toEqual(['Completed', 'Failed', 'Completed']);
  expect(second.attempts.at(-1)?.cause).toMatchObject({ kind: 'by-hand', mode: 'from-failed', by: expect.stringContaining('tests') });
});

test('the example adds up what its children give', async () => {
  const { id } = await system.client.runs.create.mutate({ deployment: 'regions/all', parameters: { names: ['north', 'east'] } });
  const run = await system.client.waitForRun(id, { timeoutMs: 60_000 });
  expect(run.state.type).toBe('COMPLETED');
  expect(run.result?.body).toBe(9);
  expect(run.children.map(({ deployment, tags }) => [deployment.name, tags])).toEqual([
    ['one', ['regions']],
    ['one', ['regions']],
  ]);
});

test('a flow asks the API by the token of its run, which is masked in what it says and ends with it', async () => {
  const { client } = system;
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-family-'));
  const { id } = await client.runs.create.mutate({ deployment: 'asking/test', parameters: { folder } });
  const run = await client.waitForRun(id, { timeoutMs: 60_000 });
  expect([run.state.type, run.result?.body]).toEqual([
    'COMPLETED',
    { actor: 'run', child: expect.stringMatching(/^run_/), refused: 'FORBIDDEN', own: true },
  ]);
  const token = readFileSync(join(folder, 'token'), 'utf8');
  expect(token).toMatch(/^sbr_eyJ/);
  const said = async () => {
    const { lines } = await client.runs.logs.query({ run: id });
    return lines.map(({ message }) => message).filter((message) => message.startsWith('asked with'));
  };
  await expect.poll(said).toEqual(['asked with ******', 'asked with ******']);
  const late = createClient({ url: system.url, apiKey: token, retry: { retries: 0 } });
  await expect(late.me.get.query()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  // A refusal is answered before it is written down.
  const refusals = () => system.sql<{ after: object }>("SELECT after FROM audit_entry WHERE action = 'run-token.use'");
  await expect.poll(async () => (await refusals())[0]?.after).toMatchObject({ because: 'ended' });
});

/** Limits that runs share, with the real thing: who waits goes on when the holder gives back, and when it is gone for good. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunDetail } from '@signalbox/proto/api';
import { deploy } from '@signalbox/sdk';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { runTag } from '../test-support/run-tag.ts';
import { type System, startSystem } from '../test-support/system.ts';
import { deployments } from './flows/limited.ts';

let system: System;
let folder: string;

beforeAll(async () => {
  system = await startSystem({
    tag: runTag(),
    controlPlaneEnv: { SIGNALBOX_LEASE_MS: '4000', SIGNALBOX_RENEW_MS: '500', SIGNALBOX_LOST_GRACE_MS: '3000' },
    slots: 1,
    agents: 2,
  });
  const file = new URL('./flows/limited.ts', import.meta.url);
  await deploy(
    deployments.map((definition) => ({ ...definition, options: { ...definition.options, from: { url: file.href } } })),
    { client: system.client },
  );
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-limits-'));
});
afterAll(() => system?.[Symbol.asyncDispose]());

const start = (name: string, deployment = 'limited/test') =>
  system.client.runs.create.mutate({ deployment, name, parameters: { folder, name } }).then(({ id }) => id);
const open = (name: string) => writeFileSync(join(folder, `${name}-open`), '');
const read = (file: string) => {
  try {
    return readFileSync(join(folder, file), 'utf8').trim().split('\n');
  } catch {
    return [];
  }
};
/** When a run did something, and in which process; undefined when it did not. */
function noted(name: string, what: string): { at: number; pid: number } | undefined {
  const [at, pid] = (read('notes').find((line) => line.startsWith(`${name} ${what} `)) ?? '').split(' ').slice(2).map(Number);
  return at && pid ? { at, pid } : undefined;
}
const until = (name: string, what: string) => expect.poll(() => noted(name, what), { timeout: 60_000, interval: 50 }).toBeDefined();
const ended = async (run: RunDetail['id']) => {
  const state = async () => (await system.client.runs.get.query({ run })).state.type;
  await expect.poll(state, { timeout: 60_000, interval: 200 }).toMatch(/COMPLETED|FAILED|CRASHED|CANCELLED/);
  return state();
};
const limitOf = (name: string) => system.client.limits.get.query({ limit: name });

/** One run inside, another that waits for it. */
async function holderAndWaiter() {
  const holder = await start('holder');
  await until('holder', 'enters');
  const waiter = await start('waiter');
  await until('waiter', 'asks');
  await expect.poll(async () => (await limitOf('one')).waiting, { timeout: 20_000 }).toBe(1);
  return { holder, waiter };
}

async function expectNothingHeld() {
  expect(await system.sql('SELECT * FROM limit_holder')).toEqual([]);
  expect(await system.sql('SELECT * FROM limit_waiter')).toEqual([]);
}

test('who waits is told why and behind whom, and goes on at once when the slot is given back', async () => {
  const { holder, waiter } = await holderAndWaiter();
  expect(await limitOf('one')).toMatchObject({ taken: 1, waiting: 1 });
  expect((await system.client.limits.holders.query({ of: 'one' })).items).toMatchObject([{ run: { id: holder, name: 'holder' } }]);
  expect((await system.client.limits.waiters.query({ of: 'one' })).items).toMatchObject([{ run: { id: waiter, name: 'waiter' } }]);
  expect((await system.client.runs.explain.query({ run: waiter })).blockers).toMatchObject([
    { kind: 'limit-full', holders: [{ run: holder }] },
  ]);

  open('holder');
  open('waiter');
  expect([await ended(holder), await ended(waiter)]).toEqual(['COMPLETED', 'COMPLETED']);
  const handOffMs = (noted('waiter', 'enters')?.at ?? Number.NaN) - (noted('holder', 'leaves')?.at ?? 0);
  // By the wake: who only asked again every 5 to 10 s would mostly come later.
  expect(handOffMs).toBeLessThan(3_000);
  expect(handOffMs).toBeGreaterThanOrEqual(0);
  await expectNothingHeld();
});

test('kill -9 of the holder and its agent, for good: its run is lost, then crashed, and who waits goes on', async () => {
  const { holder, waiter } = await holderAndWaiter();
  const [{ agent } = { agent: '' }] = await system.sql<{ agent: string }>(
    `SELECT a.name AS agent FROM limit_holder h JOIN run_dispatch d ON d.run_id = h.run_id JOIN agent a ON a.id = d.agent_id`,
  );
  await system.kill(agent);
  process.kill(noted('holder', 'enters')?.pid ?? 0, 'SIGKILL');
  await until('waiter', 'enters');
  open('waiter');
  expect([await ended(holder), await ended(waiter)]).toEqual(['CRASHED', 'COMPLETED']);
  await expectNothingHeld();
  await system.start(agent);
});

test('kill -9 of the control plane while a slot is held: it is given back when it is there again, once', async () => {
  const { holder, waiter } = await holderAndWaiter();
  await system.kill('control-plane');
  open('holder');
  await until('holder', 'leaves');
  expect(noted('waiter', 'enters')).toBeUndefined();
  await system.start('control-plane');
  await until('waiter', 'enters');
  open('waiter');
  expect([await ended(holder), await ended(waiter)]).toEqual(['COMPLETED', 'COMPLETED']);
  await expectNothingHeld();
});

test('task runs with a tag take turns across runs', async () => {
  const runs = [await start('a', 'tagged/test'), await start('b', 'tagged/test')];
  expect(await Promise.all(runs.map(ended))).toEqual(['COMPLETED', 'COMPLETED']);
  let inside = 0;
  let most = 0;
  for (const line of read('tagged')) {
    inside += line.startsWith('+') ? 1 : -1;
    most = Math.max(most, inside);
  }
  expect(read('tagged')).toHaveLength(32);
  expect(most).toBeLessThanOrEqual(2);
  await expect.poll(async () => (await system.sql('SELECT * FROM limit_holder')).length).toBe(0);
});

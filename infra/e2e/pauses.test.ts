/** Runs that wait for a person, on the real system: through kills of everything in between. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toUuid } from '@signalbox/proto';
import type { RunDetail } from '@signalbox/proto/api';
import { deploy } from '@signalbox/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deployments as approvals } from '../../examples/approval/flow.ts';
import { runTag } from '../test-support/run-tag.ts';
import { type System, startSystem } from '../test-support/system.ts';
import { deployments } from './flows/waiting.ts';

let system: System;

beforeAll(async () => {
  system = await startSystem({
    tag: runTag(),
    controlPlaneEnv: { SIGNALBOX_LEASE_MS: '8000', SIGNALBOX_RENEW_MS: '500', SIGNALBOX_LOST_GRACE_MS: '60000' },
    slots: 4,
    spareAgents: 1,
  });
  const file = new URL('./flows/waiting.ts', import.meta.url);
  await deploy(
    deployments.map((definition) => ({ ...definition, options: { ...definition.options, from: { url: file.href } } })),
    { client: system.client },
  );
  const example = new URL('../../examples/approval/flow.ts', import.meta.url);
  await deploy(
    approvals.map((definition) => ({ ...definition, options: { ...definition.options, from: { url: example.href } } })),
    { client: system.client },
  );
});
afterAll(() => system?.[Symbol.asyncDispose]());

async function start(flow: string, more: Record<string, unknown> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-waits-'));
  const { id: run } = await system.client.runs.create.mutate({ deployment: `${flow}/test`, parameters: { folder, ...more } });
  const get = () => system.client.runs.get.query({ run });
  return {
    run,
    get,
    steps: () => read(join(folder, 'steps')),
    stop: () => writeFileSync(join(folder, 'stop'), ''),
    /** The run, once it is in this state. */
    async until(name: string): Promise<RunDetail> {
      const named = () => get().then(({ state }) => state.name, String);
      await expect.poll(named, { timeout: 60_000, interval: 100 }).toBe(name);
      return get();
    },
    resume: (input: Record<string, unknown> = {}) => system.client.runs.resume.mutate({ run, input }),
    holders: async () => (await system.sql('SELECT 1 FROM holder WHERE run_id = $1', [toUuid('run', run)])).length,
  };
}

function read(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').trim().split('\n').filter(Boolean);
  } catch {
    return [];
  }
}

describe('a pause', () => {
  test('outlives a kill -9 of the agent and of the control plane, and longer than the flow may take', async () => {
    const waits = await start('waits-paused');
    const { pause } = await waits.until('Paused');
    expect(pause).toMatchObject({ key: 'amount', message: 'How much?', inEffect: true });
    await system.kill('agent');
    await system.kill('control-plane');
    await system.start('control-plane');
    // The flow may take 8 s; more than that passes before it is answered.
    const since = Date.now();
    await expect.poll(() => Date.now() - since, { timeout: 20_000 }).toBeGreaterThan(8_500);
    await system.start('agent');
    await expect(waits.resume({ amount: 'much' })).rejects.toThrow(/input\.amount/);
    await waits.resume({ amount: 100 });
    const run = await waits.until('Completed');
    expect(run.result?.body).toBe(111);
    expect(waits.steps()).toEqual(['before', 'after']);
    expect(run.attempts).toHaveLength(1);
  });

  test('that nobody answers in time ends the process, and the run is Failed', async () => {
    const waits = await start('waits-paused', { timeout: 1_500 });
    const run = await waits.until('Failed');
    expect(run.states.map(({ name }) => name)).toEqual(expect.arrayContaining(['Paused', 'Cancelling', 'Failed']));
    expect(run.failure).toMatchObject({ kind: 'timed-out' });
    expect(await waits.holders()).toBe(0);
  });

  test('is cancelled like any run', async () => {
    const waits = await start('waits-paused');
    await waits.until('Paused');
    await system.client.runs.cancel.mutate({ run: waits.run });
    await waits.until('Cancelled');
    expect(await waits.holders()).toBe(0);
  });

  test('that a person asks for begins before the next task', async () => {
    const waits = await start('steps');
    await expect.poll(waits.steps, { timeout: 30_000 }).toContain('step 2');
    await system.client.runs.pause.mutate({ run: waits.run, message: 'wait' });
    const { pause } = await waits.until('Paused');
    expect(pause).toMatchObject({ message: 'wait', inEffect: true });
    const steps = waits.steps().length;
    await waits.resume();
    await expect.poll(() => waits.steps().length, { timeout: 20_000 }).toBeGreaterThan(steps);
    waits.stop();
    await waits.until('Completed');
  });
});

describe('a suspension', () => {
  test('holds nothing, outlives the control plane, and goes on elsewhere with finished tasks left alone', async () => {
    const waits = await start('waits-suspended');
    const { agent } = await waits.until('Suspended');
    expect(agent).toBeNull();
    expect(await waits.holders()).toBe(0);
    await system.stop('agent');
    await system.kill('control-plane');
    await system.start('control-plane');
    await waits.resume({ amount: 100 });
    await waits.until('Resuming');
    await system.start('agent-2');
    const run = await waits.until('Completed');
    expect(run.result?.body).toBe(111);
    expect(waits.steps()).toEqual(['before', 'after']);
    expect(run.attempts.map((attempt) => attempt.agent?.name)).toEqual(expect.arrayContaining(['agent', 'agent-2']));
    await system.start('agent');
    await system.stop('agent-2');
  });

  test('that nobody ends in time is Failed, and one that is cancelled is so at once', async () => {
    const late = await start('waits-suspended', { timeout: 1_000 });
    const cancelled = await start('waits-suspended');
    await cancelled.until('Suspended');
    await system.client.runs.cancel.mutate({ run: cancelled.run });
    expect((await cancelled.get()).state.name).toBe('Cancelled');
    expect((await late.until('Failed')).failure).toMatchObject({ kind: 'timed-out', message: 'nobody resumed it in time' });
  });

  test('that a person asks for ends the process at the next task, and nothing finished is run again', async () => {
    const waits = await start('steps');
    await expect.poll(waits.steps, { timeout: 30_000 }).toContain('step 2');
    await system.client.runs.suspend.mutate({ run: waits.run });
    await waits.until('Suspended');
    const before = waits.steps();
    await waits.resume();
    await expect.poll(() => waits.steps().length, { timeout: 30_000 }).toBeGreaterThan(before.length);
    waits.stop();
    await waits.until('Completed');
    expect(new Set(waits.steps()).size).toBe(waits.steps().length);
  });
});

test('the example sends its report once a person has approved it', async () => {
  const { id: run } = await system.client.runs.create.mutate({ deployment: 'approval/demo', parameters: {} });
  const get = () => system.client.runs.get.query({ run });
  const named = () => get().then(({ state }) => state.name, String);
  await expect.poll(named, { timeout: 60_000, interval: 100 }).toBe('Suspended');
  const { pause } = await get();
  expect(pause?.inputSchema).toMatchObject({ properties: { approved: { type: 'boolean' } }, required: ['approved'] });
  await system.client.runs.resume.mutate({ run, input: { approved: true, comment: 'looks right' } });
  await expect.poll(named, { timeout: 60_000, interval: 100 }).toBe('Completed');
  expect((await get()).result?.body).toBe('sent');
});

test('a flow that blocks its event loop is ended at its timeout all the same', async () => {
  const waits = await start('blocks');
  const run = await waits.until('TimedOut');
  expect(run.state.type).toBe('FAILED');
  expect(run.state.message).toContain('ran longer than its timeout');
});

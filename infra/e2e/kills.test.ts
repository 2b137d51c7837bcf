/** What the product promises: kill any process in the middle of a run, and the run ends right, with a plain cause. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toUuid } from '@signalbox/proto';
import type { RunDetail } from '@signalbox/proto/api';
import { deploy } from '@signalbox/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runTag } from '../test-support/run-tag.ts';
import { type System, startSystem } from '../test-support/system.ts';
import { deployments } from './flows/gated.ts';

const STEPS = 5;
/** Sum of the squares of both halves. */
const RESULT = 2 * (1 + 4 + 9 + 16 + 25);

let system: System;

beforeAll(async () => {
  system = await startSystem({
    tag: runTag(),
    controlPlaneEnv: { SIGNALBOX_LEASE_MS: '4000', SIGNALBOX_RENEW_MS: '500', SIGNALBOX_LOST_GRACE_MS: '3000' },
    slots: 4,
    spareAgents: 1,
  });
  const file = new URL('./flows/gated.ts', import.meta.url);
  await deploy(
    deployments.map((definition) => ({ ...definition, options: { ...definition.options, from: { url: file.href } } })),
    { client: system.client },
  );
});
afterAll(() => system?.[Symbol.asyncDispose]());

type Gated = { run: RunDetail['id']; open(): void; starts(): string[]; ended(): Promise<RunDetail>; pid(): number };

/** A run that has passed its first half and waits at its gate. */
async function atGate(deployment = 'gated/test', parameters: Record<string, unknown> = { steps: STEPS }): Promise<Gated> {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-gate-'));
  const { id } = await system.client.runs.create.mutate({ deployment, parameters: { ...parameters, folder } });
  await expect.poll(() => lines(join(folder, 'at-gate')).length, { timeout: 30_000 }).toBeGreaterThan(0);
  return {
    run: id,
    open: () => writeFileSync(join(folder, 'open'), ''),
    starts: () => lines(join(folder, 'starts')),
    pid: () => Number(lines(join(folder, 'at-gate')).at(-1)),
    ended: async () => {
      await expect.poll(() => stateOf(id), { timeout: 60_000, interval: 200 }).toMatch(/COMPLETED|FAILED|CRASHED|CANCELLED/);
      return system.client.runs.get.query({ run: id });
    },
  };
}

/** The run's state, or why it cannot be told right now. */
async function stateOf(run: RunDetail['id']): Promise<string> {
  return system.client.runs.get.query({ run }).then(
    (detail) => detail.state.type,
    (error: Error) => `unknown: ${error.message}`,
  );
}

async function loggedSteps(run: RunDetail['id']): Promise<number> {
  const page = await system.client.runs.logs.query({ run });
  return page.lines.filter((line) => line.message.startsWith('step ')).length;
}

function lines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').trim().split('\n').filter(Boolean);
  } catch {
    return [];
  }
}

/** Nothing is left of a run that ended: no slot, no dispatch row, no second start. */
async function expectNothingLeft(gated: Gated): Promise<void> {
  const uuid = toUuid('run', gated.run);
  expect(await system.sql('SELECT * FROM holder WHERE run_id = $1', [uuid])).toEqual([]);
  expect(await system.sql('SELECT * FROM run_dispatch WHERE run_id = $1', [uuid])).toEqual([]);
  expect(new Set(gated.starts()).size).toBe(gated.starts().length);
}

async function expectCompletedOnce(gated: Gated): Promise<void> {
  const run = await gated.ended();
  expect(run.state).toMatchObject({ type: 'COMPLETED' });
  expect(run.result?.body).toBe(RESULT);
  expect(gated.starts()).toHaveLength(1);
  const tasks = await system.client.runs.taskRuns.query({ run: run.id });
  expect(tasks.items.map((task) => task.state.type)).toEqual(Array(2 * STEPS).fill('COMPLETED'));
  // Logs travel in a channel of their own and may come after the end.
  await expect.poll(() => loggedSteps(run.id), { timeout: 20_000 }).toBe(2 * STEPS);
  await expectNothingLeft(gated);
}

describe('kill -9 in the middle of a run', () => {
  test('of the agent: its children live on, it takes them back, and nothing is lost or started twice', async () => {
    const gated = await atGate();
    await system.kill('agent');
    gated.open();
    await system.start('agent');
    await expectCompletedOnce(gated);
  });

  test('of the child: the run crashed, and says by which signal', async () => {
    const gated = await atGate();
    process.kill(gated.pid(), 'SIGKILL');
    const run = await gated.ended();
    expect(run.state.type).toBe('CRASHED');
    expect(run.state.message).toMatch(/SIGKILL/);
    expect(run.failure).toMatchObject({ kind: 'crashed' });
    await expectNothingLeft(gated);
  });

  test('of the control plane: the run goes on, and is told when it is back', async () => {
    const gated = await atGate();
    await system.kill('control-plane');
    gated.open();
    await system.start('control-plane');
    await expectCompletedOnce(gated);
  });

  test('of NATS: the run goes on, and is told when it is back', async () => {
    const gated = await atGate();
    await system.kill('nats');
    gated.open();
    await system.start('nats');
    await expectCompletedOnce(gated);
  });

  test('of Postgres: the run goes on, and is told when it is back', async () => {
    const gated = await atGate();
    await system.kill('postgres');
    gated.open();
    await system.start('postgres');
    await expectCompletedOnce(gated);
  });

  test('of the agent and its children, for good: the run is lost, then crashed, and its slot is free', async () => {
    const gated = await atGate();
    const child = gated.pid();
    await system.kill('agent');
    process.kill(child, 'SIGKILL');
    const run = await gated.ended();
    expect(run.state.type).toBe('CRASHED');
    expect(run.state.message).toMatch(/agent/i);
    expect(run.states.map((state) => state.name)).toContain('Lost');
    await expectNothingLeft(gated);
    await system.start('agent');
  });

  test.each([
    [
      'a run that may be repeated',
      'gated/requeue',
      { kind: 'requeue', message: expect.stringMatching(/not heard of .* to be claimed again/) },
    ],
    [
      'a run with a flow retry left',
      'retried/test',
      { kind: 'retry', message: expect.stringMatching(/attempt 1 ended: its agent was not heard of/) },
    ],
  ])('of the agent and its children, for good: %s starts again elsewhere under a higher epoch', async (_what, deployment, cause) => {
    const gated = await atGate(deployment);
    const child = gated.pid();
    await system.kill('agent');
    process.kill(child, 'SIGKILL');
    gated.open();
    await system.start('agent-2');
    const run = await gated.ended();
    expect(run.state.type).toBe('COMPLETED');
    expect(gated.starts()).toHaveLength(2);
    const epochs = gated.starts().map((line) => Number(line.split(' ')[1]));
    expect(epochs[1]).toBeGreaterThan(epochs[0] ?? 0);
    expect(run.attempts.map((attempt) => attempt.cause.kind)).toEqual(['first', cause.kind]);
    expect(run.attempts.at(-1)?.cause).toMatchObject(cause);
    await expectNothingLeft(gated);
    await system.stop('agent-2');
    await system.start('agent');
  });
});

describe('a cancelled run', () => {
  test('that blocks its thread and ignores TERM is killed after its grace', async () => {
    const gated = await atGate('stubborn/test', {});
    await system.client.runs.cancel.mutate({ run: gated.run });
    const run = await gated.ended();
    expect(run.state.type).toBe('CANCELLED');
    expect(() => process.kill(gated.pid(), 0)).toThrow(/ESRCH/);
    await expectNothingLeft(gated);
  });
});

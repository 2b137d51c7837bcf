/** The agent as a real process against a fake control plane over a real nats-server. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FaultPoint } from '@signalbox/proto/faults';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AgentHome } from '../test/agent-process.ts';
import { FakeControlPlane } from '../test/fake-control-plane.ts';
import { readStatus } from './status.ts';

let control: FakeControlPlane;
let home: AgentHome;
let signal: AbortSignal;

beforeEach(async () => {
  control = await FakeControlPlane.start();
  home = new AgentHome(control.url);
  signal = AbortSignal.timeout(25_000);
});
afterEach(async () => {
  await home?.[Symbol.asyncDispose]();
  await control?.[Symbol.asyncDispose]();
});

const HOUR_MS = 3_600_000;
const WRONG_CLOCK = join(import.meta.dirname, '../test/wrong-clock.ts');
const gate = () => join(home.folder, 'gate');
const openGate = () => writeFileSync(gate(), '');
const started = async (...args: Parameters<AgentHome['start']>) => {
  const agent = home.start(...args);
  await agent.says('ready', signal);
  return agent;
};

describe('a run', () => {
  test('is claimed on an offer, permitted, started, told and let go', async () => {
    const agent = await started();
    const run = control.add('works', { journal: home.journal });
    await control.until(() => control.end(run) !== undefined, signal);
    // A busy child may take two batches for the moves of its task.
    expect([...new Set(control.entries.state.map((entry) => entry.type))]).toEqual(['run.started', 'task.state', 'run.ended']);
    expect(control.end(run)).toMatchObject({ state: 'COMPLETED', result: { encoding: 'json', body: 42 } });
    await control.until(() => control.logText(run).includes('logger: hello from the flow'), signal);
    await control.until(() => control.logText(run).includes('stdout: printed by the flow'), signal);
    await control.until(() => control.renewals.at(-1)?.count === 0, signal);
    agent.kill('SIGTERM');
    await agent.gone(signal);
    expect(agent.exit).toEqual({ code: 0, signal: null });
    await expect.poll(() => home.processes(), { timeout: 10_000 }).toEqual([]);
  });

  test('that kills itself is CRASHED with the signal as its cause', async () => {
    await started();
    const run = control.add('dies', { journal: home.journal });
    await control.until(() => control.end(run) !== undefined, signal);
    expect(control.end(run)).toMatchObject({ state: 'CRASHED', failure: { kind: 'crashed', signal: 'SIGKILL' } });
  });

  test('whose code is not there could not be started, and says which file', async () => {
    await started();
    const run = control.add(
      'works',
      {},
      { source: { kind: 'path', root: import.meta.dirname, entrypoint: 'no-such-flow.ts', exportName: 'x' } },
    );
    await control.until(() => control.of(run, 'run.start-failed').length > 0, signal);
    expect(control.of(run, 'run.start-failed')[0]?.failure.message).toContain('no-such-flow.ts');
  });

  test('that is due later is loaded ahead and asks for its permit when it is due', async () => {
    await started();
    const run = control.add('works', { journal: home.journal }, { dueInMs: 1_500 });
    await control.until(() => control.claims.length > 0, signal);
    const claimedAt = performance.now();
    await control.until(() => control.permits.length > 0, signal);
    expect(performance.now() - claimedAt).toBeGreaterThan(1_200);
    await control.until(() => control.end(run) !== undefined, signal);
  });

  test('of code that ran before starts in a warm child, granted with its claim', async () => {
    await started(['--warm', '1']);
    const first = control.add('works', { journal: home.journal });
    await control.until(() => control.end(first) !== undefined && (control.renewals.at(-1)?.status.warm ?? 0) > 0, signal);
    const permits = control.permits.length;
    const run = control.add('works', { journal: home.journal });
    await control.until(() => control.end(run) !== undefined, signal);
    expect(control.claims.map(({ warm }) => warm)).toContainEqual([{ digest: 'digest-1', count: 1 }]);
    expect(control.permits).toHaveLength(permits);
  });

  test('whose flow allows it is run in the same process as the one before', async () => {
    await started(['--warm', '1']);
    for (let i = 0; i < 3; i++) {
      const run = control.add('works', { journal: home.journal }, { isolation: 'reuse' });
      await control.until(() => control.end(run) !== undefined && control.logText(run).includes('printed by the flow'), signal);
      await control.until(() => (control.renewals.at(-1)?.status.warm ?? 0) > 0, signal);
    }
    expect(home.calls()).toHaveLength(3);
    expect(new Set(home.calls()).size).toBe(1);
  });
});

describe('ending what does not end', () => {
  test('a cancelled run that blocks its event loop is killed after the grace, by the supervisor', async () => {
    await started();
    const run = control.add('blocks', { journal: home.journal });
    await control.until(() => control.of(run, 'run.started').length > 0, signal);
    await expect.poll(() => home.calls().length, { timeout: 5_000 }).toBe(1);
    control.command('cancel', { v: 1, ...run });
    await control.until(() => control.end(run) !== undefined, signal);
    expect(control.end(run)).toMatchObject({
      state: 'CANCELLED',
      message: 'cancelled; it did not end within the 0.5 s of grace and was killed',
    });
    await expect.poll(() => home.processes(), { timeout: 10_000 }).toEqual([]);
  });

  test('a cancel that was only told in a renewal is carried out too', async () => {
    await started();
    const run = control.add('works', { journal: home.journal, gate: gate() });
    await control.until(() => control.of(run, 'run.started').length > 0, signal);
    control.toCancel.push(run);
    await control.until(() => control.end(run) !== undefined, signal);
    expect(control.end(run)?.state).toBe('CANCELLED');
  });

  test('a run longer than its timeout is FAILED as TimedOut', async () => {
    await started();
    const run = control.add('works', { journal: home.journal, gate: gate() }, { timeoutMs: 300 });
    await control.until(() => control.end(run) !== undefined, signal);
    expect(control.end(run)).toMatchObject({ state: 'FAILED', name: 'TimedOut', failure: { kind: 'timed-out' } });
  });

  test('a claim that is not ours any more has its process ended and no last word', async () => {
    await started();
    const run = control.add('works', { journal: home.journal, gate: gate() });
    await control.until(() => control.of(run, 'run.started').length > 0, signal);
    control.notYours.push(run);
    await control.until(() => control.renewals.at(-1)?.count === 0, signal);
    await expect.poll(() => home.processes(), { timeout: 10_000 }).toEqual([]);
    expect(control.end(run)).toBeUndefined();
  });
});

describe('kill -9 of the supervisor', () => {
  const survives = async (point: FaultPoint) => {
    const run = control.add('works', { journal: home.journal });
    const faults = join(home.folder, 'faults');
    mkdirSync(faults);
    writeFileSync(join(faults, point), '');
    const first = home.start([], { SIGNALBOX_FAULT_DIR: faults });
    await first.gone(signal);
    expect(first.exit).toEqual({ code: null, signal: 'SIGKILL' });
    await started();
    return run;
  };

  test('after a claim that was not journalled, nothing of it is held: it goes back by itself', async () => {
    const run = await survives('after-claim');
    expect(control.hellos.at(-1)?.holding).toEqual([]);
    expect(home.calls()).toEqual([]);
    expect(control.end(run)).toBeUndefined();
  });

  test.each(['after-claim-journalled', 'after-launch', 'after-load', 'after-grant', 'after-grant-journalled'] as const)(
    '%s, the run is given back unstarted',
    async (point) => {
      const run = await survives(point);
      await control.until(() => control.of(run, 'run.given-back').length > 0, signal);
      expect(home.calls()).toEqual([]);
      await expect.poll(() => home.processes(), { timeout: 10_000 }).toEqual([]);
    },
  );

  test('after start was sent, the child goes on and is taken up again: one call, one end', async () => {
    const run = await survives('after-start-sent');
    await control.until(() => control.end(run) !== undefined, signal);
    expect(control.end(run)?.state).toBe('COMPLETED');
    expect(home.calls()).toHaveLength(1);
    expect(control.of(run, 'run.started')).toHaveLength(1);
  });

  test('after the end was journalled, it is told once', async () => {
    const run = await survives('after-end-journalled');
    await control.until(() => control.end(run) !== undefined, signal);
    await control.until(() => control.renewals.at(-1)?.count === 0, signal);
    expect(control.of(run, 'run.ended')).toHaveLength(1);
    expect(home.calls()).toHaveLength(1);
  });

  test('in the middle of a run loses no log line and tells none twice', async () => {
    const first = await started();
    const run = control.add('works', { journal: home.journal, gate: gate() });
    await control.until(() => control.logText(run).includes('stdout: printed'), signal);
    first.kill('SIGKILL');
    await first.gone(signal);
    openGate();
    await started();
    await control.until(() => control.end(run) !== undefined, signal);
    expect(control.hellos.at(-1)?.holding).toEqual([run]);
    await control.until(() => control.logText(run).includes('hello from the flow'), signal);
    expect(control.logText(run).match(/printed by the flow/g)).toHaveLength(1);
    expect(control.logText(run).match(/hello from the flow/g)).toHaveLength(1);
  });

  test('tells nothing that an earlier run of the same process said', async () => {
    const first = await started(['--warm', '1']);
    const loud = control.add('works', { journal: home.journal }, { isolation: 'reuse' });
    await control.until(() => control.logText(loud).includes('printed by the flow'), signal);
    await control.until(() => (control.renewals.at(-1)?.status.warm ?? 0) > 0, signal);
    const quiet = control.add('works', { journal: home.journal, gate: gate(), quiet: true }, { isolation: 'reuse' });
    await control.until(() => control.of(quiet, 'run.started').length > 0, signal);
    first.kill('SIGKILL');
    await first.gone(signal);
    await started();
    openGate();
    await control.until(() => control.end(quiet) !== undefined && control.renewals.at(-1)?.count === 0, signal);
    expect(new Set(home.calls()).size).toBe(1);
    await control.until(() => control.logText(quiet).includes('hello from the flow'), signal);
    expect(control.logText(quiet)).not.toContain('printed by the flow');
  });

  test('and of the child too, ends the run as CRASHED', async () => {
    const first = await started();
    const run = control.add('blocks', { journal: home.journal });
    await expect.poll(() => home.calls().length, { timeout: 10_000 }).toBe(1);
    await control.until(() => control.of(run, 'run.started').length > 0, signal);
    first.kill('SIGKILL');
    await first.gone(signal);
    process.kill(Number(home.calls()[0]?.split(' ')[1]), 'SIGKILL');
    await started();
    await control.until(() => control.end(run) !== undefined, signal);
    expect(control.end(run)).toMatchObject({ state: 'CRASHED', failure: { signal: 'SIGKILL' } });
  });
});

describe('an outage of ours', () => {
  test('a claim whose answer was lost is asked again by the same id, and starts once', async () => {
    control.lost.add('claim');
    await started();
    const run = control.add('works', { journal: home.journal });
    await control.until(() => new Set(control.claims.map(({ claimId }) => claimId)).size < control.claims.length, signal);
    control.lost.delete('claim');
    await control.until(() => control.end(run) !== undefined, signal);
    expect(home.calls()).toHaveLength(1);
  });

  test('a silent control plane costs a run nothing: it ends, and is told in order when there is somebody', async () => {
    const agent = await started();
    const run = control.add('works', { journal: home.journal, gate: gate() });
    await control.until(() => control.of(run, 'run.started').length > 0, signal);
    for (const verb of ['renew', 'state', 'bulk', 'claim', 'hello'] as const) control.deaf.add(verb);
    openGate();
    await agent.says('a run ended', signal);
    expect(control.end(run)).toBeUndefined();
    control.deaf.clear();
    await control.until(() => control.end(run) !== undefined, signal);
    expect(control.entries.state.map(({ n }) => n)).toEqual(control.entries.state.map((_, index) => index + 1));
  });

  test('nats-server killed and restarted: the agent comes back by itself and takes work', async () => {
    await started();
    await control.restartNats();
    const run = control.add('works', { journal: home.journal });
    await control.until(() => control.end(run) !== undefined, signal);
  });

  test('an agent finds work without any offer', async () => {
    await control[Symbol.asyncDispose]();
    control = await FakeControlPlane.start({ claimEveryMs: { min: 100, max: 200 } });
    control.offer = async () => {};
    home = new AgentHome(control.url);
    await started();
    const run = control.add('works', { journal: home.journal });
    await control.until(() => control.end(run) !== undefined, signal);
  });

  test('another timeline of the database has reports told again', async () => {
    const agent = await started();
    const run = control.add('works', { journal: home.journal });
    await control.until(() => control.end(run) !== undefined, signal);
    control.timeline = 2;
    await agent.until(() => agent.lines.some(({ msg }) => String(msg).startsWith('the database went to another timeline')), signal);
    await control.until(() => control.renewals.at(-1)?.count === 0, signal);
  });
});

describe('a clock that is wrong by hours', () => {
  test.each([7, -7])(
    '%i h: runs start and are taken up again, what is told bears the right instants, the offset is shown',
    async (hours) => {
      const clock = { NODE_OPTIONS: `--import=${WRONG_CLOCK}`, TEST_CLOCK_OFF_MS: String(hours * HOUR_MS) };
      const beganAt = Date.now();
      const first = await started([], clock);
      const done = control.add('works', { journal: home.journal }, { dueInMs: 300, timeoutMs: 60_000 });
      await control.until(() => control.end(done) !== undefined, signal);
      const run = control.add('works', { journal: home.journal, gate: gate() }, { timeoutMs: 60_000 });
      await control.until(() => control.of(run, 'run.started').length > 0, signal);
      await expect.poll(() => Math.abs(readStatus(home.dataDir)?.clockOffsetMs ?? 0), { timeout: 10_000 }).toBeGreaterThan(HOUR_MS);
      first.kill('SIGKILL');
      await first.gone(signal);
      openGate();
      const second = await started([], clock);
      await control.until(() => control.end(run) !== undefined && control.renewals.at(-1)?.count === 0, signal);

      expect(home.calls()).toHaveLength(2);
      expect([control.end(done)?.state, control.end(run)?.state]).toEqual(['COMPLETED', 'COMPLETED']);
      await control.until(() => control.logText(run).includes('hello from the flow'), signal);
      const { state, bulk } = control.entries;
      const told = [
        ...state.map(({ at }) => at),
        ...state.flatMap((entry) => (entry.type === 'task.state' ? [entry.startedAt ?? entry.at, entry.endedAt ?? entry.at] : [])),
        ...bulk.flatMap((entry) => (entry.type === 'logs' ? entry.lines.map(({ at }) => at) : [])),
      ];
      for (const at of told) {
        expect(Date.parse(at)).toBeGreaterThan(beganAt - 5_000);
        expect(Date.parse(at)).toBeLessThan(Date.now() + 5_000);
      }
      const shown = Number(second.lines.find(({ msg }) => msg === 'ready')?.clockOffsetMs);
      expect(Math.abs(shown + hours * HOUR_MS)).toBeLessThan(5_000);
      expect(Math.abs(Date.parse(control.renewals.at(-1)?.clock ?? '') - Date.now() - hours * HOUR_MS)).toBeLessThan(5_000);
    },
  );
});

describe('a report that is refused', () => {
  test('is set aside and stops nothing', async () => {
    control.refuseEntry = (entry) => entry.type === 'task.state';
    await started();
    const run = control.add('works', { journal: home.journal });
    await control.until(() => control.end(run) !== undefined, signal);
    const file = join(home.dataDir, 'refused.jsonl');
    await expect.poll(() => existsSync(file) && readFileSync(file, 'utf8'), { timeout: 5_000 }).toContain('"type":"task.state"');
  });
});

describe('stopping', () => {
  test('TERM leaves what runs, and the next agent, without a join code, takes it up', async () => {
    const first = await started();
    const run = control.add('works', { journal: home.journal, gate: gate() });
    await control.until(() => control.of(run, 'run.started').length > 0, signal);
    first.kill('SIGTERM');
    await first.gone(signal);
    expect(first.exit?.code).toBe(0);
    expect(home.processes().length).toBeGreaterThan(0);
    openGate();
    await started(['--join-code', '']);
    await control.until(() => control.end(run) !== undefined, signal);
    expect(home.calls()).toHaveLength(1);
  });

  test('with kill, TERM leaves no process, and says so of the run', async () => {
    const agent = await started([], { SIGNALBOX_AGENT_ON_STOP: 'kill' });
    const run = control.add('blocks', { journal: home.journal });
    await expect.poll(() => home.calls().length, { timeout: 10_000 }).toBe(1);
    agent.kill('SIGTERM');
    await agent.gone(signal);
    expect(home.processes()).toEqual([]);
    expect(control.end(run)?.message).toContain('its agent was stopped');
  });

  test('a second signal stops at once', async () => {
    const agent = await started([], { SIGNALBOX_AGENT_ON_STOP: 'wait' });
    const run = control.add('works', { journal: home.journal, gate: gate() });
    await control.until(() => control.of(run, 'run.started').length > 0, signal);
    agent.kill('SIGTERM');
    await agent.says('stopping', signal);
    agent.kill('SIGTERM');
    await agent.gone(signal);
    expect(agent.exit?.code).toBe(0);
  });

  test('two agents do not share a data folder', async () => {
    await started();
    const second = home.start();
    await second.gone(signal);
    expect(second.exit?.code).toBe(2);
    expect(second.lines.some((line) => String(line.error).includes('another agent'))).toBe(true);
  });
});

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import type * as flows from '../../../test/replay-flows.ts';
import { loadMessage, Supervisor, startMessage } from '../../../test/supervisor.ts';

// Real processes: on a busy machine a cold start takes seconds.
vi.setConfig({ testTimeout: 120_000 });

/** Epochs of one run, each in a process of its own, over one folder of results. */
async function scene(run: `run_${string}`) {
  const folder = await mkdtemp(path.join(tmpdir(), 'sb-replay-'));
  const witnessFile = path.join(folder, 'witness');
  const env = { SIGNALBOX_RESULTS_DIR: path.join(folder, 'results'), REPLAY_WITNESS: witnessFile };
  const lines = async () =>
    (await readFile(witnessFile, 'utf8').catch(() => ''))
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split(' ') as [string, string, string]);
  return {
    start: async (epoch: number, changed: Parameters<typeof startMessage>[1] = {}) => {
      const supervisor = await Supervisor.start(env);
      await supervisor.frame('hello');
      supervisor.send(loadMessage('twoHundred' satisfies keyof typeof flows, 'replay-flows.ts'));
      await supervisor.frame('loaded');
      supervisor.send(startMessage({}, { run, epoch, ...changed }));
      return supervisor;
    },
    done: async () => (await lines()).filter(([, , what]) => what === 'done').map(([epoch, step]) => ({ epoch: Number(epoch), step })),
    begun: async () => (await lines()).filter(([, , what]) => what === 'begun').map(([epoch, step]) => ({ epoch: Number(epoch), step })),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

const completed = (supervisor: Supervisor) =>
  supervisor.of('task').flatMap(({ task }) => (task.stateName === 'Completed' || task.stateName === 'Cached' ? [task] : []));

/** A fixed sequence of fractions for a seed, so that a failure can be had again. */
function* fractions(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    yield state / 2 ** 32;
  }
}

describe('a run of 200 tasks whose process is killed', () => {
  test.each([1, 2, 3])('at points of seed %i gives the same result, and no finished task runs twice', async (seed) => {
    const whole = await scene('run_01h455vb4pex5vsknk084sn02q');
    await using _ = whole;
    await using undisturbed = await whole.start(1);
    const { result: expected } = await undisturbed.frame('ended');

    await using killed = await scene('run_01h455vb4pex5vsknk084sn02r');
    const random = fractions(seed);
    const finished = new Map<string, number>();
    let epoch = 1;
    for (; epoch <= 4; epoch++) {
      await using supervisor = await killed.start(epoch);
      const after = 5 + Math.floor(random.next().value * 60);
      const isOver = await supervisor.until(() => completed(supervisor).filter((task) => task.stateName === 'Completed').length >= after);
      if (!isOver) break;
      supervisor.child.kill('SIGKILL');
      await supervisor.exited;
      for (const task of completed(supervisor)) if (!finished.has(task.taskKey)) finished.set(task.taskKey, epoch);
    }
    await using last = await killed.start(epoch);
    const { state, result } = await last.frame('ended');
    expect([state, result]).toEqual(['COMPLETED', expected]);

    const again = (await killed.begun()).filter(({ epoch: at, step }) => at > (finished.get(step) ?? Number.POSITIVE_INFINITY));
    expect(again).toEqual([]);
    expect(finished.size).toBeGreaterThan(20);
    const told = completed(last);
    expect(told.filter((task) => task.stateName === 'Cached').length).toBeGreaterThan(20);
    expect(told.find((task) => task.stateName === 'Cached')?.message).toMatch(
      /^not run again: it finished in an earlier attempt .* \(epoch \d\)$/,
    );
  });

  test('runs every task again when it is retried from the start', async () => {
    await using killed = await scene('run_01h455vb4pex5vsknk084sn02q');
    await using first = await killed.start(1);
    await first.until(() => completed(first).length >= 30);
    first.child.kill('SIGKILL');
    await first.exited;
    await using second = await killed.start(2, { replayFloor: 2 });
    await second.frame('ended');
    expect((await killed.done()).filter(({ epoch }) => epoch === 2)).toHaveLength(200);
    expect(completed(second).filter((task) => task.stateName === 'Cached')).toEqual([]);
  });
});

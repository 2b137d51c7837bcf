/** Faults by seed: each is begun, kept up for a while, and healed. Those that cannot be done here are counted, not hidden. */
import { closeSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../dev/paths.ts';
import { carrying } from '../dev/process-identity.ts';
import { sendSignal } from '../dev/processes.ts';
import { isSmallDisk } from '../test-support/small-disk.ts';
import type { System } from '../test-support/system.ts';
import type { Link } from './network.ts';
import { type Armed, type Points, pointsOf } from './points.ts';
import type { Random } from './random.ts';
import { pause } from './workload.ts';

export type Stage = {
  readonly system: System;
  readonly links: readonly Link[];
  readonly agents: readonly string[];
  readonly replicas: readonly string[];
  readonly random: Random;
  readonly points: Points;
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
};

/** What is being done to a part; two faults on one part at once would only hide each other. */
class Busy {
  readonly #parts = new Set<string>();
  readonly #free: (parts: readonly string[]) => string[];

  constructor() {
    this.#free = (parts) => parts.filter((part) => !this.#parts.has(part));
  }

  take(parts: readonly string[], random: Random): string | null {
    const free = this.#free(parts);
    if (free.length === 0) return null;
    const part = random.pick(free);
    this.#parts.add(part);
    return part;
  }

  give(part: string): void {
    this.#parts.delete(part);
  }
}

type Fault = (stage: Stage, busy: Busy) => Promise<'done' | 'skipped'>;

const CLOCK = pathToFileURL(join(ROOT, 'agent/test/wrong-clock.ts')).href;
const HOURS_MS = 3_600_000;
const START_TRIES = 60;
const NEVER = new AbortController().signal;

/** Cannot be done here, or not now. */
class SkippedError extends Error {}

const withPart = async (busy: Busy, parts: readonly string[], random: Random, body: (part: string) => Promise<void>) => {
  const part = busy.take(parts, random);
  if (part === null) return 'skipped' as const;
  try {
    await body(part);
  } catch (error) {
    if (error instanceof SkippedError) return 'skipped' as const;
    throw error;
  } finally {
    busy.give(part);
  }
  return 'done' as const;
};

const killAndRestart =
  (choose: (stage: Stage) => readonly string[], awayMs: readonly [number, number]): Fault =>
  (stage, busy) =>
    withPart(busy, choose(stage), stage.random, async (part) => {
      stage.say(`kill -9 ${part}`);
      await stage.system.kill(part);
      await pause(stage.random.int(...awayMs), stage.signal);
      await startAgain(stage, part);
    });

const FAULTS: Readonly<Record<string, { weight: number; run: Fault }>> = {
  'kill an agent': { weight: 6, run: killAndRestart(({ agents }) => agents, [0, 4_000]) },
  'kill a replica': { weight: 6, run: killAndRestart(({ replicas }) => replicas, [0, 3_000]) },
  'kill NATS': { weight: 2, run: killAndRestart(() => ['nats'], [0, 2_000]) },
  'kill Postgres': { weight: 2, run: killAndRestart(() => ['postgres'], [0, 2_000]) },
  'restart Postgres': {
    weight: 2,
    run: (stage, busy) =>
      withPart(busy, ['postgres'], stage.random, async (part) => {
        stage.say('restart postgres');
        await stage.system.stop(part);
        await startAgain(stage, part);
      }),
  },
  'wipe NATS': {
    weight: 1,
    run: (stage, busy) =>
      withPart(busy, ['nats'], stage.random, async (part) => {
        stage.say('stop nats, wipe its data');
        await stage.system.stop(part);
        for (const folder of ['jetstream', 'accounts']) {
          const path = join(stage.system.folder, folder);
          for (const name of readdirSync(path)) rmSync(join(path, name), { recursive: true, force: true });
        }
        await startAgain(stage, part);
      }),
  },
  'kill a flow process': {
    weight: 6,
    run: async ({ random, say }) => {
      const children = carrying('CHAOS_NOTES', () => true).filter(({ pid }) => isChild(pid));
      if (children.length === 0) return 'skipped';
      const { pid } = random.pick(children);
      say(`kill -9 flow process ${pid}`);
      sendSignal(pid, 'SIGKILL');
      return 'done';
    },
  },
  partition: {
    weight: 6,
    run: async ({ links, random, signal, say }) => {
      const link = random.pick(links);
      const how = random.pick(['cut', 'silent'] as const);
      const ms = random.int(500, 20_000);
      say(`${how} ${link.from} -> ${link.to} for ${ms} ms`);
      link.set(how);
      await pause(ms, signal);
      link.set('open');
      return 'done';
    },
  },
  'stop a process for a while': {
    weight: 4,
    run: (stage, busy) =>
      withPart(busy, [...stage.agents, ...stage.replicas], stage.random, async (part) => {
        const ms = stage.random.int(500, 15_000);
        stage.say(`SIGSTOP ${part} for ${ms} ms`);
        const pid = stage.system.pidOf(part);
        sendSignal(pid, 'SIGSTOP');
        await pause(ms, stage.signal);
        sendSignal(pid, 'SIGCONT');
      }),
  },
  'die at a named point': {
    weight: 12,
    run: (stage, busy) => {
      const { owner, point } = stage.points.next();
      return withPart(busy, isOfPlane(owner) ? stage.replicas : stage.agents, stage.random, async (part) => {
        if (!(await dieAt(stage, [part], { owner, point }, stage.random.int(0, 2_000)))) throw new SkippedError();
      });
    },
  },
  "set an agent's clock wrong": {
    weight: 2,
    run: (stage, busy) =>
      withPart(busy, stage.agents, stage.random, async (part) => {
        const hours = stage.random.pick([-7, -1, 1, 7]);
        stage.say(`${part} restarts with its clock off by ${hours} h`);
        await stage.system.kill(part);
        await startAgain(stage, part, { NODE_OPTIONS: `--import ${CLOCK}`, TEST_CLOCK_OFF_MS: String(hours * HOURS_MS) });
      }),
  },
  'fill the disk under a spool': {
    weight: 2,
    run: (stage, busy) =>
      withPart(busy, stage.agents, stage.random, async (part) => {
        const folder = join(stage.system.folder, `${part}-data`);
        if (!isSmallDisk(folder)) throw new SkippedError();
        stage.say(`fill the disk of ${part}`);
        const ballast = join(folder, 'ballast');
        fill(ballast);
        await pause(stage.random.int(500, 8_000), stage.signal);
        rmSync(ballast, { force: true });
      }),
  },
};
const LOTTERY = Object.entries(FAULTS).flatMap(([name, { weight }]) => Array<string>(weight).fill(name));

/** As whatever keeps a part up does: a part that cannot start, since what it needs is away, is started until it can. */
async function startAgain({ system, say }: Stage, part: string, env: NodeJS.ProcessEnv = {}): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await system.start(part, env);
    } catch (error) {
      if (tries >= START_TRIES) throw error;
      say(`${part} could not start yet: ${String((error as Error).message).split('\n')[0]}`);
      await pause(500, NEVER);
    }
  }
}

const isOfPlane = (owner: Armed['owner']) => owner === 'control-plane' || owner === 'automation';

/** Whether a process of one of these parts came to the point; it is started again where it was the part itself. */
async function dieAt(stage: Stage, parts: readonly string[], { owner, point }: Armed, awayMs: number): Promise<boolean> {
  const part = await stage.points.reached(parts, point, stage.signal);
  if (part === null) return false;
  stage.say(`${owner === 'child' ? `a flow process of ${part}` : part} died at ${point}`);
  if (owner === 'child') return true;
  await stage.system.ended(part);
  await pause(awayMs, stage.signal);
  await startAgain(stage, part);
  return true;
}

/** Every named point once, those of each kind of process one after another. The points to which nobody came. */
export async function sweepPoints(stage: Stage): Promise<string[]> {
  const [agent = '', replica = '', parent = ''] = [stage.agents.at(-1), stage.replicas.at(-1), stage.agents[0]];
  const lane = async (owner: Armed['owner'], ...parts: string[]) => {
    const missed: string[] = [];
    for (const armed of pointsOf(owner)) if (!(await dieAt(stage, parts, armed, 0))) missed.push(armed.point);
    return missed;
  };
  // Whoever holds the lease evaluates: any replica.
  const lanes = [lane('automation', ...stage.replicas), lane('control-plane', replica), lane('agent', agent), lane('child', parent)];
  return (await Promise.all(lanes)).flat();
}

/** Injects until the signal ends; resolves when everything is healed. */
export async function injectFaults(stage: Stage): Promise<{ faults: number; skipped: number; byKind: Record<string, number> }> {
  const busy = new Busy();
  const counts = { faults: 0, skipped: 0, byKind: {} as Record<string, number> };
  const open = new Set<Promise<void>>();
  while (!stage.signal.aborted) {
    await pause(stage.random.int(300, 2_500), stage.signal);
    if (stage.signal.aborted || open.size >= 3) continue;
    const name = stage.random.pick(LOTTERY);
    const one = (FAULTS[name]?.run(stage, busy) ?? Promise.resolve('skipped' as const)).then((outcome) => {
      if (outcome === 'skipped') counts.skipped++;
      else {
        counts.faults++;
        counts.byKind[name] = (counts.byKind[name] ?? 0) + 1;
      }
    });
    open.add(one);
    void one.finally(() => open.delete(one));
  }
  await Promise.all(open);
  for (const link of stage.links) link.set('open');
  return counts;
}

/** Writes until nothing more fits. */
function fill(file: string): void {
  const bytes = Buffer.alloc(1024 * 1024);
  const handle = openSync(file, 'w', 0o600);
  try {
    for (;;) writeSync(handle, bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(handle);
  }
}

/** A process that runs user code: neither an agent nor a keeper. */
function isChild(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('engine/child');
  } catch {
    return false;
  }
}

/** The named points between a run's claim and its first line, and between an event and what an automation does, armed one after another: each part looks into a folder of its own. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FAULT_POINTS, type FaultPoint } from '@signalbox/proto/faults';
import type { Random } from './random.ts';
import { pause } from './workload.ts';

export type Armed = { readonly owner: keyof typeof FAULT_POINTS; readonly point: FaultPoint };

export const pointsOf = (owner: Armed['owner']): Armed[] => FAULT_POINTS[owner].map((point) => ({ owner, point }));
const ALL = [...pointsOf('control-plane'), ...pointsOf('agent'), ...pointsOf('child'), ...pointsOf('automation')];
/** How long a part may take to come to a point: it needs a run. Behind a backlog none is claimed ahead of its instant, and no permit asked for. */
const REACH_MS = 60_000;
const LOOK_MS = 50;

export class Points {
  readonly #folder: string;
  readonly #counts = new Map<FaultPoint, number>(ALL.map(({ point }) => [point, 0]));
  #turn: number;

  /** Which point is first is up to the seed: short runs of several seeds see all. */
  constructor(folder: string, random: Random) {
    this.#folder = folder;
    this.#turn = random.int(0, ALL.length - 1);
  }

  /** Environment of a part. */
  envOf(part: string): { SIGNALBOX_FAULT_DIR: string } {
    const folder = join(this.#folder, part);
    mkdirSync(folder, { recursive: true });
    return { SIGNALBOX_FAULT_DIR: folder };
  }

  /** Times that a process died at each. */
  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }

  next(): Armed {
    return ALL[this.#turn++ % ALL.length] as Armed;
  }

  /** Arms the point in these parts and waits until somebody has died there: the first who did, or null. */
  async reached(parts: readonly string[], point: FaultPoint, signal: AbortSignal): Promise<string | null> {
    const files = new Map(parts.map((part) => [part, join(this.#folder, part, point)]));
    for (const file of files.values()) writeFileSync(file, '');
    const deadline = performance.now() + REACH_MS;
    const isArmed = () => [...files.values()].every((file) => existsSync(file));
    while (isArmed() && performance.now() < deadline && !signal.aborted) await pause(LOOK_MS, signal);
    let died: string | null = null;
    for (const [part, file] of files) {
      try {
        rmSync(file);
      } catch {
        died ??= part;
        this.#counts.set(point, (this.#counts.get(point) ?? 0) + 1);
      }
    }
    return died;
  }
}

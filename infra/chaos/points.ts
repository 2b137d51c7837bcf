/** The named points between a run's claim and its first line, armed one after another: each part looks into a folder of its own. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FAULT_POINTS, type FaultPoint } from '@signalbox/proto/faults';
import type { Random } from './random.ts';
import { pause } from './workload.ts';

export type Armed = { readonly owner: keyof typeof FAULT_POINTS; readonly point: FaultPoint };

export const pointsOf = (owner: Armed['owner']): Armed[] => FAULT_POINTS[owner].map((point) => ({ owner, point }));
const ALL = [...pointsOf('control-plane'), ...pointsOf('agent'), ...pointsOf('child')];
/** How long a part may take to come to a point: it needs a run. */
const REACH_MS = 15_000;
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

  /** Arms the point in this part and waits until somebody has died there; false: nobody came. */
  async reached(part: string, point: FaultPoint, signal: AbortSignal): Promise<boolean> {
    const file = join(this.#folder, part, point);
    writeFileSync(file, '');
    const deadline = performance.now() + REACH_MS;
    while (existsSync(file) && performance.now() < deadline && !signal.aborted) await pause(LOOK_MS, signal);
    try {
      rmSync(file);
      return false;
    } catch {
      this.#counts.set(point, (this.#counts.get(point) ?? 0) + 1);
      return true;
    }
  }
}

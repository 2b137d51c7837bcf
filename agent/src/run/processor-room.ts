/** How much of the machine's processors was idle lately: whether one process more would find any. */
import { cpus } from 'node:os';
import { monotonicMs } from '../bell.ts';

const WINDOW_MS = 100;

interface Sample {
  readonly atMs: number;
  readonly idle: number;
  readonly all: number;
}

export class ProcessorRoom {
  readonly #read: () => Omit<Sample, 'atMs'>;
  #before: Sample;
  #latest: Sample;

  constructor(read: () => Omit<Sample, 'atMs'> = readTimes) {
    this.#read = read;
    this.#before = this.#latest = { atMs: monotonicMs(), ...read() };
  }

  /** From 0 (all were busy) to 1, over the last tenth of a second or the time since it was last asked. */
  get idleShare(): number {
    const atMs = monotonicMs();
    if (atMs - this.#latest.atMs >= WINDOW_MS) [this.#before, this.#latest] = [this.#latest, { atMs, ...this.#read() }];
    const all = this.#latest.all - this.#before.all;
    return all > 0 ? (this.#latest.idle - this.#before.idle) / all : 1;
  }
}

function readTimes(): { idle: number; all: number } {
  let [idle, all] = [0, 0];
  for (const { times } of cpus()) {
    idle += times.idle;
    all += times.user + times.nice + times.sys + times.irq + times.idle;
  }
  return { idle, all };
}

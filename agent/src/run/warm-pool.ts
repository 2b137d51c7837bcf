/**
 * Children started ahead of time, with their code loaded, so that a run of the same deployed code starts at once.
 *
 * Keyed by digest, source and variables: a child is a fit only when all three are the same. One is kept for each code that
 * ran lately; it goes when it idles too long, when its deployment has another digest, or when a run needs its place.
 */
import { randomUUID } from 'node:crypto';
import type { ClaimedRun } from '@signalbox/proto/messages';
import type { Logger } from 'pino';
import type { Child, ChildEvents, Launcher, OutputOffsets } from '../launchers/launcher.ts';
import { residentBytes } from '../launchers/process-identity.ts';

export const WARM_IDLE_MS = 5 * 60_000;
const RETIRE_WITHIN_MS = 5_000;
/** A reused process is replaced now and then, and sooner when its code leaks. */
const REUSE_LIMIT = 10_000;
const WEIGHED_EVERY = 500;
/** Growth since its first run. */
const MOST_GROWTH_BYTES = 128 * 2 ** 20;

type WarmFor = Pick<ClaimedRun, 'digest' | 'source' | 'variables' | 'deployment'>;

export interface WarmChild {
  readonly child: Child;
  readonly output: OutputOffsets;
  readonly runsServed: number;
}

interface Entry extends WarmChild {
  readonly key: string;
  readonly code: WarmFor;
  isReady: boolean;
  idle: NodeJS.Timeout | null;
}

export interface WarmPoolOptions {
  readonly launcher: Launcher;
  readonly log: Logger;
  /** Most children started ahead of time. */
  readonly most: number;
  /** Most that wait at once: those that served and may serve again (`isolation: reuse`) take the slots' places. */
  readonly mostIdle: number;
  /** Whether one more process may be started. */
  readonly hasRoom: () => boolean;
  readonly idleMs?: number;
  /** Resident bytes of a process; null where that cannot be told. */
  readonly weigh?: (pid: number) => number | null;
  /** Called when a child became ready or went. */
  readonly onChange?: () => void;
}

export class WarmPool {
  readonly #options: WarmPoolOptions;
  readonly #entries = new Set<Entry>();
  readonly #starting = new Set<string>();
  /** Resident bytes of reused children after their first run. */
  readonly #firstBytes = new WeakMap<Child, number>();
  #isClosed = false;

  constructor(options: WarmPoolOptions) {
    this.#options = options;
  }

  /** Processes alive here, ready or not. */
  get size(): number {
    return this.#entries.size + this.#starting.size;
  }

  /** The code of each child that stands ready. */
  ready(): WarmFor[] {
    return [...this.#entries].flatMap((entry) => (entry.isReady ? [entry.code] : []));
  }

  /** A ready child of exactly this code, now the caller's; null when there is none. */
  take(code: WarmFor): WarmChild | null {
    const key = keyOf(code);
    // The one that waited longest: who served just now may still be at its last word.
    for (const entry of this.#entries) {
      if (!entry.isReady || entry.key !== key || !entry.child.isConnected) continue;
      this.#drop(entry);
      return entry;
    }
    return null;
  }

  /** Sees to it that one child of this code is kept, and none of an older digest of its deployment. */
  keepOne(code: WarmFor): void {
    const key = keyOf(code);
    this.#retireOlder(code);
    const isThere = this.#starting.has(key) || [...this.#entries].some((entry) => entry.key === key);
    if (isThere || this.#isClosed || this.#options.most === 0) return;
    if (this.size >= this.#options.most) this.makeRoom();
    if (!this.#options.hasRoom()) return;
    void this.#start(key, code);
  }

  /** Takes back a child that may serve another run. */
  giveBack(child: Child, code: WarmFor, output: OutputOffsets, runsServed: number): void {
    const entry: Entry = { key: keyOf(code), code, child, output, runsServed, isReady: true, idle: null };
    this.#entries.add(entry);
    child.attach(this.#listener(entry), null);
    this.#retireOlder(code);
    while (this.#entries.size > this.#options.mostIdle) this.makeRoom();
    if (runsServed >= REUSE_LIMIT || this.#isClosed || this.#hasGrown(entry)) this.#retire(entry);
    else if (this.#entries.has(entry)) this.#becameReady(entry);
  }

  /** Looked at now and then. Where memory cannot be read, a child that served so many counts as grown. */
  #hasGrown({ child, runsServed }: Entry): boolean {
    const isDue = runsServed % WEIGHED_EVERY === 0;
    if (!isDue && this.#firstBytes.has(child)) return false;
    const bytes = child.pid === null ? null : (this.#options.weigh ?? residentBytes)(child.pid);
    if (bytes === null) return isDue;
    const first = this.#firstBytes.get(child) ?? bytes;
    this.#firstBytes.set(child, first);
    return bytes - first > MOST_GROWTH_BYTES;
  }

  #retireOlder(code: WarmFor): void {
    for (const entry of this.#entries) {
      if (entry.code.deployment.id === code.deployment.id && entry.code.digest !== code.digest) this.#retire(entry);
    }
  }

  /** Retires the child that has waited longest. False when there is none. */
  makeRoom(): boolean {
    const [oldest] = this.#entries;
    if (oldest) this.#retire(oldest);
    return oldest !== undefined;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const entries = [...this.#entries];
    for (const entry of entries) this.#retire(entry);
    await Promise.all(entries.map((entry) => entry.child.gone));
  }

  async #start(key: string, code: WarmFor): Promise<void> {
    this.#starting.add(key);
    try {
      const spec = { id: `w-${randomUUID()}`, source: code.source, variables: code.variables, run: null };
      const child = await this.#options.launcher.launch(spec);
      const entry: Entry = { key, code, child, output: { stdout: 0, stderr: 0 }, runsServed: 0, isReady: false, idle: null };
      this.#entries.add(entry);
      child.attach(this.#listener(entry), null);
      if (this.#isClosed) this.#retire(entry);
    } catch (error) {
      this.#options.log.warn({ error: String(error), digest: code.digest }, 'a warm child could not be started');
    } finally {
      this.#starting.delete(key);
    }
  }

  #listener(entry: Entry): ChildEvents {
    return {
      connected: () => {
        if (!entry.isReady) entry.child.send({ type: 'load', source: entry.code.source });
      },
      frame: (frame) => {
        if (frame.type === 'loaded' && !entry.isReady) this.#becameReady(entry);
        if (frame.type === 'load-failed') this.#retire(entry);
      },
      malformed: () => this.#retire(entry),
      output: () => {},
      exited: () => {
        this.#drop(entry);
        entry.child
          .forget()
          .catch((error) => this.#options.log.warn({ error: String(error) }, 'files of a warm child could not be removed'));
      },
    };
  }

  #becameReady(entry: Entry): void {
    entry.isReady = true;
    entry.idle = setTimeout(() => this.#retire(entry), this.#options.idleMs ?? WARM_IDLE_MS);
    this.#options.onChange?.();
  }

  #drop(entry: Entry): void {
    if (entry.idle) clearTimeout(entry.idle);
    if (this.#entries.delete(entry)) this.#options.onChange?.();
  }

  #retire(entry: Entry): void {
    this.#drop(entry);
    if (!entry.child.send({ type: 'retire' })) void entry.child.kill(null);
    const patience = setTimeout(() => void entry.child.kill(null), RETIRE_WITHIN_MS);
    void entry.child.gone.then(() => clearTimeout(patience));
  }
}

/** Asked for several times a run. */
const keys = new WeakMap<WarmFor, string>();

/** Equal where a child of the one may serve the other. */
export function keyOf(code: WarmFor): string {
  const known = keys.get(code);
  if (known !== undefined) return known;
  const key = JSON.stringify([code.digest, code.source, code.variables]);
  keys.set(code, key);
  return key;
}

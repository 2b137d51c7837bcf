/**
 * The agent's journal on disk: what it holds, and what it has to tell. Owns `<data dir>/spool/<spool id>/`.
 *
 * Claim, grant, start and end are on disk before they are acted on (`fact` and `report` resolve then). Two channels, each
 * with its own files: `state`, which also carries the facts, and `bulk`, which is what is given up when room runs out.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunEpoch } from '@signalbox/proto/messages';
import { type EntryMeta, type RunFact, RunFacts, runKey } from './facts.ts';
import { OutputMarks } from './output-marks.ts';
import { SpoolCorruptError } from './record.ts';
import { ReportChannel } from './report-channel.ts';
import { syncFolder } from './segment.ts';

export interface SpoolOptions {
  readonly folder: string;
  readonly segmentBytes?: number;
  readonly stateMaxBytes?: number;
  readonly bulkMaxBytes?: number;
  readonly keepMs?: number;
  readonly onTrouble?: (error: Error | null) => void;
}

const MIB = 1024 * 1024;
const LAST_WORDS: ReadonlySet<string> = new Set(['run.ended', 'run.suspended', 'run.start-failed', 'run.given-back']);

export class Spool {
  readonly id: string;
  readonly state: ReportChannel;
  readonly bulk: ReportChannel;
  readonly facts: RunFacts;
  readonly marks: OutputMarks;
  /** Runs whose last word is said, by its position: closed when the watermark passes it. */
  readonly #ended = new Map<string, number>();
  /** Runs whose start is told and not known to be stored, by the position it is told at. */
  readonly #started = new Map<string, number>();

  private constructor(id: string, state: ReportChannel, bulk: ReportChannel, facts: RunFacts, marks: OutputMarks) {
    this.id = id;
    this.state = state;
    this.bulk = bulk;
    this.facts = facts;
    this.marks = marks;
    for (const [key, held] of facts.held) {
      if (held.endedN !== null) this.#ended.set(key, held.endedN);
      if (held.startedN !== undefined) this.#started.set(key, held.startedN);
    }
  }

  /** Opens the journal of this folder, or begins one. @throws SpoolCorruptError when it cannot be read. */
  static async open(options: SpoolOptions): Promise<Spool> {
    const id = await ensureSpoolId(options.folder);
    const facts = new RunFacts();
    // Facts are read first: by then it is known what is held.
    const marks = new OutputMarks((key) => facts.held.has(key));
    const common = { segmentBytes: options.segmentBytes ?? 8 * MIB, keepMs: options.keepMs, onTrouble: options.onTrouble };
    const state = await ReportChannel.open({
      ...common,
      folder: join(options.folder, id, 'state'),
      memory: facts,
      maxBytes: options.stateMaxBytes ?? 512 * MIB,
    });
    const bulk = await ReportChannel.open({
      ...common,
      folder: join(options.folder, id, 'bulk'),
      memory: marks,
      maxBytes: options.bulkMaxBytes ?? 256 * MIB,
    });
    return new Spool(id, state, bulk, facts, marks);
  }

  /** Notes a fact; on disk when it resolves. */
  fact(fact: RunFact): Promise<void> {
    this.state.appendFact(fact);
    return this.state.durable();
  }

  /** Adds a report entry; on disk when it resolves. */
  async report(channel: 'state' | 'bulk', meta: EntryMeta, entry: object): Promise<void> {
    const log = channel === 'state' ? this.state : this.bulk;
    const n = log.append(meta, entry);
    if (LAST_WORDS.has(meta.t)) this.#ended.set(meta.k, n);
    if (meta.t === 'run.started') this.#started.set(meta.k, n);
    await log.durable();
  }

  /** Takes the control plane's watermark of the state channel. Returns runs whose end it has stored: they are let go. */
  async setStateWatermark(watermark: number): Promise<string[]> {
    await this.state.setWatermark(watermark);
    for (const [key, n] of this.#started) if (n <= this.state.watermark) this.#started.delete(key);
    const gone: string[] = [];
    for (const [key, n] of this.#ended) {
      if (n > this.state.watermark) continue;
      this.#ended.delete(key);
      this.close(key);
      gone.push(key);
    }
    return gone;
  }

  /** Runs that have started, as long as nobody is known to know. */
  startedUntold(): RunEpoch[] {
    return [...this.#started.keys()].flatMap((key) => {
      const claim = this.facts.held.get(key)?.claim;
      return claim ? [{ run: claim.run, epoch: claim.epoch }] : [];
    });
  }

  /** The run is no longer held, whatever was said of it. */
  close(key: string): void {
    const [run = '', epoch = ''] = key.split(':');
    this.#ended.delete(key);
    this.#started.delete(key);
    // Not before it is on disk: an entry that is written meanwhile would be remembered again, and for good.
    void this.fact({ fact: 'closed', run, epoch: Number(epoch) }).then(() => this.marks.forget(key));
  }

  get bytes(): number {
    return this.state.bytes + this.bulk.bytes;
  }

  async shut(): Promise<void> {
    await Promise.all([this.state.close(), this.bulk.close()]);
  }
}

/** Opens the journal; one that cannot be read is moved aside, told through `onCorrupt`, and a new one begun. */
export async function openSpool(options: SpoolOptions, onCorrupt: (error: Error, movedTo: string) => void): Promise<Spool> {
  try {
    return await Spool.open(options);
  } catch (error) {
    if (!(error instanceof SpoolCorruptError)) throw error;
    const aside = `${options.folder}.corrupt-${Date.now()}`;
    await rename(options.folder, aside);
    onCorrupt(error, aside);
    return await Spool.open(options);
  }
}

async function ensureSpoolId(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'spool-id');
  const known = await readFile(path, 'utf8').catch(() => '');
  if (/^[0-9a-f-]{36}$/.test(known.trim())) return known.trim();
  const id = randomUUID();
  await writeFile(`${path}.tmp`, id, { mode: 0o600, flush: true });
  await rename(`${path}.tmp`, path);
  await syncFolder(folder);
  return id;
}

export { runKey };

/**
 * Turns what one run tells (its child's frames, its output, the agent's own remarks) into entries of the spool.
 *
 * A child numbers its frames and tells them again after a lost connection; each is stored once. `onAcknowledge(n)` is called
 * when everything up to `n` is on disk, never out of order.
 */
import type { FromChild, LogLevel, LogLine, RunEpoch, StateEntry } from '@signalbox/proto/messages';
import type { OutputLine, OutputStream } from '../launchers/launcher.ts';
import type { ServerClock } from '../server-clock.ts';
import type { ChildMark, EntryMeta } from '../spool/facts.ts';
import type { OutputMark } from '../spool/output-marks.ts';
import { runKey, type Spool } from '../spool/spool.ts';
import { packLines } from './log-entries.ts';

export type ToldFrame = Extract<FromChild, { n: number }>;
type LastWord = Extract<StateEntry, { type: 'run.ended' | 'run.suspended' | 'run.start-failed' | 'run.given-back' }>;
export type LastWordBody = LastWord extends infer W ? (W extends LastWord ? Omit<W, 'n' | 'run' | 'epoch' | 'at'> : never) : never;

/** One entry must fit a message with room to spare. */
const ENTRY_MAX_BYTES = 150 * 1024;

export interface RunReporterOptions {
  readonly spool: Spool;
  readonly clock: ServerClock;
  readonly run: RunEpoch;
  /** What the journal has already, after a restart. */
  readonly state?: ChildMark;
  readonly bulk?: OutputMark;
  readonly onAcknowledge: (n: number) => void;
}

export class RunReporter {
  readonly #options: RunReporterOptions;
  readonly #key: string;
  readonly #known: { state: ChildMark; bulk: ChildMark };
  #order: Promise<void> = Promise.resolve();
  #lastTold = 0;
  #dropped = 0;

  constructor(options: RunReporterOptions) {
    this.#options = options;
    this.#key = runKey(options.run);
    this.#known = { state: { n: 0, parts: 0, ...options.state }, bulk: { n: 0, parts: 0, ...options.bulk } };
  }

  /** Resolves when everything told so far is on disk. */
  settled(): Promise<void> {
    return this.#order;
  }

  /** Stores a frame of the child, unless the journal has it, and acknowledges it in its turn. */
  told(frame: Exclude<ToldFrame, { type: 'ended' }>): void {
    const channel = frame.type === 'logs' || frame.type === 'artifact' ? 'bulk' : 'state';
    const stored = frame.n > this.#known[channel].n ? this.#store(channel, frame) : Promise.resolve();
    this.inOrder(frame.n, stored);
  }

  /** Acknowledges `n` when `stored` and everything before it is done. */
  inOrder(n: number, stored: Promise<unknown>): void {
    this.#lastTold = n;
    this.#order = this.#acknowledge(n, this.#order, stored);
  }

  async #acknowledge(n: number, before: Promise<void>, stored: Promise<unknown>): Promise<void> {
    await before;
    await stored;
    // Of many that become durable together, the last one says it for all.
    if (n === this.#lastTold) this.#options.onAcknowledge(n);
  }

  #store(channel: 'state' | 'bulk', frame: Exclude<ToldFrame, { type: 'ended' }>): Promise<unknown> {
    const { clock } = this.#options;
    const at = clock.correct(frame.at);
    if (frame.type === 'started') {
      return this.#add('state', { t: 'run.started' }, { type: 'run.started', runName: frame.runName }, at, frame.n);
    }
    if (frame.type === 'task') {
      const [startedAt, endedAt] = [frame.task.startedAt, frame.task.endedAt].map((instant) => instant && clock.correct(instant));
      return this.#add('state', { t: 'task.state' }, { type: 'task.state', ...frame.task, startedAt, endedAt }, at, frame.n);
    }
    if (frame.type === 'artifact') {
      if (JSON.stringify(frame.artifact).length <= ENTRY_MAX_BYTES) {
        return this.#add('bulk', { t: 'artifact' }, { type: 'artifact', ...frame.artifact }, at, frame.n);
      }
      const key = frame.artifact.key ?? `number ${frame.artifact.ordinal}`;
      this.system(`artifact ${key} is larger than ${ENTRY_MAX_BYTES / 1024} KiB and was left out`, 'error');
      return Promise.resolve();
    }
    const lines = frame.lines.map((line) => ({ ...line, at: clock.correct(line.at) }));
    return this.#addLines(lines, at, this.#known[channel].parts, frame.n);
  }

  /** Lines of the process's own output. */
  output(stream: OutputStream, lines: readonly OutputLine[], to: number): void {
    const at = this.#options.clock.now().toISOString();
    const level: LogLevel = stream === 'stderr' ? 'warn' : 'info';
    const packed = packLines(
      lines.map(({ text, continues }) => ({ at, level, stream, taskOrdinal: null, message: text, ...(continues ? { continues } : {}) })),
    );
    for (const [index, entry] of packed.entries()) {
      // The offset stands with the last part alone: a kill in between tells some lines twice rather than never.
      const mark = index === packed.length - 1 ? { o: { s: stream, to } } : {};
      void this.#addOrDrop(entry, at, mark);
    }
  }

  /** A remark of the agent in the run's log. */
  system(message: string, level: LogLevel = 'info'): void {
    const at = this.#options.clock.now().toISOString();
    void this.#addOrDrop([{ at, level, stream: 'system', taskOrdinal: null, message }], at, {});
  }

  /** The last thing said of the run; on disk when it resolves. A result that does not fit a message stays here. */
  lastWord(word: LastWordBody, at: string): Promise<void> {
    const body = { ...word };
    if (body.type === 'run.ended' && body.result && JSON.stringify(body.result).length > ENTRY_MAX_BYTES) {
      delete body.result;
      this.system(`the result is larger than ${ENTRY_MAX_BYTES / 1024} KiB and was not sent`, 'warn');
    }
    return this.#add('state', { t: body.type }, body, at);
  }

  async #addLines(lines: readonly LogLine[], at: string, skipParts: number, n: number): Promise<void> {
    const entries = packLines(lines);
    await Promise.all(
      entries.map((entry, index) => {
        if (index < skipParts) return undefined;
        return this.#addOrDrop(entry, at, { c: n, p: index + 1, last: index === entries.length - 1 });
      }),
    );
  }

  /** Logs give way when there is no room; what is missing is said as soon as there is. */
  #addOrDrop(lines: readonly LogLine[], at: string, mark: Partial<EntryMeta>): Promise<unknown> {
    if (this.#options.spool.bulk.isFull) {
      this.#dropped += lines.length;
      return Promise.resolve();
    }
    if (this.#dropped > 0) {
      const message = `${this.#dropped} log lines are missing here: the agent's spool was full while the control plane was out of reach`;
      this.#dropped = 0;
      this.system(message, 'warn');
    }
    return this.#add('bulk', { t: 'logs', ...mark }, { type: 'logs', lines }, at);
  }

  #add(channel: 'state' | 'bulk', meta: Omit<EntryMeta, 'k'>, body: object, at: string, n?: number): Promise<void> {
    const numbered = n === undefined ? meta : { ...meta, c: n, last: true };
    const { run, epoch } = this.#options.run;
    return this.#options.spool.report(channel, { ...numbered, k: this.#key }, { ...body, run, epoch, at });
  }
}

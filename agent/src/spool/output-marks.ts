/** What the bulk channel remembers of each run: the child's frames and the output files, up to where they are on disk. */
import { advanceMark, type ChildMark, type EntryMeta } from './facts.ts';
import type { LogRecord } from './record.ts';
import type { LogMemory } from './segment-log.ts';

export interface OutputMark extends ChildMark {
  stdout: number;
  stderr: number;
}

export class OutputMarks implements LogMemory {
  readonly #marks = new Map<string, OutputMark>();
  readonly #isHeld: (key: string) => boolean;

  /** Of runs that are not held nothing is remembered: what a leaving process still says is told, and that is all. */
  constructor(isHeld: (key: string) => boolean) {
    this.#isHeld = isHeld;
  }

  /** A copy, zero where nothing is known. */
  of(key: string): OutputMark {
    return { n: 0, parts: 0, stdout: 0, stderr: 0, ...this.#marks.get(key) };
  }

  apply(record: LogRecord): void {
    if (record.kind === 'f') {
      const { key, mark } = JSON.parse(record.body) as { key: string; mark: OutputMark };
      if (this.#isHeld(key)) this.#marks.set(key, mark);
      return;
    }
    const meta = (record.told ?? JSON.parse(record.meta)) as EntryMeta;
    if (!this.#isHeld(meta.k)) return;
    const mark = this.of(meta.k);
    advanceMark(mark, meta);
    if (meta.o) mark[meta.o.s] = meta.o.to;
    this.#marks.set(meta.k, mark);
  }

  forget(key: string): void {
    this.#marks.delete(key);
  }

  snapshot(): LogRecord[] {
    return [...this.#marks].map(([key, mark]) => ({ kind: 'f', n: 0, meta: '', body: JSON.stringify({ key, mark }) }));
  }
}

/**
 * Tells the supervisor what happens in a run, in batches. Of a task run that moves several times within one batch only
 * the last transition is told, and of a progress bar only the last position: a later one replaces an earlier one for
 * every reader. Before anything is told, the transitions it may refer to are. One reporter serves one run: what its
 * code still says after the end is nobody's, and must not reach the next run of a reused child.
 */
import type { LogLine } from '@signalbox/proto/messages';
import type { RunInfo } from '../run-info.ts';
import type { ChildLink, Told } from './child-link.ts';
import { faultPoint } from './fault-point.ts';
import type { ArtifactRecord, Reporter, RunOutcome, TaskTransition } from './reporter.ts';

const TASK_FLUSH_MS = 10;
const LOG_FLUSH_MS = 50;
const MAX_TASKS = 500;
const MAX_LINES = 200;
/** Text and attributes of the lines of one frame; a report to the control plane carries at most 192 KiB. */
const MAX_LINE_CHARACTERS = 64 * 1024;
const ATTRIBUTES_MAX_CHARACTERS = 8 * 1024;
/** A result above this stays where it was made. */
const RESULT_MAX_BYTES = 64 * 1024;

export class ChildReporter implements Reporter {
  readonly #link: ChildLink;
  readonly #tasks = new Map<number, TaskTransition>();
  readonly #artifacts = new Map<number, ArtifactRecord>();
  #lines: LogLine[] = [];
  #characters = 0;
  #timer: NodeJS.Timeout | null = null;
  #dueAt = Number.POSITIVE_INFINITY;
  #isClosed = false;

  constructor(link: ChildLink) {
    this.#link = link;
  }

  started(_run: RunInfo, runName?: string): void {
    this.#link.tell([{ type: 'started', at: new Date().toISOString(), runName }]);
    faultPoint('child-started');
  }

  task(transition: TaskTransition): void {
    if (this.#isClosed) return;
    this.#tasks.set(transition.ordinal, transition);
    this.#flushWithin(this.#tasks.size >= MAX_TASKS ? 0 : TASK_FLUSH_MS);
  }

  log(line: LogLine): void {
    if (this.#isClosed) return;
    const { attributes, characters } = boundedAttributes(line);
    const size = line.message.length + characters;
    if (this.#lines.length >= MAX_LINES || this.#characters + size > MAX_LINE_CHARACTERS) this.flush();
    this.#lines.push(attributes === line.attributes ? line : { ...line, attributes });
    this.#characters += size;
    this.#flushWithin(LOG_FLUSH_MS);
  }

  artifact(artifact: ArtifactRecord): void {
    if (this.#isClosed) return;
    this.#artifacts.set(artifact.ordinal, artifact);
    this.#flushWithin(LOG_FLUSH_MS);
  }

  ended(outcome: RunOutcome): void {
    this.end(outcome);
  }

  /** Tells everything that waits, then the end; the end's number. */
  end({ state, name, message, failure, result }: RunOutcome): number {
    this.flush();
    this.#isClosed = true;
    return this.#link.tell([{ type: 'ended', at: new Date().toISOString(), state, name, message, failure, result: toEnvelope(result) }]);
  }

  /** Tells everything that waits, now. */
  flush(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#dueAt = Number.POSITIVE_INFINITY;
    const frames: Told[] = [];
    for (const { mapped: _, at, ...task } of this.#tasks.values()) frames.push({ type: 'task', at, task });
    const dropped = this.#link.takeDroppedLines();
    if (dropped > 0) this.#lines.unshift(droppedLine(dropped));
    if (this.#lines.length > 0) frames.push({ type: 'logs', at: new Date().toISOString(), lines: this.#lines });
    for (const { at, ...artifact } of this.#artifacts.values()) frames.push({ type: 'artifact', at, artifact });
    this.#tasks.clear();
    this.#artifacts.clear();
    this.#lines = [];
    this.#characters = 0;
    if (frames.length > 0) this.#link.tell(frames);
  }

  #flushWithin(ms: number): void {
    if (ms === 0) {
      this.flush();
      return;
    }
    const dueAt = performance.now() + ms;
    if (dueAt >= this.#dueAt) return;
    if (this.#timer) clearTimeout(this.#timer);
    this.#dueAt = dueAt;
    this.#timer = setTimeout(() => this.flush(), ms);
  }
}

function droppedLine(count: number): LogLine {
  const message = `${count} log lines were dropped, because the agent did not take them for too long`;
  return { at: new Date().toISOString(), level: 'warn', stream: 'system', taskOrdinal: null, message };
}

/** What authors put beside a line may be no JSON (a circle, a bigint), or a whole data set; the line is told without it. */
function boundedAttributes({ attributes }: LogLine): { attributes?: LogLine['attributes']; characters: number } {
  if (!attributes) return { characters: 0 };
  try {
    const characters = JSON.stringify(attributes).length;
    if (characters <= ATTRIBUTES_MAX_CHARACTERS) return { attributes, characters };
    return { attributes: { dropped: `${characters} characters of attributes, at most ${ATTRIBUTES_MAX_CHARACTERS} fit` }, characters: 100 };
  } catch (error) {
    return { attributes: { dropped: `the attributes are no JSON: ${String(error).slice(0, 200)}` }, characters: 300 };
  }
}

/** Whether a result travels as it is; what is no JSON does not, and is no larger for it. */
export function fitsMessage(result: unknown): boolean {
  if (result === null || (typeof result !== 'object' && typeof result !== 'string')) return true;
  try {
    return Buffer.byteLength(JSON.stringify(result) ?? '') <= RESULT_MAX_BYTES;
  } catch {
    return true;
  }
}

function toEnvelope(result: unknown) {
  if (result === undefined) return undefined;
  try {
    const json = JSON.stringify(result);
    if (json === undefined || Buffer.byteLength(json) > RESULT_MAX_BYTES) return undefined;
    return { encoding: 'json' as const, body: JSON.parse(json) as unknown };
  } catch {
    return undefined;
  }
}

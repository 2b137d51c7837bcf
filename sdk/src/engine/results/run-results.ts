/** The results of one attempt of a run: found from earlier attempts, and kept for later ones. Loaded when first needed. */
import { fingerprint, TooLargeError } from '../../results/fingerprint.ts';
import type { ResultSerializer } from '../../results/serializer.ts';
import { jsonSerializer, losslessSerializer } from '../../results/serializer.ts';
import { resultSettings } from '../../results/settings.ts';
import type { ResultStorage } from '../../results/storage.ts';
import { encodeStored } from '../../results/stored-result.ts';
import { UnserializableError } from '../../results/unserializable-error.ts';
import type { KeptResult } from '../execute-task.ts';
import { describeError } from '../failure.ts';
import type { RunSession, TaskRunRecord } from '../session.ts';
import type { Journal, Step } from './journal.ts';
import { openJournal } from './journal.ts';
import type { Keeping } from './result-policy.ts';

/** Parts of arguments that are looked at to tell calls apart. */
const ARGUMENT_PARTS_MAX = 2_000;
const LOSSLESS = losslessSerializer();
const BUILT_IN = new Map([LOSSLESS, jsonSerializer()].map((serializer) => [serializer.name, serializer]));

/** Loads what the first kept result needs. */
export async function preload(): Promise<void> {
  await LOSSLESS.parse(Buffer.from(await LOSSLESS.serialize(null)));
}

/** Where the result of a step is cached too, and for how long. */
export interface CacheEntry {
  readonly key: string;
  readonly expiresMs: number | null;
}

/** A result from an earlier attempt. */
export interface Replayed {
  readonly value: unknown;
  readonly epoch: number;
}

export class RunResults {
  readonly #session: RunSession;
  readonly #journals = new Map<ResultStorage, Promise<Journal>>();
  readonly #warned = new Set<string>();
  /** Arguments that are too large to look at, so that they are looked at once. */
  readonly #large = new WeakSet<object>();

  constructor(session: RunSession) {
    this.#session = session;
  }

  stepOf(record: TaskRunRecord, args: readonly unknown[]): Step {
    return { scope: record.scope, n: record.occurrence, print: this.#printOf(args) };
  }

  /** What a step gave in an earlier attempt; null when it has to run. Trouble is told, and never thrown. */
  async find(record: TaskRunRecord, step: Step, keeping: Keeping): Promise<Replayed | null> {
    try {
      const kept = await (await this.#journalOf(keeping)).find(step);
      if (kept === null) return null;
      const body = await kept.body();
      if (body === null) throw new Error(`what was kept as ${kept.key} is not whole`);
      return { value: await this.parse(kept.serializer, keeping, body), epoch: kept.epoch };
    } catch (error) {
      this.warn(record, keeping, `the result of an earlier attempt could not be read, so it runs again: ${describeError(error)}`);
      return null;
    }
  }

  /** Keeps what a step gave, for the cache too where there is one. Trouble is told, and never thrown: the task has run. */
  async keep(record: TaskRunRecord, step: Step, keeping: Keeping, value: unknown, cache?: CacheEntry): Promise<KeptResult | undefined> {
    const serializer = keeping.serializer ?? LOSSLESS;
    try {
      const written = await serializer.serialize(value);
      const body = typeof written === 'string' ? Buffer.from(written) : written;
      const { maxBytes } = resultSettings();
      if (body.length > maxBytes) {
        throw new RangeError(`it has ${body.length} bytes, at most ${maxBytes} are kept (SIGNALBOX_RESULTS_MAX_BYTES)`);
      }
      await this.keepBody(step, keeping, serializer.name, body);
      const publish = () =>
        this.#publish(record, keeping, () => this.#putCached(cache as CacheEntry, step, keeping, serializer.name, body));
      return { publish: cache && publish, revoke: () => this.revoke(step, keeping) };
    } catch (error) {
      const hint = keeping.isAsked ? '' : '; persistResult: false says that it need not be';
      const cause = error instanceof UnserializableError ? `of its result ${error.message}` : describeError(error);
      this.warn(record, keeping, `its result is not kept, so it would run again in the next attempt of this run: ${cause}${hint}`);
      return undefined;
    }
  }

  /** Steps under `prefix` are called again in this attempt: what they gave in it is found too. */
  async again(prefix: string): Promise<void> {
    // One that cannot be read gives nothing: its steps run again.
    for (const journal of this.#journals.values()) await journal.then((opened) => opened.again(prefix)).catch(() => {});
  }

  async parse(serializer: string, keeping: Keeping, body: Uint8Array): Promise<unknown> {
    return this.#serializer(serializer, keeping).parse(body);
  }

  async keepBody(step: Step, keeping: Keeping, serializer: string, body: Uint8Array): Promise<void> {
    await (await this.#journalOf(keeping)).keep(step, serializer, body);
  }

  async revoke(step: Step, keeping: Keeping): Promise<void> {
    await (await this.#journalOf(keeping)).revoke(step);
  }

  async #publish(record: TaskRunRecord, keeping: Keeping, put: () => Promise<void>): Promise<void> {
    await put().catch((error) => this.warn(record, keeping, `its result is not cached: ${describeError(error)}`));
  }

  async storageOf(keeping: Keeping): Promise<ResultStorage> {
    return keeping.storage ?? resultSettings().storage();
  }

  async #putCached({ key, expiresMs }: CacheEntry, step: Step, keeping: Keeping, serializer: string, body: Uint8Array): Promise<void> {
    const at = Date.now();
    const { epoch } = this.#session.run;
    const expiresAt = expiresMs === null ? null : at + expiresMs;
    const head = { v: 1, serializer, at, expiresAt, step: step.scope, print: step.print, epoch } as const;
    await (await this.storageOf(keeping)).put(key, encodeStored(head, body));
  }

  async close(): Promise<void> {
    const opened = await Promise.allSettled(this.#journals.values());
    await Promise.allSettled(opened.map((journal) => (journal.status === 'fulfilled' ? journal.value.close() : null)));
  }

  async #journalOf(keeping: Keeping): Promise<Journal> {
    const storage = await this.storageOf(keeping);
    const known = this.#journals.get(storage);
    if (known) return known;
    const { run, resultDefaults } = this.#session;
    const opened = openJournal({ storage, runId: run.id, epoch: run.epoch, fromEpoch: resultDefaults?.replayFloor ?? 0 });
    this.#journals.set(storage, opened);
    // A storage that cannot be reached now may be reached by the next task.
    opened.catch(() => this.#journals.delete(storage));
    return opened;
  }

  #serializer(name: string, keeping: Keeping): ResultSerializer {
    if (keeping.serializer?.name === name) return keeping.serializer;
    const known = BUILT_IN.get(name);
    if (!known) throw new Error(`it was written by the serializer "${name}", which the task does not name any more`);
    return known;
  }

  #printOf(args: readonly unknown[]): string | null {
    const given = args.findLastIndex((arg) => arg !== undefined) + 1;
    if (given === 0) return '';
    const list = args.slice(0, given);
    try {
      return fingerprint(list, { maxParts: ARGUMENT_PARTS_MAX, standIn: (value) => this.#standIn(value) }).slice(0, 16);
    } catch (error) {
      if (!(error instanceof TooLargeError)) return null;
    }
    // Found to be too large once, an argument is told by the step that made it, or not at all.
    const large = list.filter((arg) => typeof arg === 'object' && arg !== null && !this.#large.has(arg) && isTooLarge(arg));
    for (const arg of large) this.#large.add(arg as object);
    return large.length > 0 ? this.#printOf(args) : null;
  }

  #standIn(value: object): string | undefined {
    if (!this.#large.has(value)) return undefined;
    const origin = this.#originOf(value);
    if (origin === null) throw new UnserializableError('', 'too large to be told from others');
    return origin;
  }

  /** A large value is told by the step that made it. */
  #originOf(arg: object): string | null {
    const origin = this.#session.originOf(arg);
    return origin ? `made by ${origin.scope}#${origin.occurrence}` : null;
  }

  /** Says what went wrong, once for each task and cause. */
  warn(record: TaskRunRecord, keeping: Keeping, message: string): void {
    // Of ten thousand mapped runs with one cause, one line.
    const once = `${record.scope} ${message}`;
    if (this.#warned.has(once)) return;
    this.#warned.add(once);
    this.#session.log(keeping.isAsked ? 'error' : 'warn', `${record.name}: ${message}`, { task: record, system: true });
  }
}

function isTooLarge(arg: unknown): boolean {
  try {
    fingerprint(arg, { maxParts: ARGUMENT_PARTS_MAX });
    return false;
  } catch (error) {
    return error instanceof TooLargeError;
  }
}

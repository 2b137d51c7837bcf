/**
 * What the finished steps of one run gave, in one storage: kept before a step is told as Completed, found again under a
 * later epoch. A storage that can add lines has one file an epoch; another one object a step, of which the last stays.
 *
 * A step is (scope, n): the n-th call of a task under the same parent. Where code runs concurrently, n may fall
 * differently in the next attempt; so a step is also known by a fingerprint of its arguments, and what is found with
 * other arguments is never given.
 */

import type { ResultLog, ResultStorage } from '../../results/storage.ts';
import type { StoredHead } from '../../results/stored-result.ts';
import { checksum, decodeStored, encodeStored, parseHead } from '../../results/stored-result.ts';

export interface Step {
  readonly scope: string;
  readonly n: number;
  /** Fingerprint of its arguments; null when they have none. */
  readonly print: string | null;
}

export interface KeptStep {
  readonly epoch: number;
  readonly serializer: string;
  /** Where it lies in the storage, as references show it. */
  readonly key: string;
  readonly body: () => Promise<Uint8Array | null>;
}

export interface Journal {
  /** What this step gave in an earlier epoch, at most once for each kept result. */
  find(step: Step): Promise<KeptStep | null>;
  /** Resolves with its key when it is kept. */
  keep(step: Step, serializer: string, body: Uint8Array): Promise<string>;
  /** The step gave nothing: it is to run again. */
  revoke(step: Step): Promise<void>;
  /** Steps whose scope begins with `prefix` are called again within this epoch: what they gave in it counts too. */
  again(prefix: string): Promise<void>;
  close(): Promise<void>;
}

export interface JournalOptions {
  readonly storage: ResultStorage;
  readonly runId: string;
  readonly epoch: number;
  /** Results of epochs before this one are not looked at. */
  readonly fromEpoch: number;
}

/** Larger results lie beside the log, each as an object of its own. */
const INLINE_MAX_BYTES = 64 * 1024;

export async function openJournal(options: JournalOptions): Promise<Journal> {
  const { storage } = options;
  return storage.openLog && storage.list ? LogJournal.open(options) : ObjectJournal.open(options);
}

/** A line of the log: its head, and the body after a tab unless that lies elsewhere. */
interface LineHead {
  readonly scope: string;
  readonly n: number;
  readonly print: string | null;
  readonly at: number;
  readonly ser: string;
  readonly sum: string;
  /** `b64` where the bytes are no line of text. */
  readonly enc?: 'b64';
  /** Key of the object with the body. */
  readonly ref?: string;
  /** What was kept of this step before counts no more. */
  readonly revoked?: true;
}

interface Found extends KeptStep {
  isTaken: boolean;
  readonly step: Step;
}

const TAB = 0x09;
const NEWLINE = 0x0a;

class LogJournal implements Journal {
  readonly #options: JournalOptions;
  readonly #byCall = new Map<string, Found>();
  readonly #byPrint = new Map<string, Found[]>();
  #log: Promise<ResultLog> | null = null;
  #waiting: { line: Uint8Array; done: (error?: unknown) => void }[] = [];
  #isWriting = false;
  /** A failed write may have left half a line: the next begins on a line of its own. */
  #mayBeTorn = true;

  static async open(options: JournalOptions): Promise<LogJournal> {
    const journal = new LogJournal(options);
    await journal.#load(options.epoch - 1, '');
    return journal;
  }

  private constructor(options: JournalOptions) {
    this.#options = options;
  }

  async find(step: Step): Promise<KeptStep | null> {
    const exact = this.#byCall.get(callKey(step));
    const isSame = exact && (exact.step.print === step.print || exact.step.print === null || step.print === null);
    const found = isSame && !exact.isTaken ? exact : step.print && this.#byPrint.get(printKey(step))?.find((other) => !other.isTaken);
    if (!found) return null;
    found.isTaken = true;
    return found;
  }

  async keep(step: Step, serializer: string, body: Uint8Array): Promise<string> {
    const key = logKey(this.#options.runId, this.#options.epoch);
    const head: LineHead = { ...step, at: Date.now(), ser: serializer, sum: checksum(body) };
    if (body.length > INLINE_MAX_BYTES) {
      const ref = `${runPrefix(this.#options.runId)}${this.#options.epoch}/${fileName(step)}`;
      await this.#options.storage.put(ref, encodeStored(headOf(step, serializer, this.#options.epoch), body));
      await this.#append(lineOf({ ...head, ref }, null));
      return ref;
    }
    const isLine = !body.includes(NEWLINE);
    const text = isLine ? body : Buffer.from(Buffer.from(body).toString('base64'));
    await this.#append(lineOf(isLine ? head : { ...head, enc: 'b64' }, text));
    return key;
  }

  async revoke(step: Step): Promise<void> {
    const head: LineHead = { ...step, at: Date.now(), ser: '', sum: '', revoked: true };
    await this.#append(lineOf(head, null));
  }

  again(prefix: string): Promise<void> {
    return this.#load(this.#options.epoch, prefix);
  }

  async close(): Promise<void> {
    const log = await this.#log?.catch(() => null);
    await log?.close();
  }

  #append(line: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ line, done: (error) => (error === undefined ? resolve() : reject(error)) });
      if (!this.#isWriting) void this.#write();
    });
  }

  /** What came while one write was under way goes into the next one. */
  async #write(): Promise<void> {
    this.#isWriting = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      let failure: unknown;
      try {
        const lines = batch.map(({ line }) => line);
        if (this.#mayBeTorn) lines.unshift(Buffer.of(NEWLINE));
        const log = await this.#open();
        await log.append(lines.length === 1 ? (lines[0] as Uint8Array) : Buffer.concat(lines));
        this.#mayBeTorn = false;
      } catch (error) {
        failure = error ?? new Error('the write failed');
        this.#mayBeTorn = true;
      }
      for (const { done } of batch) done(failure);
    }
    this.#isWriting = false;
  }

  async #open(): Promise<ResultLog> {
    const { storage, runId, epoch } = this.#options;
    this.#log ??= storage.openLog?.(logKey(runId, epoch)) ?? null;
    try {
      return await (this.#log as Promise<ResultLog>);
    } catch (error) {
      // Another try later: the disk may have room again.
      this.#log = null;
      throw error;
    }
  }

  async #load(toEpoch: number, prefix: string): Promise<void> {
    const { storage, runId, fromEpoch } = this.#options;
    const keys = (await storage.list?.(runPrefix(runId))) ?? [];
    const logs = keys.flatMap((key) => {
      const of = Number(/\/(\d+)\.log$/.exec(key)?.[1] ?? Number.NaN);
      return of >= fromEpoch && of <= toEpoch ? [{ key, epoch: of }] : [];
    });
    for (const log of logs.sort((a, b) => a.epoch - b.epoch)) {
      const bytes = await storage.get(log.key);
      if (bytes) this.#index(bytes, log.key, log.epoch, prefix);
    }
  }

  #index(bytes: Uint8Array, key: string, epoch: number, prefix: string): void {
    for (let from = 0; from < bytes.length; ) {
      const end = bytes.indexOf(NEWLINE, from);
      // The last line of a process that was killed while it wrote.
      if (end === -1) return;
      const line = bytes.subarray(from, end);
      from = end + 1;
      const tab = line.indexOf(TAB);
      const head = tab === -1 ? null : (parseHead(line.subarray(0, tab)) as LineHead | null);
      if (!head?.scope.startsWith(prefix)) continue;
      const { scope, n, print } = head;
      const body = head.ref === undefined ? async () => inlineBody(head, line.subarray(tab + 1)) : () => this.#object(head.ref as string);
      const found: Found = { step: { scope, n, print }, epoch, serializer: head.ser, key: head.ref ?? key, body, isTaken: false };
      if (head.revoked) {
        this.#forget(head);
        continue;
      }
      // A step that ran again replaces what it gave before.
      const older = this.#byCall.get(callKey(found.step));
      if (older?.step.print === print) older.isTaken = true;
      this.#byCall.set(callKey(found.step), found);
      if (print === null) continue;
      const same = this.#byPrint.get(printKey(found.step));
      if (same) same.push(found);
      else this.#byPrint.set(printKey(found.step), [found]);
    }
  }

  #forget(step: Step): void {
    const found = [this.#byCall.get(callKey(step)), ...(this.#byPrint.get(printKey(step)) ?? [])];
    for (const one of found) if (one && callKey(one.step) === callKey(step)) one.isTaken = true;
    this.#byCall.delete(callKey(step));
  }

  async #object(ref: string): Promise<Uint8Array | null> {
    const bytes = await this.#options.storage.get(ref);
    return (bytes && decodeStored(bytes)?.body) ?? null;
  }
}

class ObjectJournal implements Journal {
  readonly #options: JournalOptions;
  /** Null when the storage cannot say: each is asked for. */
  readonly #present: Set<string> | null;
  /** Scopes whose steps are called again within this epoch. */
  readonly #again: string[] = [];

  static async open(options: JournalOptions): Promise<ObjectJournal> {
    const keys = await options.storage.list?.(runPrefix(options.runId));
    return new ObjectJournal(options, keys ? new Set(keys) : null);
  }

  private constructor(options: JournalOptions, present: Set<string> | null) {
    this.#options = options;
    this.#present = present;
  }

  async find(step: Step): Promise<KeptStep | null> {
    const { storage, epoch, fromEpoch } = this.#options;
    const key = this.#key(step);
    if (this.#present?.has(key) === false) return null;
    const bytes = await storage.get(key);
    const stored = bytes && decodeStored(bytes);
    if (!stored) return null;
    const { head, body } = stored;
    const toEpoch = this.#again.some((prefix) => step.scope.startsWith(prefix)) ? epoch : epoch - 1;
    if (head.epoch === null || head.epoch < fromEpoch || head.epoch > toEpoch) return null;
    if (head.print !== step.print && head.print !== null && step.print !== null) return null;
    return { epoch: head.epoch, serializer: head.serializer, key, body: async () => body };
  }

  async keep(step: Step, serializer: string, body: Uint8Array): Promise<string> {
    const key = this.#key(step);
    await this.#options.storage.put(key, encodeStored(headOf(step, serializer, this.#options.epoch), body));
    this.#present?.add(key);
    return key;
  }

  async revoke(step: Step): Promise<void> {
    await this.#options.storage.delete(this.#key(step));
    this.#present?.delete(this.#key(step));
  }

  async again(prefix: string): Promise<void> {
    this.#again.push(prefix);
  }

  async close(): Promise<void> {}

  #key(step: Step): string {
    return `${runPrefix(this.#options.runId)}steps/${fileName(step)}`;
  }
}

function runPrefix(runId: string): string {
  return `runs/${runId}/`;
}

function logKey(runId: string, epoch: number): string {
  return `${runPrefix(runId)}${epoch}.log`;
}

function callKey({ scope, n }: Step): string {
  return `${scope}#${n}`;
}

function printKey({ scope, print }: Step): string {
  return `${scope}\0${print}`;
}

/** Names of tasks are free text: a file is named by their sum. */
function fileName({ scope, n }: Step): string {
  return `${checksum(Buffer.from(scope))}.${n}`;
}

function headOf(step: Step, serializer: string, epoch: number): StoredHead {
  return { v: 1, serializer, at: Date.now(), expiresAt: null, step: callKey(step), print: step.print, epoch };
}

function lineOf(head: LineHead, body: Uint8Array | null): Uint8Array {
  const start = Buffer.from(`${JSON.stringify(head)}\t`);
  return Buffer.concat(body ? [start, body, Buffer.of(NEWLINE)] : [start, Buffer.of(NEWLINE)]);
}

function inlineBody(head: LineHead, text: Uint8Array): Uint8Array | null {
  const body = head.enc === 'b64' ? Buffer.from(Buffer.from(text).toString('latin1'), 'base64') : text;
  return checksum(body) === head.sum ? body : null;
}

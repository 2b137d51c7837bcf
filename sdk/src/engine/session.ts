/**
 * One attempt of one run in this process: numbers its task runs and artifacts, tells the reporter, and owns the
 * signal that ends it. A task run is created (an ordinal, no state told), may wait (PENDING), is RUNNING once per
 * attempt, waits between attempts (SCHEDULED AwaitingRetry), and ends exactly once.
 */
import type { RunFailure, TaskRunStateType } from '@signalbox/proto';
import type { LogLevel, LogLine } from '@signalbox/proto/messages';
import type { ChildRun } from '../run-deployment.ts';
import type { RunInfo } from '../run-info.ts';
import type { TaskDefinition } from '../task-definition.ts';
import type { Calls } from './calls.ts';
import { type Clock, SYSTEM_CLOCK } from './clock.ts';
import type { TaskScope } from './flow-scope.ts';
import { Holds } from './holds.ts';
import { knownSecrets } from './redaction.ts';
import type { ArtifactRecord, Reporter, TaskTransition } from './reporter.ts';
import type { RunResultDefaults } from './results/result-policy.ts';
import type { RunResults } from './results/run-results.ts';
import { type TraceContext, toTraceparent } from './telemetry/trace-context.ts';
import type { Span, Tracer } from './telemetry/tracer.ts';
import { cleanText, cutAt } from './text.ts';

/** A task run as the engine keeps it. */
export interface TaskRunRecord {
  readonly ordinal: number;
  readonly kind: 'task' | 'flow';
  /** Where it is called: `scope#occurrence`, at most 500 characters. */
  readonly key: string;
  /** The task under its parent: `load`, `outer#1/inner`. */
  readonly scope: string;
  /** Which call of that, from 1 in order of creation. */
  readonly occurrence: number;
  readonly name: string;
  readonly parentOrdinal: number | null;
  /** Called by a task, directly or not. */
  readonly isInTask: boolean;
  readonly mapped: TaskTransition['mapped'];
  upstream: number[];
  /** What it runs under: its caller's span; and its own, while it runs. */
  readonly parentSpan: TraceContext | null;
  span: Span | null;
  seq: number;
  state: TaskRunStateType;
  stateName: string;
  attempt: number;
  startedAt: string | null;
  endedAt: string | null;
}

/** The wire's bounds. */
const LINE_MAX = 16_384;
const NAME_MAX = 500;
const MESSAGE_MAX = 10_000;
const UPSTREAM_MAX = 1_000;
/** JSON of one artifact; a report to the control plane carries at most 192 KiB. */
const ARTIFACT_MAX_BYTES = 128 * 1024;

/** What a test puts in the place of code; `call` is the code itself. */
export interface Doubles {
  task(task: TaskDefinition, record: TaskRunRecord, args: readonly unknown[], call: () => unknown): unknown;
  deployment(ref: string, options: { readonly parameters?: Readonly<Record<string, unknown>> }, step: TaskRunRecord): Promise<ChildRun>;
}

/** A run without an agent never leaves its process. */
const NOBODY = { paused: () => {}, leave: () => {} };

export class RunSession implements TaskScope {
  readonly run: RunInfo;
  readonly signal: AbortSignal;
  /** What the flow may ask of the control plane. */
  readonly calls: Calls;
  /** What holds for results where no task says; null: nothing is kept. */
  readonly resultDefaults: RunResultDefaults | null;
  readonly clock: Clock;
  /** Where it can stand still. */
  readonly holds: Holds;
  /** Task runs that have not settled yet: a flow ends after them. */
  readonly outstanding = new Set<Promise<unknown>>();
  /** Asked before a task run begins an attempt; a promise: it begins after that. Set while runs are started (child-runs.ts). */
  beforeTask: (() => Promise<void> | null) | null = null;
  /** Whether what it prints with `console` is taken for its log. */
  capturesConsole = false;
  /** What tasks said of the assets that they make, by URI. */
  readonly assetFacts = new WeakMap<TaskRunRecord, Map<string, Readonly<Record<string, unknown>>>>();
  /** Told of all of them at each word. Set where they are told elsewhere (isolation/isolated.ts). */
  onAssetFacts: ((record: TaskRunRecord, uri: string, facts: Readonly<Record<string, unknown>>) => void) | null = null;
  /** A task of it had assets: from then on lineage is followed. */
  hasAssets = false;
  /** Stand-ins of a test. */
  doubles: Doubles | null = null;
  /** Traces; null: nobody wants them. */
  tracer: Tracer | null = null;
  /** The run's own span, else what came with the run: others go on under it. */
  traceContext: TraceContext | null = null;
  /** Called after each transition of a task run. */
  onTransition: (() => void) | null = null;
  readonly #reporter: Reporter;
  readonly #controller = new AbortController();
  readonly #occurrences = new Map<string, number>();
  readonly #origins = new WeakMap<object, TaskRunRecord>();
  readonly #unfinished = new Set<TaskRunRecord>();
  readonly #emitted = new Map<string, number>();
  /** Failed futures that nobody looked at: they fail the flow. */
  readonly #unseen = new Map<number, unknown>();
  #ordinals = 0;
  #artifacts = 0;
  #results: Promise<RunResults> | null = null;

  constructor(
    run: RunInfo,
    reporter: Reporter,
    calls: Calls,
    resultDefaults: RunResultDefaults | null = null,
    holds = new Holds(NOBODY),
    clock: Clock = SYSTEM_CLOCK,
  ) {
    this.clock = clock;
    this.holds = holds;
    this.run = run;
    this.resultDefaults = resultDefaults;
    this.calls = calls;
    this.#reporter = reporter;
    this.signal = this.#controller.signal;
  }

  #now(): string {
    return new Date(this.clock.now()).toISOString();
  }

  /** Asks everything in the run to stop. The first reason counts. */
  abort(reason: Error): void {
    if (!this.signal.aborted) this.#controller.abort(reason);
  }

  /**
   * Keeps a promise among those the flow ends after. Await what it gives back: a failure that nobody takes there is an
   * unhandled rejection, as of any promise.
   */
  track<R>(promise: Promise<R>): Promise<R> {
    this.outstanding.add(promise);
    return promise.finally(() => this.outstanding.delete(promise));
  }

  /**
   * Calls of the tasks under a sub-flow are counted from 1 again, as its next attempt calls them again: those that finished
   * are given as they are.
   */
  async beginAgain(parent: TaskRunRecord): Promise<void> {
    const under = `${parent.key}/`;
    for (const scope of this.#occurrences.keys()) if (scope.startsWith(under)) this.#occurrences.delete(scope);
    await (await this.#results)?.again(under);
  }

  /** The results of this attempt; what it takes is loaded by the first task that needs them. */
  openResults(): Promise<RunResults> {
    this.#results ??= import('./results/run-results.ts').then(({ RunResults: Results }) => new Results(this));
    return this.#results;
  }

  /** Closes what was opened for results. */
  async close(): Promise<void> {
    const results = await this.#results?.catch(() => null);
    await results?.close();
  }

  unseen(ordinal: number, error: unknown): void {
    this.#unseen.set(ordinal, error);
  }

  seen(ordinal: number): void {
    this.#unseen.delete(ordinal);
  }

  /** Waits for every task run. @throws the first failure of a future that nobody looked at: it fails the flow. */
  async settle(): Promise<void> {
    while (this.outstanding.size > 0) await Promise.allSettled(this.outstanding);
    for (const error of this.#unseen.values()) throw error;
  }

  createTaskRun(
    kind: 'task' | 'flow',
    task: string,
    parent: TaskRunRecord | null,
    mapped: { index: number; total: number } | null,
    named?: string,
  ): TaskRunRecord {
    const scope = parent ? `${parent.key}/${task}` : task;
    const occurrence = (this.#occurrences.get(scope) ?? 0) + 1;
    this.#occurrences.set(scope, occurrence);
    const name = named ?? (mapped || occurrence > 1 ? `${task}-${occurrence}` : task);
    const record: TaskRunRecord = {
      ordinal: ++this.#ordinals,
      kind,
      key: `${scope}#${occurrence}`.slice(-NAME_MAX),
      scope,
      occurrence,
      name: cleanText(name, NAME_MAX),
      parentOrdinal: parent?.ordinal ?? null,
      isInTask: parent !== null && (parent.kind === 'task' || parent.isInTask),
      mapped: mapped && { index: mapped.index, total: mapped.total, task },
      upstream: [],
      parentSpan: parent?.span?.context ?? parent?.parentSpan ?? this.traceContext,
      span: null,
      seq: 0,
      state: 'PENDING',
      stateName: 'Pending',
      attempt: 1,
      startedAt: null,
      endedAt: null,
    };
    this.#unfinished.add(record);
    return record;
  }

  transition(
    record: TaskRunRecord,
    state: TaskRunStateType,
    stateName: string,
    why: { message?: string; failure?: RunFailure; ends?: boolean } = {},
  ): void {
    if (record.endedAt !== null) return;
    const at = this.#now();
    record.seq++;
    record.state = state;
    record.stateName = stateName;
    if (state === 'RUNNING') record.startedAt ??= at;
    if (why.ends) {
      record.endedAt = at;
      this.#unfinished.delete(record);
    }
    this.#tell(record, at, why);
  }

  /** Another name for the state in which a task run ended: RolledBack. */
  restate(record: TaskRunRecord, stateName: string, message: string): void {
    record.seq++;
    record.stateName = stateName;
    this.#tell(record, this.#now(), { message });
  }

  #tell(record: TaskRunRecord, at: string, why: { message?: string; failure?: RunFailure }): void {
    this.#reporter.task({
      at,
      ordinal: record.ordinal,
      seq: record.seq,
      kind: record.kind,
      taskKey: record.key,
      name: record.name,
      parentOrdinal: record.parentOrdinal,
      upstream: record.upstream.slice(0, UPSTREAM_MAX),
      state: record.state,
      stateName: record.stateName,
      attempt: record.attempt,
      message: why.message && knownSecrets.mask(cleanText(why.message, MESSAGE_MAX)),
      failure: why.failure,
      startedAt: record.startedAt,
      endedAt: record.endedAt,
      mapped: record.mapped,
    });
    this.onTransition?.();
  }

  /** Whether every task run that runs is one of these, or only encloses others. */
  runsNothingBut(records: ReadonlySet<TaskRunRecord>): boolean {
    const unfinished = [...this.#unfinished];
    const enclosing = new Set(unfinished.map(({ parentOrdinal }) => parentOrdinal));
    return unfinished.every((record) => record.state !== 'RUNNING' || records.has(record) || enclosing.has(record.ordinal));
  }

  /** Task runs whose code never came back are told as cancelled, so that none stays RUNNING after its flow. */
  closeUnfinished(message: string, { told = false } = {}): void {
    for (const record of [...this.#unfinished])
      if (!told || record.seq > 0) this.transition(record, 'CANCELLED', 'Cancelled', { message, ends: true });
  }

  /** Remembers which task run made an object, so that passing it on is recorded as upstream. */
  remember(result: unknown, record: TaskRunRecord): void {
    if (typeof result === 'object' && result !== null) this.#origins.set(result, record);
  }

  originOf(value: unknown): TaskRunRecord | undefined {
    return typeof value === 'object' && value !== null ? this.#origins.get(value) : undefined;
  }

  log(
    level: LogLevel,
    message: string,
    said: { task: TaskRunRecord | null; attributes?: Record<string, unknown>; system?: boolean; stream?: 'stdout' | 'stderr' },
  ): void {
    const at = this.#now();
    const text = knownSecrets.mask(cleanText(String(message)));
    let from = 0;
    do {
      const piece = text.slice(from, cutAt(text, from + LINE_MAX));
      const line: LogLine = {
        at,
        level,
        stream: said.stream ?? (said.system ? 'system' : 'logger'),
        taskOrdinal: said.task?.ordinal ?? null,
        message: piece,
      };
      from += piece.length;
      if (from < text.length) line.continues = true;
      else if (said.attributes) line.attributes = attributesOf(said.attributes);
      if (this.tracer && !line.continues) line.attributes = { ...line.attributes, ...this.#traceOf(said.task) };
      this.#reporter.log(line);
    } while (from < text.length);
  }

  /** How often this was emitted in this attempt, from 1. */
  countEmitted(what: string): number {
    const n = (this.#emitted.get(what) ?? 0) + 1;
    this.#emitted.set(what, n);
    return n;
  }

  /** Tells a line that the thread or process of an isolated task made. */
  tellLine(line: LogLine, task: TaskRunRecord): void {
    const traced = this.tracer && !line.continues ? { attributes: { ...line.attributes, ...this.#traceOf(task) } } : {};
    this.#reporter.log({ ...line, taskOrdinal: task.ordinal, ...traced });
  }

  /** What calls of others carry on: the span that the code is in. */
  traceparent(task: TaskRunRecord | null): string | null {
    const context = task?.span?.context ?? task?.parentSpan ?? this.traceContext;
    return context ? toTraceparent(context) : null;
  }

  /** With which a line is found from a trace, and a trace from a line. */
  #traceOf(task: TaskRunRecord | null): Record<string, string> {
    const { traceId, spanId } = task?.span?.context ?? task?.parentSpan ?? this.traceContext ?? {};
    return traceId && spanId ? { trace_id: traceId, span_id: spanId } : {};
  }

  /** Tells an artifact; its ordinal, with which later versions of it are told. @throws RangeError over 128 KiB. */
  artifact(
    artifact: Pick<ArtifactRecord, 'kind' | 'key' | 'description'>,
    body: unknown,
    task: TaskRunRecord | null,
    ordinal?: number,
  ): number {
    const bytes = Buffer.byteLength(JSON.stringify(body) ?? 'null');
    if (bytes > ARTIFACT_MAX_BYTES) {
      const name = artifact.key ?? artifact.kind;
      throw new RangeError(
        `artifact ${name}: expected at most ${ARTIFACT_MAX_BYTES} bytes of JSON, got ${bytes}; keep large data in your own storage and publish a link`,
      );
    }
    const number = ordinal ?? ++this.#artifacts;
    this.#reporter.artifact({
      ...artifact,
      at: this.#now(),
      ordinal: number,
      taskOrdinal: task?.ordinal ?? null,
      data: { encoding: 'json', body: knownSecrets.maskJson(body) },
    });
    return number;
  }
}

/** What cannot be written as JSON is masked by nobody: it is not told at all, see the reporters. */
function attributesOf(attributes: Record<string, unknown>): Record<string, unknown> {
  try {
    return knownSecrets.maskJson(attributes);
  } catch {
    return attributes;
  }
}

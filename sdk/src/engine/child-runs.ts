/**
 * The runs that a flow started and waits for, and its slots while it does.
 *
 *   held --(nothing runs but waits)--> given --(a child ended, or a task wants to run)--> held
 *
 * All waits are one question, asked again when the control plane wakes this run and every few seconds. Slots are given up
 * only while every task run that runs is such a wait; the flow's own code between its calls is not seen. They are taken
 * again before a wait comes back, and before any task run begins.
 */
import type { RunId } from '@signalbox/proto';
import type { AwaitChildrenReply, CreateChildReply, EndedChild, ReadChildrenReply, ResumeReply } from '@signalbox/proto/messages';
import type { ChildRun, RunDeploymentOptions } from '../run-deployment.ts';
import { instantOf } from '../run-deployment.ts';
import type { EngineContext } from './context.ts';
import { describeError } from './failure.ts';
import type { RunSession, TaskRunRecord } from './session.ts';

/** The contract's bound of one question; more wait their turn. */
const AWAITED_MAX = 1_000;
/** Waits that begin together are asked for together. */
const ASK_AFTER_MS = 10;
/** A flow that does nothing else for so long gives its slots up. */
const IDLE_AFTER_MS = 25;

interface Wait {
  readonly run: RunId;
  readonly key: string | undefined;
  readonly record: TaskRunRecord;
  readonly settle: PromiseWithResolvers<EndedChild>;
}

const known = new WeakMap<RunSession, ChildRuns>();

export function childRunsOf(session: RunSession): ChildRuns {
  const runs = known.get(session) ?? new ChildRuns(session);
  known.set(session, runs);
  return runs;
}

/** What a child gave; a large result is taken from the storage that both reach. */
async function resultOf(body: unknown, { session, task, results }: EngineContext): Promise<unknown> {
  if (typeof body !== 'object' || body === null || !('$result' in body)) return body;
  const { isResultReference, openReference } = await import('./results/result-reference.ts');
  if (!isResultReference(body)) return body;
  try {
    return await openReference(body, results);
  } catch (error) {
    session.log('warn', `${task?.name}: ${describeError(error)}; give both deployments one bucket`, { task, system: true });
    return undefined;
  }
}

export class ChildRuns {
  readonly #session: RunSession;
  readonly #waits = new Map<RunId, Wait[]>();
  /** Runs that this attempt saw fail, by step: asked for again, the step wants another. */
  readonly #failed = new Map<string, RunId>();
  #asking: AbortController | null = null;
  #isSlotGiven = false;
  #giving: Promise<void> | null = null;
  #taking: Promise<void> | null = null;
  #idleTimer: NodeJS.Timeout | null = null;

  constructor(session: RunSession) {
    this.#session = session;
    session.beforeTask = () => this.#slotsBack();
    session.onTransition = () => this.#lookForIdleness();
  }

  /** Makes the run of this step, or finds it, and waits for its end when asked to. */
  async run(ctx: EngineContext, deployment: string, options: RunDeploymentOptions): Promise<ChildRun> {
    const { task: record, signal } = ctx;
    if (!record) throw new Error('a child run belongs to a task run');
    const { parameters = {}, tags = [], wait = true, name, dueAt, queue, idempotencyKey: key } = options;
    const replaces = this.#failed.get(record.key);
    const traceparent = this.#session.traceparent(record);
    const op = {
      name: 'children.create' as const,
      step: record.key,
      ordinal: record.ordinal,
      deployment,
      parameters: { ...parameters },
      tags: [...tags],
      onParentEnd: options.onParentEnd ?? (wait ? 'cancel' : 'leave'),
      ...(name === undefined ? {} : { runName: name }),
      ...(dueAt === undefined ? {} : { dueAt: instantOf(dueAt) }),
      ...(queue === undefined ? {} : { queue }),
      ...(key === undefined ? {} : { idempotencyKey: key }),
      ...(replaces === undefined ? {} : { replaces }),
      ...(traceparent === null ? {} : { traceparent }),
    };
    const made = (await this.#session.calls.call(op, signal)) as CreateChildReply;
    const { run: id, runName } = made;
    this.#session.transition(record, 'RUNNING', wait ? 'AwaitingChild' : 'Running', { message: `${runName} (${id})` });
    if (!wait) {
      const state = { type: 'SCHEDULED' as const, name: 'Scheduled', at: new Date().toISOString() };
      return { id, name: runName, state, result: undefined, failure: null };
    }
    const ended = await this.#untilEnded({ run: id, key, record, settle: Promise.withResolvers() }, signal);
    if (ended.state.type !== 'COMPLETED') this.#failed.set(record.key, id);
    const result = await resultOf(ended.result?.body, ctx);
    return { id, name: ended.runName, state: ended.state, result, failure: ended.failure };
  }

  async #untilEnded(wait: Wait, signal: AbortSignal): Promise<EndedChild> {
    const onAbort = () => wait.settle.reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    this.#waits.set(wait.run, [...(this.#waits.get(wait.run) ?? []), wait]);
    this.#askAnew();
    this.#lookForIdleness();
    try {
      return await wait.settle.promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
      const others = (this.#waits.get(wait.run) ?? []).filter((other) => other !== wait);
      if (others.length > 0) this.#waits.set(wait.run, others);
      else this.#waits.delete(wait.run);
      await this.#slotsBack();
    }
  }

  // ------------------------------------------------------------------ which of them have ended

  /** Asks for what is waited for now; a question on its way is for fewer. */
  #askAnew(): void {
    this.#asking?.abort();
    const asking = new AbortController();
    this.#asking = asking;
    setTimeout(() => void this.#ask(asking), ASK_AFTER_MS);
  }

  async #ask(asking: AbortController): Promise<void> {
    const signal = AbortSignal.any([asking.signal, this.#session.signal]);
    try {
      while (!signal.aborted && this.#waits.size > 0) {
        const runs = [...this.#waits.values()].slice(0, AWAITED_MAX).map(([wait]) => ({
          run: (wait as Wait).run,
          ...((wait as Wait).key === undefined ? {} : { key: (wait as Wait).key }),
        }));
        const op = { name: 'children.read' as const, runs };
        const isNews = ({ ended, gone }: ReadChildrenReply) => ended.length + gone.length > 0;
        const { ended, gone } = await this.#session.calls.waitFor<ReadChildrenReply>(op, isNews, signal);
        for (const child of ended) this.#settle(child.run, (wait) => wait.settle.resolve(child));
        for (const run of gone)
          this.#settle(run, (wait) => wait.settle.reject(new Error(`run ${run} is not there any more: it was deleted`)));
      }
    } catch (error) {
      // Asked anew, or the flow ends: each wait has its own signal for that.
      if (signal.aborted) return;
      for (const run of [...this.#waits.keys()]) this.#settle(run, (wait) => wait.settle.reject(error));
    }
  }

  #settle(run: RunId, how: (wait: Wait) => void): void {
    const waits = this.#waits.get(run) ?? [];
    this.#waits.delete(run);
    for (const wait of waits) how(wait);
  }

  // ------------------------------------------------------------------ slots

  #lookForIdleness(): void {
    if (this.#waits.size === 0 || this.#isSlotGiven || this.#giving || this.#idleTimer) return;
    this.#idleTimer = setTimeout(() => {
      this.#idleTimer = null;
      if (this.#isSlotGiven || this.#giving || this.#taking || !this.#isIdle()) return;
      this.#giving = this.#giveSlots().finally(() => {
        this.#giving = null;
      });
    }, IDLE_AFTER_MS);
  }

  #isIdle(): boolean {
    const waiting = new Set([...this.#waits.values()].flat().map(({ record }) => record));
    return waiting.size > 0 && this.#session.runsNothingBut(waiting) && !this.#session.signal.aborted;
  }

  /** Not given (a child ended meanwhile, or the run is being cancelled): the slots stay, and the next change looks again. */
  async #giveSlots(): Promise<void> {
    const op = { name: 'children.await' as const, runs: [...this.#waits.keys()].slice(0, AWAITED_MAX) };
    try {
      const { waiting } = (await this.#session.calls.call(op, this.#session.signal)) as AwaitChildrenReply;
      this.#isSlotGiven = waiting;
      if (!waiting) this.#session.calls.wake();
    } catch {
      // Refused: it goes on with its slots.
    }
  }

  /** Null: they are here. Resolves when they are, and, when the run ends, without them. */
  #slotsBack(): Promise<void> | null {
    if (!this.#isSlotGiven && !this.#giving) return null;
    this.#taking ??= this.#takeSlots().finally(() => {
      this.#taking = null;
      this.#lookForIdleness();
    });
    return this.#taking;
  }

  async #takeSlots(): Promise<void> {
    const { calls, signal } = this.#session;
    await this.#giving;
    if (!this.#isSlotGiven || signal.aborted) return;
    try {
      await calls.waitFor<ResumeReply>({ name: 'children.resume' }, ({ resumed }) => resumed, signal);
      this.#isSlotGiven = false;
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}

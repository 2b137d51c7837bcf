/**
 * The life of a child. `hello` on every connection; `load` imports the code and is answered; `start` calls the flow,
 * once, right after `started` is told; `ended` is kept until it is acknowledged, and then the process exits 0, or, when
 * children are reused, waits for the next `start`. `cancel` and TERM abort the run's signal. What escapes user code
 * (an uncaught exception, an unhandled rejection) ends the run FAILED with that cause.
 */
import type { RUN_ENV as ApiNames, CHILD_ENV as Names, ToChild } from '@signalbox/proto/messages';
import { CancelledError, TimeoutError } from '../errors.ts';
import type { AnyFlow } from '../flow-definition.ts';
import { FLOW } from '../flow-definition.ts';
import type { RunInfo } from '../run-info.ts';
import { SDK_VERSION } from '../version.ts';
import { captureConsole } from './capture-output.ts';
import { ChildCalls } from './child-calls.ts';
import { ChildLink } from './child-link.ts';
import { ChildReporter, fitsMessage } from './child-reporter.ts';
import { executeRun, failed, failedAttempt, stopped, tellRun } from './execute-flow.ts';
import { toFailure } from './failure.ts';
import { faultPoint, watchFaults } from './fault-point.ts';
import { Holds } from './holds.ts';
import { loadFlow } from './load-flow.ts';
import { knownSecrets } from './redaction.ts';
import type { RunOutcome } from './reporter.ts';
import type { RunSession } from './session.ts';

/** The contract's names; typed by it, not imported (see frames.ts). */
const ENV: typeof Names = { socket: 'SIGNALBOX_CHILD_SOCKET', token: 'SIGNALBOX_CHILD_TOKEN', run: 'SIGNALBOX_RUN_ID' };
const API_ENV: typeof ApiNames = { url: 'SIGNALBOX_URL', token: 'SIGNALBOX_RUN_TOKEN' };
const ALIVE_EVERY_MS = 2_000;
/** A child without a run that nobody speaks to is left over. */
const PRELOAD_AFTER_MS = 100;
/** Longest time for hooks of a process that is about to end. */
const CRASH_HOOKS_MS = 5_000;
const ORPHAN_AFTER_MS = 30_000;

type Start = Extract<ToChild, { type: 'start' }>;
interface Current {
  readonly start: Start;
  readonly controller: AbortController;
  readonly reporter: ChildReporter;
  readonly calls: ChildCalls;
  readonly holds: Holds;
  session: RunSession | null;
  /** Something escaped its code, and its hooks are told. */
  hasEscaped?: boolean;
  /** Its end is told; what happens now is nobody's. */
  isOver: boolean;
}

/** @throws Error when it was not started by an agent. */
export function runChild(env: NodeJS.ProcessEnv): void {
  const path = env[ENV.socket];
  const token = env[ENV.token];
  if (!path || !token) throw new Error(`this program is started by an agent, which sets ${ENV.socket} and ${ENV.token}`);
  // User code and what it starts need no credential of ours.
  delete env[ENV.token];
  watchFaults(env);
  new ChildSession(path, token).begin();
}

class ChildSession {
  readonly #link: ChildLink;
  #flow: AnyFlow | null = null;
  #current: Current | null = null;

  constructor(path: string, token: string) {
    const hello = () => {
      const run = this.#current?.start.run;
      const holding = run ? { run: run.run, epoch: run.epoch } : null;
      const paused = this.#current?.holds.time;
      return { type: 'hello', v: 1, token, pid: process.pid, sdkVersion: SDK_VERSION, holding, ...(paused ? { paused } : {}) } as const;
    };
    this.#link = new ChildLink(
      path,
      hello,
      (message) => this.#receive(message),
      () => this.#current?.calls.repeat(),
    );
  }

  begin(): void {
    captureConsole();
    process.on('SIGTERM', () => (this.#current ? this.#cancel('cancelled') : process.exit(0)));
    process.on('uncaughtException', (error) => this.#escaped(error));
    process.on('unhandledRejection', (reason) => this.#escaped(reason));
    // Code that calls process.exit: what was said before goes out as far as the socket takes it at once.
    process.on('exit', () => this.#current?.reporter.flush());
    setInterval(() => this.#beat(), ALIVE_EVERY_MS);
    this.#link.open();
    // What every flow file imports first, while the supervisor makes up its mind.
    void import('../index.ts');
  }

  #receive(message: ToChild): void {
    switch (message.type) {
      case 'load':
        void this.#load(message.source);
        return;
      case 'start':
        void this.#start(message);
        return;
      case 'cancel':
        this.#cancel(message.reason);
        return;
      case 'hold':
        this.#current?.holds.ask(message.how, message.key);
        return;
      case 'answer':
        this.#current?.calls.answer(message);
        return;
      case 'wake':
        this.#current?.calls.wake();
        return;
      case 'retire':
        if (!this.#current) process.exit(0);
        return;
      default:
        // An agent of a later version may say more.
        return;
    }
  }

  async #load(source: Extract<ToChild, { type: 'load' }>['source']): Promise<void> {
    try {
      faultPoint('child-told-to-load');
      this.#flow = await loadFlow(source);
      faultPoint('child-loaded');
      this.#link.say({ type: 'loaded', flowName: this.#flow.name });
      // A child that is kept warm has the time; one that is started at once loads it beside its first task.
      setTimeout(() => void import('./results/run-results.ts').then(({ preload }) => preload()), PRELOAD_AFTER_MS).unref();
    } catch (error) {
      this.#link.say({ type: 'load-failed', failure: toFailure(error, 'crashed') });
    }
  }

  async #start(start: Start): Promise<void> {
    // A repeat after a reconnect: the flow is called once.
    if (this.#current) return;
    faultPoint('child-told-to-start');
    const controller = new AbortController();
    const calls = new ChildCalls((frame) => this.#link.say(frame));
    const holds = new Holds({
      paused: (time) => this.#link.say({ type: 'paused', ...time }),
      leave: () => void this.#leave(current),
    });
    const current: Current = { start, controller, reporter: new ChildReporter(this.#link), calls, holds, session: null, isOver: false };
    this.#current = current;
    process.env[ENV.run] = start.run.run;
    enterApi(start.api);
    const outcome = this.#flow ? await withinBounds(await this.#execute(this.#flow, current), this.#flow, current) : notLoaded();
    this.#end(outcome, current);
  }

  #execute(flow: AnyFlow, current: Current): Promise<RunOutcome> {
    const { run, parameters } = current.start;
    const { controller, reporter, calls, holds } = current;
    const info: RunInfo = {
      id: run.run,
      name: run.name,
      epoch: run.epoch,
      fencingToken: String(run.epoch),
      attempt: run.attempt,
      flow: run.flow.name,
      deployment: run.deployment.name,
      parameters: parameters.body as RunInfo['parameters'],
      tags: run.tags,
    };
    // The supervisor watches the time and kills after the grace: it does so even when this event loop is blocked.
    const { signal } = controller;
    // Kept by default: the agent gives the next attempt of the run to a process that can read the same folder.
    const results = { persist: true, scratch: null, replayFloor: run.replayFloor ?? 0 };
    const onSession = (session: RunSession) => {
      current.session = session;
      session.capturesConsole = true;
    };
    return executeRun({
      definition: flow[FLOW],
      run: info,
      reporter,
      calls,
      signal,
      traceparent: parameters.traceparent,
      timeoutMs: null,
      giveUpMs: null,
      results,
      holds,
      onSession,
    });
  }

  #end(outcome: RunOutcome, current: Current, mustExit = current.start.run.isolation === 'fresh'): void {
    if (current.isOver) return;
    current.isOver = true;
    if (current.session) current.session.capturesConsole = false;
    // One that leaves keeps waiting for what it waits: nothing of it runs on.
    if (outcome.state !== 'SUSPENDED') current.calls.close();
    this.#link.onAcknowledged(current.reporter.end(outcome), () => {
      if (mustExit) process.exit(0);
      this.#current = null;
      delete process.env[ENV.run];
      leaveApi(current.start.api);
    });
  }

  /** To be suspended, and nothing runs: what is kept of results is written, and the process goes. */
  async #leave(current: Current): Promise<void> {
    current.session?.closeUnfinished('its run was suspended; it runs again when the run is resumed', { told: true });
    await current.session?.close().catch(() => {});
    if (!current.controller.signal.aborted) this.#end({ state: 'SUSPENDED', name: 'Suspended' }, current, true);
  }

  #cancel(reason: 'cancelled' | 'timed-out'): void {
    const current = this.#current;
    if (!current || current.controller.signal.aborted) return;
    const { timeoutMs, flow } = current.start.run;
    current.controller.abort(
      reason === 'cancelled'
        ? new CancelledError()
        : new TimeoutError(`flow "${flow.name}" took longer than its timeout of ${(timeoutMs ?? 0) / 1_000} s`, { timeoutMs }),
    );
  }

  /** The process is in an unknown state: the run ends now, and so does the process once that is on disk. */
  #escaped(error: unknown): void {
    const current = this.#current;
    if (!current) {
      console.error(error);
      process.exit(1);
    }
    const { signal } = current.controller;
    const flow = this.#flow;
    const outcome = flow ? failedAttempt({ definition: flow[FLOW], run: current.start.run }, error) : failed(error);
    const end = () => this.#end(signal.aborted ? stopped(signal.reason) : outcome, current, true);
    const run = current.session?.run;
    if (!flow?.[FLOW].states?.onCrashed || !run || current.hasEscaped) {
      end();
      return;
    }
    // Asked once, and not for ever: the process is in an unknown state.
    current.hasEscaped = true;
    const patience = setTimeout(end, CRASH_HOOKS_MS);
    const state = { type: outcome.state, name: outcome.name, ...(outcome.message === undefined ? {} : { message: outcome.message }) };
    void tellRun({ definition: flow[FLOW], run }, 'onCrashed', state, { error }).then(() => {
      clearTimeout(patience);
      end();
    });
  }

  #beat(): void {
    this.#link.say({ type: 'alive' });
    const { disconnectedAt } = this.#link;
    const isAlone = disconnectedAt !== null && performance.now() - disconnectedAt > ORPHAN_AFTER_MS;
    if (isAlone && !this.#current) process.exit(0);
  }
}

/** User code asks the API without a key of its own; an address that its deployment set is left alone. */
function enterApi(api: Start['api']): void {
  if (!api) return;
  process.env[API_ENV.url] ??= api.url;
  process.env[API_ENV.token] = api.token;
  knownSecrets.add(api.token);
}

function leaveApi(api: Start['api']): void {
  delete process.env[API_ENV.token];
  if (api) knownSecrets.forget(api.token);
  if (process.env[API_ENV.url] === api?.url) delete process.env[API_ENV.url];
}

/** A result that is too large to travel is kept here, and its reference is told. */
async function withinBounds(outcome: RunOutcome, flow: AnyFlow, { session }: Current): Promise<RunOutcome> {
  if (!session || outcome.state !== 'COMPLETED' || fitsMessage(outcome.result)) return outcome;
  const { keepByReference } = await import('./results/result-reference.ts');
  return { ...outcome, result: await keepByReference(session, flow[FLOW].results, outcome.result) };
}

function notLoaded(): RunOutcome {
  const message = 'the agent started the run before the code was loaded';
  return { state: 'FAILED', name: 'Failed', message, failure: { kind: 'crashed', message } };
}

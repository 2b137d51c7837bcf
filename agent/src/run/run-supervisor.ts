/**
 * One run's life under one epoch, from the claim to the last word.
 *
 *   claimed ---> loading ---> waiting ---> asking ---> starting ---> running ---> ended
 *      |            |            |           |            |            |
 *      '------------+------------+-----------+---> ended (given back, could not start, cancelled before it began)
 *
 * claimed   the claim is on disk                       loading   a warm child, or one being started, loads the code
 * waiting   the code is loaded, the instant is not due  asking    the permit is asked for, a moment ahead, and held until the instant
 * starting  grant and start are on disk, `start` sent  running   the child said that user code is being called
 * ended     the last word is on disk; the process may still be leaving
 *
 * What ends a run: the child's own `ended`, else its process's exit as the second witness, else a stop (cancel, the
 * flow's timeout, a claim that is not ours any more) that is enforced to the last process. Lost contact ends nothing.
 */
import { faultPoint } from '@signalbox/proto/faults';
import type { ClaimedRun, FromChild, HoldRequest, PausedTime, RunEpoch } from '@signalbox/proto/messages';
import type { Logger } from 'pino';
import { monotonicMs, pause, pauseUntil } from '../bell.ts';
import type { Child, ChildEvents, ChildExit, OutputLine, OutputStream } from '../launchers/launcher.ts';
import type { ServerClock } from '../server-clock.ts';
import type { Ask } from '../session.ts';
import type { HeldRun, JournalledClaim, StopReason } from '../spool/facts.ts';
import { runKey, type Spool } from '../spool/spool.ts';
import { RunCalls } from './calls.ts';
import { loadFailure } from './exit-cause.ts';
import { exitVerdict, frameVerdict, isLeaving, startVerdict, type Verdict } from './last-word.ts';
import { oomWatch } from './oom-kills.ts';
import { fetchParameters } from './parameters.ts';
import { askPermit, PERMIT_AHEAD_MS, type Permission } from './permit.ts';
import { outputToTell, planResume } from './resume.ts';
import { bootMs, RunClock } from './run-clock.ts';
import { RunReporter, type ToldFrame } from './run-reporter.ts';
import { RunSlot } from './run-slot.ts';
import { RunStop } from './run-stop.ts';
import { GiveBackError, LoadWatch, type Prepared, prepareChild, StartFailedError, type StartupParts } from './startup.ts';

export type Phase = 'claimed' | 'loading' | 'waiting' | 'asking' | 'starting' | 'running' | 'ended';

export interface RunParts extends StartupParts {
  readonly spool: Spool;
  readonly clock: ServerClock;
  readonly ask: Ask;
  readonly workspace: () => { id: string; slug: string };
  /** Where user code reaches the API of the control plane. */
  readonly apiUrl: string;
  readonly log: Logger;
  /** User code was called. */
  readonly onStarted: (run: RunSupervisor) => void;
  /** Resolves when a slot is free for this run, which waited for a child without one. */
  readonly untilSlotFree: (run: RunSupervisor, signal: AbortSignal) => Promise<void>;
  /** It gave its slot up, or has it again. */
  readonly onSlot: (run: RunSupervisor) => void;
  /** The last word is on disk, or none is to be said (`isLetGo`): the slot is free. */
  readonly onEnded: (run: RunSupervisor) => void;
  /** The process is gone too. */
  readonly onGone: (run: RunSupervisor) => void;
}

/** Milliseconds without a sign of the event loop after which it is shown as stalled. Never acted on. */
const STALLED_AFTER_MS = 15_000;
/** A child whose end is acknowledged has this long to leave by itself. */
const LEAVE_WITHIN_MS = 10_000;

export class RunSupervisor implements ChildEvents {
  readonly claim: JournalledClaim;
  readonly key: string;
  readonly #parts: RunParts;
  readonly #reporter: RunReporter;
  readonly #load = new LoadWatch();
  readonly #abandon = new AbortController();
  readonly #stop: RunStop;
  #phase: Phase = 'claimed';
  #claimed: ClaimedRun | null = null;
  #prepared: Prepared | null = null;
  #startFrame: Parameters<Child['send']>[0] | null = null;
  #startUntilMs = 0;
  readonly #clock = new RunClock(() => this.stop('timed-out'));
  /** A pause that a person asked for: the child is told again on a new connection. */
  #hold: HoldRequest | null = null;
  #aliveAtMs = monotonicMs();
  #takenAtMs = 0;
  readonly #calls: RunCalls;
  readonly slot: RunSlot;
  #isLetGo = false;
  #ending: Promise<void> | null = null;

  constructor(parts: RunParts, claim: JournalledClaim, held?: HeldRun) {
    this.#parts = parts;
    this.claim = claim;
    this.key = runKey(claim);
    this.#reporter = new RunReporter({
      spool: parts.spool,
      clock: parts.clock,
      run: this.id,
      state: held?.mark,
      bulk: parts.spool.marks.of(this.key),
      onAcknowledge: (n) => this.child?.send({ type: 'ack', n }, !this.#isLeaving),
    });
    this.slot = new RunSlot({
      ask: parts.ask,
      untilFree: (signal) => parts.untilSlotFree(this, signal),
      onChange: (isGiven) => {
        void parts.spool.fact({ fact: 'slot', ...this.id, isGiven });
        parts.onSlot(this);
      },
      isGiven: held?.isSlotGiven ?? false,
    });
    this.#calls = new RunCalls({ ask: this.slot.ask, run: this.id, answer: (frame) => this.child?.send(frame) });
    this.#stop = new RunStop({ claim, reporter: this.#reporter, child: () => this.child, note: (fact) => parts.spool.fact(fact) });
  }

  get id(): RunEpoch {
    return { run: this.claim.run, epoch: this.claim.epoch };
  }

  get phase(): Phase {
    return this.#phase;
  }

  get child(): Child | null {
    return this.#prepared?.child ?? null;
  }

  /** Nothing is to be reported of it any more. */
  get isLetGo(): boolean {
    return this.#isLetGo;
  }

  /** Its process ends when it hears that its last word is on disk. */
  get #isLeaving(): boolean {
    return this.isStopping || (this.#phase === 'ended' && this.claim.isolation === 'fresh');
  }

  get isStopping(): boolean {
    return this.#stop.reason !== null;
  }

  /** How long a warm process has been with this run, in milliseconds; null: it had to be started for it. */
  get servedForMs(): number | null {
    return this.#prepared && this.#prepared.runsServed > 0 ? monotonicMs() - this.#takenAtMs : null;
  }

  /** Milliseconds since the child's event loop last gave a sign, when that is too long; else undefined. */
  get stalledForMs(): number | undefined {
    const silentMs = Math.round(monotonicMs() - this.#aliveAtMs);
    return this.#phase === 'running' && silentMs > STALLED_AFTER_MS ? silentMs : undefined;
  }

  // ------------------------------------------------------------------ from the claim to the start

  /** Lives the life of a run that was claimed; monotonic: when its claim was first sent, and when the answer came. */
  async begin(claimed: ClaimedRun, claimSentAtMs: number, claimedAtMs: number): Promise<void> {
    const { signal } = this.#abandon;
    this.#claimed = claimed;
    const dueAtMs = claimedAtMs + claimed.dueInMs;
    try {
      const parameters = fetchParameters(this.#parts.ask, claimed, signal);
      parameters.catch(() => {});
      this.#phase = 'loading';
      await prepareChild(this.#parts, claimed, dueAtMs, this, this.#load, (prepared) => this.#adoptChild(prepared), signal);
      faultPoint('after-load');
      this.#phase = 'waiting';
      if (!claimed.granted) await pause(dueAtMs - PERMIT_AHEAD_MS - monotonicMs(), signal);
      signal.throwIfAborted();
      const body = await parameters;
      this.#phase = 'asking';
      const permission: Permission = claimed.granted
        ? { answer: 'granted', fromMs: dueAtMs, untilMs: claimSentAtMs + 10_000, token: claimed.token }
        : await askPermit(this.#parts.ask, this.id, signal);
      signal.throwIfAborted();
      if (permission.answer === 'refused') return this.#letGo(permission.reason);
      const { parameters: _inline, source: _source, variables: _variables, token: _token, ...run } = claimed;
      const { token } = permission;
      const api = token ? { api: { url: this.#parts.apiUrl, token } } : {};
      this.#startFrame = { type: 'start', run, parameters: body, workspace: this.#parts.workspace(), ...api };
      // Both say when it is due by then at the latest: answers take time to come.
      await this.#start(Math.min(dueAtMs, permission.fromMs), permission.untilMs);
    } catch (error) {
      await this.#failToStart(error);
    }
  }

  #adoptChild(prepared: Prepared): void {
    this.#prepared = prepared;
    this.#aliveAtMs = this.#takenAtMs = monotonicMs();
    this.#parts.spool.state.appendFact({ fact: 'child', ...this.id, child: prepared.child.id, output: prepared.output });
    faultPoint('after-launch');
  }

  async #start(fromMs: number, untilMs: number): Promise<void> {
    faultPoint('after-grant');
    this.#startUntilMs = untilMs;
    this.#parts.spool.state.appendFact({ fact: 'granted', ...this.id });
    const inMs = Math.max(0, Math.round(fromMs - monotonicMs()));
    const startedBootMs = bootMs() + inMs;
    await this.#parts.spool.fact({ fact: 'starting', ...this.id, at: Date.now() + inMs, bootMs: startedBootMs });
    faultPoint('after-grant-journalled');
    await pauseUntil(fromMs, this.#abandon.signal);
    this.#abandon.signal.throwIfAborted();
    if (monotonicMs() >= untilMs) throw new GiveBackError('the 10 s of its permit ran out before user code could be called');
    this.#phase = 'starting';
    this.#clock.start({ timeoutMs: this.claim.timeoutMs, startedBootMs, paused: { totalMs: 0, isPaused: false } });
    this.#sendStart();
    faultPoint('after-start-sent');
  }

  /** Not sent when the child is between two connections; `connected` does it then. */
  #sendStart(): void {
    if (this.#startFrame) this.child?.send(this.#startFrame);
  }

  async #failToStart(error: unknown): Promise<void> {
    const verdict = startVerdict(error, this.#stop.reason);
    if (verdict === null) return this.#letGo('the claim is not ours any more');
    if (verdict.type === 'run.start-failed')
      this.#parts.log.warn({ ...this.id, reason: verdict.failure.message }, 'a run could not be started');
    return this.#end(verdict);
  }

  // ------------------------------------------------------------------ what the child tells

  connected(holding: RunEpoch | null, paused?: PausedTime): void {
    this.#aliveAtMs = monotonicMs();
    if (paused) this.#paused(paused);
    this.#sayHold();
    const isInIt = holding?.run === this.claim.run && holding.epoch === this.claim.epoch;
    if (!this.#load.isSettled && this.#claimed) {
      this.child?.send({ type: 'load', source: this.#claimed.source });
    } else if (this.#phase === 'starting' && !isInIt) {
      // It never got the word. To say it again is safe, as long as the permit lasts.
      if (this.#startFrame && monotonicMs() < this.#startUntilMs) this.#sendStart();
      else void this.#end({ type: 'run.given-back', reason: 'its process was not reached before the permit ran out' });
    }
    if (this.isStopping) this.#stop.remind();
  }

  frame(frame: Exclude<FromChild, { type: 'hello' }>): void {
    this.#aliveAtMs = monotonicMs();
    if (frame.type === 'alive') return;
    if (frame.type === 'loaded') this.#load.settle('loaded');
    else if (frame.type === 'load-failed') this.#load.settle(loadFailure(frame.failure));
    else if (frame.type === 'call') this.#calls.ask(frame);
    else if (frame.type === 'paused') this.#paused(frame);
    else this.#told(frame);
  }

  #paused({ totalMs, isPaused }: PausedTime): void {
    const paused = { totalMs, isPaused };
    if (this.#clock.paused(paused)) this.#parts.spool.state.appendFact({ fact: 'paused', ...this.id, paused });
  }

  #told(frame: ToldFrame): void {
    if (this.#phase === 'ended') this.#reporter.inOrder(frame.n, Promise.resolve());
    else if (frame.type === 'ended' && isLeaving(frame, this.#stop.reason)) this.#reporter.inOrder(frame.n, this.#letLeave());
    else if (frame.type === 'ended') this.#reporter.inOrder(frame.n, this.#end(frameVerdict(frame, this.#stop.reason), frame.at));
    else this.#reporter.told(frame);
    if (frame.type !== 'started' || this.#phase !== 'starting') return;
    this.#phase = 'running';
    this.#parts.onStarted(this);
  }

  wake(): void {
    if (this.#phase === 'running') this.child?.send({ type: 'wake' });
  }

  /** The child exits once this is acknowledged; what became of the run is told when it has. */
  #letLeave(): Promise<void> {
    this.#clock.stop();
    const patience = setTimeout(() => void this.child?.kill(this.claim.run), LEAVE_WITHIN_MS);
    void this.child?.gone.then(() => clearTimeout(patience));
    return this.#stop.leave();
  }

  malformed(frame: unknown, problem: string): void {
    const { n, type } = (frame ?? {}) as { n?: unknown; type?: unknown };
    this.#parts.log.warn({ ...this.id, type, problem }, 'a frame of the child fits no schema');
    this.#reporter.system(`a message of type ${String(type)} was left out: ${problem.slice(0, 500)}`, 'error');
    if (typeof n === 'number') this.#reporter.inOrder(n, Promise.resolve());
  }

  output(stream: OutputStream, lines: readonly OutputLine[], to: number): void {
    this.#reporter.output(stream, lines, to);
  }

  exited(exit: ChildExit): void {
    const wasKilled = exit.signal === 'SIGKILL' || exit.code === 137;
    const oomKilled = wasKilled && !this.#stop.wasKilled && oomWatch.justKilled();
    const verdict = exitVerdict(exit, this.#phase, this.#stop, { oomKilled });
    this.#stop.settle();
    if (verdict.type === 'run.start-failed') {
      this.#load.settle(verdict.failure);
      this.#abandon.abort(new StartFailedError(verdict.failure));
    }
    if (this.#phase !== 'ended') void this.#end(verdict);
    void this.#finishProcess();
  }

  // ------------------------------------------------------------------ the end

  /** Asks it to end: at once when it has not begun, else by TERM, grace and KILL. Saying it again changes nothing. */
  stop(reason: StopReason): void {
    const isLeavingOnly = this.#stop.reason === 'suspended' && reason !== 'suspended';
    if (this.#phase === 'ended' || (this.isStopping && !isLeavingOnly)) return;
    const hasBegun = this.#phase === 'starting' || this.#phase === 'running';
    this.#stop.begin(reason, hasBegun);
    if (!hasBegun) this.#abandon.abort(new Error(`stopped before it started: ${reason}`));
  }

  /** A person wants it to wait before its next task, or to leave. Saying it again changes nothing. */
  hold(request: HoldRequest): void {
    if (request.how === 'suspend') {
      this.stop('suspended');
    } else if (this.#phase !== 'ended' && this.#hold?.key !== request.key) {
      this.#hold = request;
      this.#sayHold();
    }
  }

  #sayHold(): void {
    if (this.#hold) this.child?.send({ type: 'hold', how: this.#hold.how, key: this.#hold.key });
  }

  /** Gives the run back if user code was not called yet. */
  giveBack(reason: string): void {
    const hasBegun = this.#phase === 'starting' || this.#phase === 'running' || this.#phase === 'ended';
    if (!hasBegun) this.#abandon.abort(new GiveBackError(reason));
  }

  /** The run is somebody else's, or was refused: no last word, the process goes, records stay. */
  #letGo(reason: string): void {
    this.#parts.log.info({ ...this.id, reason }, 'a run was let go');
    this.#phase = 'ended';
    this.#isLetGo = true;
    this.#calls.close();
    this.slot.close();
    this.#clock.stop();
    this.#parts.spool.close(this.key);
    this.#ending = Promise.resolve();
    this.#parts.onEnded(this);
    void this.#leave(true);
  }

  #end(verdict: Verdict, at?: string): Promise<void> {
    if (this.#stop.reason === 'not-yours') {
      if (this.#phase !== 'ended') this.#letGo('the claim is not ours any more');
      return Promise.resolve();
    }
    this.#ending ??= this.#sayLastWord(verdict, at);
    return this.#ending;
  }

  async #sayLastWord(verdict: Verdict, at?: string): Promise<void> {
    this.#phase = 'ended';
    this.#calls.close();
    this.slot.close();
    this.#clock.stop();
    const instant = at ? this.#parts.clock.correct(at) : this.#parts.clock.now().toISOString();
    await this.#reporter.lastWord(verdict, instant);
    faultPoint('after-end-journalled');
    this.#parts.log.info({ ...this.id, outcome: verdict.type, ...('state' in verdict ? { state: verdict.state } : {}) }, 'a run ended');
    this.#parts.onEnded(this);
    void this.#leave(verdict.type !== 'run.ended');
  }

  /** The process has done its part: it serves again, or leaves; by force, if it must. */
  async #leave(atOnce: boolean): Promise<void> {
    const prepared = this.#prepared;
    if (!prepared) return this.#parts.onGone(this);
    await this.#reporter.settled();
    const { child } = prepared;
    const mayServeAgain = this.claim.isolation === 'reuse' && !atOnce && child.isConnected && !this.isStopping;
    if (mayServeAgain && this.#claimed) {
      const output = await child.settleOutput();
      this.#parts.warm.giveBack(child, this.#claimed, output, prepared.runsServed + 1);
      return this.#parts.onGone(this);
    }
    if (atOnce) return void child.kill(this.claim.run);
    if (this.claim.isolation === 'reuse') child.send({ type: 'retire' });
    const patience = setTimeout(() => void child.kill(this.claim.run), LEAVE_WITHIN_MS);
    void child.gone.then(() => clearTimeout(patience));
  }

  async #finishProcess(): Promise<void> {
    await this.#ending;
    await this.#reporter.settled();
    // What cannot be removed now is removed at the next boot; it must not cost the other runs.
    await this.child
      ?.forget()
      .catch((error) => this.#parts.log.warn({ ...this.id, error: String(error) }, 'its files could not be removed'));
    this.#parts.onGone(this);
  }

  // ------------------------------------------------------------------ after the agent's own restart

  /** Takes the run up again with the child that lived on, or says what became of it. */
  resume(held: HeldRun, child: Child | null): void {
    if (child) this.#prepared = { child, output: { stdout: 0, stderr: 0 }, runsServed: 0 };
    const plan = planResume(held, child !== null);
    this.#phase = plan.phase;
    const { timeoutMs } = this.claim;
    const isAlive = plan.lastWord === null && plan.phase !== 'ended';
    if (isAlive)
      this.#clock.start({ timeoutMs, startedBootMs: plan.startedBootMs, paused: held.paused ?? { totalMs: 0, isPaused: false } });
    child?.attach(this, outputToTell(held, this.#parts.spool.marks.of(this.key)));
    if (plan.lastWord) return void this.#end(plan.lastWord);
    if (plan.phase === 'ended') {
      this.#ending = Promise.resolve();
      return void this.#leave(false);
    }
    if (held.stopping) this.stop(held.stopping);
  }
}

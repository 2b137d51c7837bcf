/**
 * All runs this agent holds: from the claim until the control plane has stored the end. Slots and processes are counted
 * from what is here, never kept beside it.
 */

import { createHash } from 'node:crypto';
import { toUuid } from '@signalbox/proto';
import { faultPoint } from '@signalbox/proto/faults';
import { type ClaimedRun, type HoldRequest, holdingText, type RunEpoch } from '@signalbox/proto/messages';
import { Bell, monotonicMs } from '../bell.ts';
import type { Launcher } from '../launchers/launcher.ts';
import { runKey } from '../spool/spool.ts';
import { type HoldingPage, pageOf } from './holding-page.ts';
import { LaunchGate } from './launch-gate.ts';
import { ownersOf } from './resume.ts';
import { type RunParts, RunSupervisor } from './run-supervisor.ts';
import { ServiceTimes } from './service-times.ts';
import { keyOf, WarmPool } from './warm-pool.ts';

export interface RunsOptions {
  readonly slots: number;
  readonly maxProcesses: number;
  readonly maxWarm: number;
  readonly launcher: Launcher;
  readonly parts: Omit<
    RunParts,
    'onStarted' | 'launches' | 'coming' | 'isShort' | 'untilSlotFree' | 'onSlot' | 'onEnded' | 'onGone' | 'warm' | 'launcher' | 'hasRoom'
  >;
}

export class Runs {
  readonly #options: RunsOptions;
  readonly #held = new Map<string, RunSupervisor>();
  /** Runs with a process of their own, ended or not. */
  readonly #processes = new Set<RunSupervisor>();
  readonly #changed = new Bell();
  readonly #codes = new WeakMap<RunSupervisor, ClaimedRun>();
  readonly warm: WarmPool;
  readonly #launches = new LaunchGate();
  readonly #times = new ServiceTimes();
  #isTaking = true;
  /** Runs back from waiting for a child, for which a slot is free and the control plane is asked. */
  readonly #letThrough = new Set<RunSupervisor>();
  readonly #line: RunSupervisor[] = [];
  #claiming = 0;

  constructor(options: RunsOptions) {
    this.#options = options;
    this.warm = new WarmPool({
      launcher: options.launcher,
      log: options.parts.log,
      most: options.maxWarm,
      mostIdle: Math.max(options.maxWarm, options.slots),
      hasRoom: () => this.#hasRoom(),
      onChange: () => {
        this.#changed.ring();
        this.#launches.ring();
      },
    });
  }

  /** Takes up what the journal holds, and removes children that belong to nothing. */
  async resume(): Promise<void> {
    const { spool } = this.#options.parts;
    const adopted = new Set<string>();
    const all = [...spool.facts.held.values()];
    const owners = ownersOf(all);
    for (const held of all) {
      const child = held.child !== null && owners.get(held.child) === held ? await this.#options.launcher.adopt(held.child) : null;
      if (child) adopted.add(child.id);
      const run = new RunSupervisor(this.#parts(), held.claim, held);
      this.#held.set(run.key, run);
      if (child) this.#processes.add(run);
      run.resume(held, child);
    }
    await this.#options.launcher.discardOthers(adopted);
  }

  /** Runs that were claimed, in one journal write; they begin when that is on disk. */
  async take(claimed: readonly ClaimedRun[], claimSentAtMs: number): Promise<void> {
    const { spool } = this.#options.parts;
    const claimedAtMs = monotonicMs();
    faultPoint('after-claim');
    const fresh = claimed.filter((run) => !this.#held.has(runKey(run)));
    const taken = fresh.map((run) => {
      const { epoch, name, flow, deployment, digest, timeoutMs, graceMs, isolation } = run;
      const claim = { run: run.run, epoch, name, flow, deployment, digest, timeoutMs, graceMs, isolation };
      spool.state.appendFact({ fact: 'claimed', run: run.run, epoch, claim });
      const supervisor = new RunSupervisor(this.#parts(), claim);
      this.#held.set(supervisor.key, supervisor);
      this.#processes.add(supervisor);
      this.#codes.set(supervisor, run);
      return { supervisor, run };
    });
    // A granted run waits in a warm child: its claim, grant and start go to disk in one write before it is told to start.
    for (const { supervisor, run } of taken) if (run.granted) void supervisor.begin(run, claimSentAtMs, claimedAtMs);
    await spool.state.durable();
    faultPoint('after-claim-journalled');
    for (const { supervisor, run } of taken) if (!run.granted) void supervisor.begin(run, claimSentAtMs, claimedAtMs);
    if (!this.#isTaking) this.#giveBackUnstarted('the agent takes no work now');
  }

  /** Whether claims are made. What has not started is given back when it ends. */
  setTaking(isTaking: boolean, reason = ''): void {
    this.#isTaking = isTaking;
    if (!isTaking) this.#giveBackUnstarted(reason);
    this.#changed.ring();
  }

  #parts(): RunParts {
    return {
      ...this.#options.parts,
      launcher: this.#options.launcher,
      warm: this.warm,
      launches: this.#launches,
      coming: (code) => this.#coming(code),
      isShort: (code) => this.#isShort(code),
      hasRoom: () => this.#hasRoom(),
      onStarted: (run) => {
        const code = this.#codes.get(run);
        // A process that may serve again comes back by itself.
        if (code && code.isolation === 'fresh') this.warm.keepOne(code);
      },
      untilSlotFree: (run, signal) => this.#untilSlotFree(run, signal),
      onSlot: (run) => {
        if (run.slot.state !== 'returning') this.#letThrough.delete(run);
        this.#changed.ring();
      },
      onEnded: (run) => {
        this.#letThrough.delete(run);
        if (run.isLetGo) this.#held.delete(run.key);
        this.#changed.ring();
      },
      onGone: (run) => {
        this.#noteService(run);
        this.#processes.delete(run);
        this.#changed.ring();
        this.#launches.ring();
      },
    };
  }

  /** None while there are fewer processes than slots: more of them are wanted then, and waiting would only put them off. */
  #coming(code: ClaimedRun): number {
    const own = this.#serving(code).filter(isReturning).length;
    const alive = [...this.#processes].filter(({ child }) => child).length + this.warm.size;
    return alive < this.#options.slots ? 0 : own;
  }

  #isShort(code: ClaimedRun): boolean {
    return code.isolation === 'reuse' && this.#times.isShort(keyOf(code)) && this.#serving(code).length > 0;
  }

  /** Runs whose process may serve another of this code. */
  #serving(code: ClaimedRun): RunSupervisor[] {
    const key = keyOf(code);
    return [...this.#processes].filter((run) => {
      const own = run.child && run.claim.isolation === 'reuse' && !run.isStopping && !run.isLetGo ? this.#codes.get(run) : undefined;
      return own !== undefined && keyOf(own) === key;
    });
  }

  #noteService(run: RunSupervisor): void {
    const code = this.#codes.get(run);
    if (code && run.servedForMs !== null) this.#times.note(keyOf(code), run.servedForMs);
  }

  #hasRoom(): boolean {
    return this.#processes.size + this.warm.size < this.#options.maxProcesses;
  }

  /** Runs that may be claimed now. Warm children give way, so they do not count. */
  get free(): number {
    if (!this.#isTaking) return 0;
    let bySlots = this.#options.slots;
    for (const run of this.#held.values()) if (run.phase !== 'ended' && run.slot.state !== 'given') bySlots--;
    return Math.max(0, Math.min(bySlots, this.#options.maxProcesses - this.#processes.size));
  }

  /** Processes whose run has ended and that serve again in a moment: a claim that waits for them finds them warm. */
  get returning(): number {
    let count = 0;
    for (const run of this.#processes) if (isReturning(run)) count++;
    return count;
  }

  get slots(): number {
    return this.#options.slots;
  }

  /** Children that stand ready, and those that will in a moment: their run has ended, and they serve again. By digest. */
  warmSoon(): Array<{ digest: string; count: number }> {
    const counts = new Map<string, number>();
    const add = (code: Pick<ClaimedRun, 'digest' | 'source' | 'variables' | 'deployment'>, isReady: boolean) => {
      const count = Math.max(isReady ? 1 : 0, this.#times.servedSoon(keyOf(code)));
      if (count > 0) counts.set(code.digest, (counts.get(code.digest) ?? 0) + count);
    };
    for (const code of this.warm.ready()) add(code, true);
    for (const run of this.#processes) {
      const code = this.#codes.get(run);
      if (code?.isolation === 'reuse' && run.child && !run.isStopping && !run.isLetGo) add(code, isReturning(run));
    }
    return [...counts].slice(0, 200).map(([digest, count]) => ({ digest, count }));
  }

  /** Whether a run that waited for a child wants a slot back: no claim stands meanwhile. */
  get isSlotWanted(): boolean {
    return this.#line.length > 0;
  }

  /** Resolves at the next change of what is held, after `timeoutMs`, or on abort. */
  async change(signal: AbortSignal, timeoutMs: number): Promise<void> {
    await this.#changed.wait(signal, timeoutMs);
  }

  /** So many slots are asked for, or a claim for them stands: they may be taken when the answer comes. 0: none. */
  set claiming(count: number) {
    this.#claiming = count;
    this.#changed.ring();
  }

  /** First come, first served, and before any new claim: `free` leaves out who stands here. */
  async #untilSlotFree(run: RunSupervisor, signal: AbortSignal): Promise<void> {
    this.#line.push(run);
    this.#changed.ring();
    await this.until(() => this.#line[0] === run && this.#inUse() < this.#options.slots, signal);
    this.#line.splice(this.#line.indexOf(run), 1);
    if (!signal.aborted) this.#letThrough.add(run);
    this.#changed.ring();
  }

  #inUse(): number {
    return this.#active().filter((run) => run.slot.state === 'held').length + this.#letThrough.size + (this.#isTaking ? this.#claiming : 0);
  }

  get processes(): number {
    return this.#processes.size;
  }

  get running(): number {
    return this.#active().length;
  }

  #active(): RunSupervisor[] {
    return [...this.#held.values()].filter((run) => run.phase !== 'ended');
  }

  /** Resolves when `fact` holds, looking at each change; false on abort, or after `withinMs`. */
  async until(fact: (runs: this) => boolean, signal: AbortSignal, withinMs = Number.POSITIVE_INFINITY): Promise<boolean> {
    const untilMs = monotonicMs() + withinMs;
    while (!fact(this)) {
      const leftMs = untilMs - monotonicMs();
      if (signal.aborted || leftMs <= 0) return false;
      await this.#changed.wait(signal, leftMs === Number.POSITIVE_INFINITY ? undefined : leftMs);
    }
    return true;
  }

  holding(): Array<RunEpoch & { stalledForMs?: number }> {
    return [...this.#held.values()].map((run) => {
      const { stalledForMs } = run;
      return stalledForMs === undefined ? run.id : { ...run.id, stalledForMs };
    });
  }

  /** One message's part of it: see `pageOf`. */
  holdingPage(after: HoldingPage['stretch']['after']): HoldingPage {
    return pageOf(this.holding(), after);
  }

  holdingHash(): string {
    const text = holdingText(this.holding(), (run) => toUuid('run', run));
    return createHash('sha256').update(text).digest('hex');
  }

  cancel(run: RunEpoch): void {
    this.#held.get(runKey(run))?.stop('cancelled');
  }

  /** What its flow waits for may have come. */
  wake(run: RunEpoch): void {
    this.#held.get(runKey(run))?.wake();
  }

  /** Its process shall wait, or leave. */
  hold(request: HoldRequest): void {
    this.#held.get(runKey(request))?.hold(request);
  }

  /** A claim that is not ours any more: its process is ended, its records are still told. */
  fence(run: RunEpoch): void {
    const supervisor = this.#held.get(runKey(run));
    if (!supervisor) return;
    if (supervisor.phase === 'ended') this.#options.parts.spool.close(supervisor.key);
    else supervisor.stop('not-yours');
    if (supervisor.phase === 'ended') this.#held.delete(supervisor.key);
  }

  /** The control plane has stored these ends. */
  release(keys: readonly string[]): void {
    for (const key of keys) this.#held.delete(key);
    if (keys.length > 0) this.#changed.ring();
  }

  #giveBackUnstarted(reason: string): void {
    for (const run of this.#active()) run.giveBack(reason);
  }

  stopAll(): void {
    for (const run of this.#active()) run.stop('agent-stopped');
  }

  /** No new warm children from here on, and none left. */
  async closeWarm(): Promise<void> {
    await this.warm.close();
  }

  /** KILL to every child, now. */
  async killAll(): Promise<void> {
    await Promise.all([...this.#processes].map((run) => run.child?.kill(run.id.run)));
  }

  /** What the status shows. */
  describe(): Array<{ run: string; epoch: number; phase: string; pid: number | null; stalledForMs?: number }> {
    return [...this.#held.values()].map((run) => ({
      ...run.id,
      phase: run.phase,
      pid: run.child?.pid ?? null,
      ...(run.stalledForMs === undefined ? {} : { stalledForMs: run.stalledForMs }),
    }));
  }
}

function isReturning({ phase, claim, isStopping, isLetGo }: RunSupervisor): boolean {
  return phase === 'ended' && claim.isolation === 'reuse' && !isStopping && !isLetGo;
}

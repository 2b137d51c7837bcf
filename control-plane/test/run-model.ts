/**
 * A small model of runs, their slots and their leases, written apart from the run machine: what must be so after each thing that
 * people, agents and time do. Served milliseconds from 0; a lease of 60 s, 300 s of grace for a lost run, 15 s for an unnamed one.
 */
export const LEASE_MS = 60_000;
export const LOST_GRACE_MS = 300_000;
export const UNNAMED_MS = 15_000;
const REQUEUES = 3;

export type OnLost = 'crash' | 'requeue' | 'retry';
export type ModelDeployment = { readonly limit: number; readonly retries: number; readonly onLost: OnLost };
/** A run under the epoch of one claim, as the agent that was given it knows it. */
export type Token = { readonly run: number; readonly agent: number; readonly epoch: number };
export type ModelState = 'waiting' | 'pending' | 'running' | 'lost' | 'cancelling' | 'COMPLETED' | 'FAILED' | 'CRASHED' | 'CANCELLED';

export class ModelRun {
  state: ModelState = 'waiting';
  holder: Token | null = null;
  hasStarted = false;
  lostUntilMs = 0;
  unnamedSinceMs: number | null = null;
  retries = 0;
  requeues = 0;

  readonly deployment: number;

  constructor(deployment: number) {
    this.deployment = deployment;
  }

  get hasEnded(): boolean {
    return this.state === this.state.toUpperCase();
  }

  isHeldBy(token: Token): boolean {
    return this.holder !== null && this.holder.agent === token.agent && this.holder.epoch === token.epoch;
  }
}

export class Model {
  nowMs = 0;
  readonly runs: ModelRun[] = [];
  readonly leaseUntilMs: number[];
  /** What each agent believes to hold. */
  readonly believes: Token[][];
  /** Every token that was ever given. */
  readonly given: Token[] = [];
  /** Permits granted, as `run epoch`: user code is called once for each. */
  readonly granted = new Set<string>();
  readonly deployments: readonly ModelDeployment[];
  readonly poolLimit: number;

  constructor(agents: number, poolLimit: number, deployments: readonly ModelDeployment[]) {
    this.leaseUntilMs = Array<number>(agents).fill(LEASE_MS);
    this.believes = Array.from({ length: agents }, () => []);
    this.deployments = deployments;
    this.poolLimit = poolLimit;
  }

  get held(): ModelRun[] {
    return this.runs.filter((run) => run.holder !== null);
  }

  /** Whether pool and deployment have room for one more run of this deployment. */
  hasRoom(deployment: number): boolean {
    const { held } = this;
    const limit = this.deployments[deployment]?.limit ?? 0;
    return held.length < this.poolLimit && held.filter((run) => run.deployment === deployment).length < limit;
  }

  give(token: Token): void {
    const run = this.of(token);
    Object.assign(run, { state: 'pending', holder: token, hasStarted: false, unnamedSinceMs: null });
    this.given.push(token);
    this.believes[token.agent]?.push(token);
  }

  of({ run }: { readonly run: number }): ModelRun {
    return this.runs[run] as ModelRun;
  }

  forget(token: Token): void {
    this.believes[token.agent] = (this.believes[token.agent] ?? []).filter((one) => one !== token);
  }

  end(run: ModelRun, state: ModelState): void {
    Object.assign(run, { state, holder: null, unnamedSinceMs: null });
  }

  back(run: ModelRun): void {
    Object.assign(run, { state: 'waiting', holder: null, hasStarted: false, unnamedSinceMs: null });
  }

  retryOr(run: ModelRun, state: ModelState): void {
    if (run.retries >= (this.deployments[run.deployment]?.retries ?? 0)) {
      this.end(run, state);
    } else {
      run.retries++;
      this.back(run);
    }
  }

  /** An agent names what it believes to hold; answers what of it is not its own. */
  renew(agent: number): Token[] {
    const named = this.believes[agent] ?? [];
    this.leaseUntilMs[agent] = this.nowMs + LEASE_MS;
    for (const run of this.held.filter((one) => one.holder?.agent === agent)) {
      const isNamed = named.some((token) => this.of(token) === run && run.isHeldBy(token));
      run.unnamedSinceMs = isNamed ? null : (run.unnamedSinceMs ?? this.nowMs);
      if (isNamed && run.state === 'lost') run.state = 'running';
    }
    const notYours = named.filter((token) => !this.of(token).isHeldBy(token));
    for (const token of notYours) this.forget(token);
    return notYours;
  }

  /** When time will do something next to a run that somebody holds; null: nothing is held. */
  get nextDeadlineMs(): number | null {
    const deadlines = this.held.map((run) => {
      if (run.state === 'lost') return run.lostUntilMs;
      const silentMs = this.leaseUntilMs[run.holder?.agent ?? 0] ?? 0;
      return run.unnamedSinceMs === null ? silentMs : Math.min(silentMs, run.unnamedSinceMs + UNNAMED_MS);
    });
    return deadlines.length === 0 ? null : Math.min(...deadlines);
  }

  pass(ms: number): void {
    this.nowMs += ms;
    for (const run of this.held) this.#reap(run, run.holder as Token);
  }

  #reap(run: ModelRun, { agent }: Token): void {
    if (run.state === 'lost') {
      if (run.lostUntilMs < this.nowMs) this.#giveUp(run);
      return;
    }
    const isSilent = (this.leaseUntilMs[agent] ?? 0) < this.nowMs;
    const isUnnamed = run.unnamedSinceMs !== null && run.unnamedSinceMs + UNNAMED_MS < this.nowMs;
    if (!isSilent && !isUnnamed) return;
    if (run.state === 'pending') this.back(run);
    else if (run.state === 'cancelling') this.end(run, 'CANCELLED');
    else Object.assign(run, { state: 'lost', lostUntilMs: this.nowMs + LOST_GRACE_MS });
  }

  #giveUp(run: ModelRun): void {
    const onLost = this.deployments[run.deployment]?.onLost;
    if (onLost === 'retry') {
      this.retryOr(run, 'CRASHED');
    } else if (onLost === 'crash' || run.requeues >= REQUEUES) {
      this.end(run, 'CRASHED');
    } else {
      run.requeues++;
      this.back(run);
    }
  }
}

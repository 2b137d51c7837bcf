/**
 * Ends a run that has begun: the `cancel` frame and TERM to its group, the grace, then KILL to the process, the group and
 * every process that carries the run's id. It is enforced here, whatever user code does; the run's end is told when
 * the process was seen to go.
 */
import { monotonicMs } from '../bell.ts';
import type { Child } from '../launchers/launcher.ts';
import type { JournalledClaim, RunFact, StopReason } from '../spool/facts.ts';
import type { RunReporter } from './run-reporter.ts';

/** A run that is not ours may begin elsewhere at any moment: it gets less time for its goodbye. */
const NOT_YOURS_GRACE_MS = 5_000;

const WORDS: Record<StopReason, string> = {
  cancelled: 'cancelled',
  'timed-out': 'ran longer than its timeout',
  'not-yours': 'claim lost',
  'agent-stopped': 'agent is stopping',
  suspended: 'to be suspended',
};

export interface RunStopOptions {
  readonly claim: JournalledClaim;
  readonly reporter: RunReporter;
  readonly child: () => Child | null;
  readonly note: (fact: RunFact) => Promise<void>;
}

export class RunStop {
  readonly #options: RunStopOptions;
  #reason: StopReason | null = null;
  #wasKilled = false;
  /** To be suspended, and did not leave by itself. */
  #isLate = false;
  #deadline: NodeJS.Timeout | null = null;

  constructor(options: RunStopOptions) {
    this.#options = options;
  }

  get reason(): StopReason | null {
    return this.#reason;
  }

  get wasKilled(): boolean {
    return this.#wasKilled;
  }

  get graceMs(): number {
    const { graceMs } = this.#options.claim;
    return this.#reason === 'not-yours' ? Math.min(graceMs, NOT_YOURS_GRACE_MS) : graceMs;
  }

  /** A run that is to be suspended may still be stopped for another reason; that one counts. */
  begin(reason: StopReason, hasBegun: boolean): void {
    const { run, epoch } = this.#options.claim;
    this.settle();
    this.#reason = reason;
    void this.#options.note({ fact: 'stopping', run, epoch, reason });
    if (!hasBegun) return;
    if (reason === 'suspended') this.#askToLeave();
    else this.#terminate();
  }

  /** What runs may end, within the grace; then TERM, and KILL as ever. */
  #askToLeave(): void {
    const { graceMs } = this.#options.claim;
    this.#options.reporter.system(`to be suspended: tasks that run may end within ${graceMs / 1000} s, then TERM is sent`, 'info');
    this.remind();
    this.#deadline = setTimeout(() => {
      this.#isLate = true;
      this.#terminate();
    }, graceMs);
  }

  #terminate(): void {
    const { run } = this.#options.claim;
    const reason = this.#reason ?? 'cancelled';
    this.#options.reporter.system(`${WORDS[reason]}: TERM was sent, KILL follows in ${this.graceMs / 1000} s`, 'warn');
    this.remind();
    this.#options.child()?.terminate();
    const startedAtMs = monotonicMs();
    this.#deadline = setTimeout(() => {
      this.#wasKilled = true;
      const seconds = Math.round((monotonicMs() - startedAtMs) / 1000);
      this.#options.reporter.system(`still there after ${seconds} s: every process of the run is killed`, 'warn');
      void this.#options.child()?.kill(run);
    }, this.graceMs);
  }

  /** Says it to the child, again after a reconnection. */
  remind(): void {
    if (this.#reason === 'suspended' && !this.#isLate) {
      this.#options.child()?.send({ type: 'hold', how: 'suspend', key: 'leave' });
      return;
    }
    this.#options.child()?.send({ type: 'cancel', reason: this.#reason === 'timed-out' ? 'timed-out' : 'cancelled' });
  }

  /** Its process leaves by itself, and the run goes on without it. On disk when it resolves. */
  leave(): Promise<void> {
    const { run, epoch } = this.#options.claim;
    if (this.#reason !== null) return Promise.resolve();
    this.#reason = 'suspended';
    return this.#options.note({ fact: 'stopping', run, epoch, reason: 'suspended' });
  }

  /** The process is gone. */
  settle(): void {
    if (this.#deadline) clearTimeout(this.#deadline);
  }
}

/**
 * One transaction and what belongs to it: task runs that completed in it, nested transactions, hooks, values.
 *
 *   active ---> staged ---> committed          active: its body runs
 *     |           |                            staged: its body ended; the enclosing transaction decides
 *     '-----------+-----> rolled-back
 */
import type { Transaction, TransactionState } from '../../transaction.ts';

/** Something that is committed or undone with a transaction. */
export interface Participant {
  commit(transaction: LiveTransaction): unknown;
  rollBack(transaction: LiveTransaction): unknown;
}

export class LiveTransaction implements Transaction {
  readonly key: string | null;
  readonly parent: LiveTransaction | null;
  readonly #participants: Participant[] = [];
  readonly #commitHooks: ((transaction: Transaction) => unknown)[] = [];
  readonly #rollbackHooks: ((transaction: Transaction) => unknown)[] = [];
  readonly #values = new Map<string, unknown>();
  readonly #onHookFailed: (error: unknown) => void;
  #state: TransactionState = 'active';

  /** `onHookFailed` is told of hooks that throw while it is rolled back: the others are called all the same. */
  constructor(key: string | null, parent: LiveTransaction | null, onHookFailed: (error: unknown) => void) {
    this.key = key;
    this.parent = parent;
    this.#onHookFailed = onHookFailed;
  }

  get state(): TransactionState {
    return this.#state;
  }

  set(name: string, value: unknown): void {
    this.#values.set(name, structuredClone(value));
  }

  get<T = unknown>(name: string): T | undefined {
    if (this.#values.has(name)) return structuredClone(this.#values.get(name)) as T;
    return this.parent?.get<T>(name);
  }

  onCommit(hook: (transaction: Transaction) => unknown): void {
    this.#commitHooks.push(hook);
  }

  onRollback(hook: (transaction: Transaction) => unknown): void {
    this.#rollbackHooks.push(hook);
  }

  /** A task run that comes after the end shares that end. */
  async join(participant: Participant): Promise<void> {
    if (this.#state === 'committed') await participant.commit(this);
    else if (this.#state === 'rolled-back') await this.#try(() => participant.rollBack(this));
    else this.#participants.push(participant);
  }

  stage(): void {
    this.#state = 'staged';
  }

  /** Participants in order, own hooks, then `write`. @throws what one of them throws; then nothing is committed yet. */
  async commit(write: () => unknown): Promise<void> {
    for (const participant of this.#participants) await participant.commit(this);
    for (const hook of this.#commitHooks) await hook(this);
    await write();
    this.#state = 'committed';
  }

  /** Own hooks, then participants, each the latest first. Never throws. */
  async rollBack(): Promise<void> {
    if (this.#state === 'rolled-back') return;
    this.#state = 'rolled-back';
    for (const hook of this.#rollbackHooks.toReversed()) await this.#try(() => hook(this));
    for (const participant of this.#participants.toReversed()) await this.#try(() => participant.rollBack(this));
  }

  async #try(call: () => unknown): Promise<void> {
    try {
      await call();
    } catch (error) {
      this.#onHookFailed(error);
    }
  }
}

/** What the run machine looks at, is asked, and answers. Plain data, all of it. */
import type { Envelope, RetryMode, RunFailure, RunStateType, TerminalStateType } from '@signalbox/proto';
import type { RetryPolicy } from '@signalbox/proto/messages';

/** Every state the machine tells apart: the stored types, split by the names that matter to a decision. */
export const STATE_KEYS = [
  'Scheduled',
  'AwaitingRetry',
  'Resuming',
  'Pending',
  'Running',
  'AwaitingChild',
  'Lost',
  'Paused',
  'Suspended',
  'Cancelling',
  'Completed',
  'Failed',
  'Crashed',
  'Cancelled',
] as const;
export type StateKey = (typeof STATE_KEYS)[number];

/** Who may write: the agent the run was given to, and the number of that claim. */
export type Owner = { readonly agentId: string; readonly epoch: number };

/** A run as it stands, locked. `agentId` is null while nobody holds it. */
export type RunSnapshot = {
  readonly type: RunStateType;
  readonly name: string;
  readonly epoch: number;
  /** Number of the current or next attempt, from 1. */
  readonly attempt: number;
  readonly agentId: string | null;
  readonly dueAt: Date;
  readonly permitRequestId: string | null;
  readonly grantedAt: Date | null;
  readonly startedAt: Date | null;
  /** Flow retries used up since it was created or retried by hand. */
  readonly retries: number;
  readonly infrastructureAttempts: number;
  readonly startFailures: number;
  readonly firstStartFailureAt: Date | null;
  /** Agents on which a start failed, each once. */
  readonly excludedAgents: readonly string[];
  /** Why it is CANCELLING: asked for, or a pause that nobody ended (then it fails). */
  readonly cancelCause: CancelCause | null;
  /** It has no slots because it waits for a child; still so while it is Lost. */
  readonly isAwaitingChild: boolean;
  /** What its process was asked for and has not done yet: to wait, or to leave. */
  readonly wanted: Wanted | null;
};
export type CancelCause = 'asked' | 'pause-expired';

/** A pause or a suspension that is on its way; its row of `run_pause` has the same key. */
export type Wanted = {
  readonly how: 'pause' | 'suspend';
  readonly key: string;
  /** How long a person may take, once it is so; null: the default. */
  readonly timeoutMs: number | null;
  readonly message: string | null;
};

/** What the deployment's pinned version says about failing. */
export type RunPolicy = {
  readonly retry: RetryPolicy;
  readonly onLostAgent: 'crash' | 'retry' | 'requeue';
  readonly startTimeoutMs: number;
  /** How long a run may wait, or stay suspended, before it is given up. */
  readonly retentionMs: number;
  /** From then on its day takes nothing new: no retry by hand. */
  readonly closesAt: Date;
};

/** Bounds that the installation sets. */
export type Timings = {
  /** How long before its due instant a run may be claimed. */
  readonly prefetchMs: number;
  /** From the grant to the report that user code was called. */
  readonly startReportMs: number;
  /** From Lost to the deployment's `onLostAgent`. */
  readonly lostGraceMs: number;
  /** A pause whose process waits. */
  readonly pauseMs: number;
};
export const DEFAULT_TIMINGS: Timings = {
  prefetchMs: 2_000,
  startReportMs: 15_000,
  lostGraceMs: 300_000,
  pauseMs: 3_600_000,
};

/** Everything outside the run that a decision may depend on. `now` is Postgres' clock. */
export type Facts = {
  readonly now: Date;
  readonly policy: RunPolicy;
  readonly timings: Timings;
  /** From 0 up to 1: places a pause inside its jitter. */
  readonly random: number;
};

/** What somebody wants of a run. Intents with an `owner` come from an agent and count only from the current one. */
export type Intent =
  | { readonly kind: 'claim'; readonly agentId: string; readonly permit?: string }
  | { readonly kind: 'grant'; readonly owner: Owner; readonly requestId: string }
  | { readonly kind: 'start'; readonly owner: Owner; readonly at?: Date }
  | { readonly kind: 'complete'; readonly owner: Owner; readonly name?: string; readonly message?: string; readonly result?: Envelope }
  | { readonly kind: 'fail'; readonly owner: Owner; readonly name?: string; readonly message?: string; readonly failure: RunFailure }
  | { readonly kind: 'time-out'; readonly owner: Owner; readonly message?: string; readonly failure: RunFailure }
  | { readonly kind: 'crash'; readonly owner: Owner; readonly message?: string; readonly failure: RunFailure }
  | { readonly kind: 'cancelled-observed'; readonly owner: Owner; readonly message?: string }
  | { readonly kind: 'give-back'; readonly owner: Owner; readonly reason: string }
  | { readonly kind: 'start-failed'; readonly owner: Owner; readonly failure: RunFailure }
  /** Its flow waits for a person. `timeoutMs` null: `Timings.pauseMs`. */
  | { readonly kind: 'pause'; readonly owner: Owner; readonly timeoutMs?: number | null; readonly message?: string | null }
  /** Its process has left; how long it may stay so was said by `wanted`. */
  | { readonly kind: 'suspend'; readonly owner: Owner }
  | { readonly kind: 'await-child'; readonly owner: Owner }
  | { readonly kind: 'child-ended' }
  | { readonly kind: 'resume'; readonly by: string }
  | { readonly kind: 'cancel'; readonly by: string }
  /** Its process shall wait, or leave; `by` null: its own flow asks. */
  | { readonly kind: 'hold'; readonly wanted: Wanted; readonly by: string | null }
  /** A person says how it ended, whatever the system thinks. */
  | { readonly kind: 'force'; readonly to: ForcedState; readonly by: string }
  /** Its agent went silent, or answers but no longer names the run. */
  | { readonly kind: 'lose'; readonly why: 'silent' | 'unnamed' }
  | { readonly kind: 'regain' }
  | { readonly kind: 'lost-deadline' }
  | { readonly kind: 'start-timeout' }
  | { readonly kind: 'expire' }
  /** `mode` defaults to `from-failed`. */
  | { readonly kind: 'retry-by-hand'; readonly by: string; readonly mode?: RetryMode };
export type IntentKind = Intent['kind'];
/** An end, with the reason a person gave. */
export type ForcedState = { readonly type: TerminalStateType; readonly name: string; readonly reason: string };
export type IntentOf<K extends IntentKind> = Extract<Intent, { kind: K }>;

/** The run after an accepted intent. Counters are whole values, not differences. */
export type Next = {
  readonly type: RunStateType;
  readonly name: string;
  /** Why, in plain words; null when the name says it all. */
  readonly message: string | null;
  /** `raise`: nothing the former owner sends from now on counts. */
  readonly epoch: 'keep' | 'raise';
  readonly owner: 'keep' | 'release' | 'take';
  /** Slots of pool, queue and deployment. */
  readonly slots: 'keep' | 'free' | 'take';
  /** Served time from now until the reaper acts; null: the owner's lease alone, or for a run without owner `expiresAt`. */
  readonly deadlineMs: number | null | 'keep';
  readonly dueAt: Date;
  /** Set when how long it may wait begins anew: milliseconds after `dueAt`. */
  readonly expiresInMs: number | null;
  readonly permitRequestId: string | null;
  readonly grantedAt: Date | null;
  readonly startedAt: Date | null;
  readonly attempt: number;
  readonly retries: number;
  readonly infrastructureAttempts: number;
  readonly startFailures: number;
  readonly firstStartFailureAt: Date | null;
  readonly excludedAgents: readonly string[];
  readonly cancelCause: CancelCause | null;
  readonly wanted: Wanted | null;
  readonly failure: RunFailure | null;
  readonly result: Envelope | null;
  /** Who asked for the attempt that begins, and what of earlier ones it may use; null: nobody did. */
  readonly retry: { readonly by: string; readonly mode: RetryMode } | null;
};

/** What follows outside the run's own row; the caller carries it out, most of it after the commit. */
export type Effect =
  /** Its pool may have work to hand out. */
  | 'offer'
  /** Slots became free: wake who waits for them. */
  | 'wake-waiters'
  /** Tell the agent at once; the answer to its next renewal repeats it. */
  | 'tell-agent-to-cancel'
  /** The same, of a pause or a suspension that is asked for. */
  | 'tell-agent-to-hold'
  /** Count a failed start against the agent, for its back-off. */
  | 'count-start-failure'
  /** A start worked: the agent's failures in a row are over. */
  | 'clear-start-failures';

/**
 * - `over`: the run has ended; what comes now is a record, never a transition.
 * - `stale`: the sender is not the owner any more.
 * - `already`: it is so already.
 * - `not-now`: this cannot happen in this state.
 */
export type RejectCode = 'over' | 'stale' | 'already' | 'not-now';

export type Verdict =
  | { readonly kind: 'accept'; readonly next: Next; readonly effects: readonly Effect[] }
  | { readonly kind: 'reject'; readonly code: RejectCode; readonly reason: string }
  | { readonly kind: 'wait'; readonly until: Date };

/** Decides one cell of the machine's table. */
export type Rule<K extends IntentKind> = (run: RunSnapshot, intent: IntentOf<K>, facts: Facts) => Verdict;

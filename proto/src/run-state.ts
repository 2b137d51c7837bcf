/**
 * States of runs and task runs. A state is a type, which drives logic, and a name, which people read.
 */
import { z } from 'zod';

/** What a run executes: a flow, or one task in the background. */
export const RUN_KINDS = ['flow', 'task'] as const;
export type RunKind = (typeof RUN_KINDS)[number];

/** Stored state types of a run. */
export const RUN_STATE = {
  SCHEDULED: 'SCHEDULED',
  PENDING: 'PENDING',
  RUNNING: 'RUNNING',
  PAUSED: 'PAUSED',
  CANCELLING: 'CANCELLING',
  COMPLETED: 'COMPLETED',
  FAILED: 'FAILED',
  CRASHED: 'CRASHED',
  CANCELLED: 'CANCELLED',
} as const;
export type RunStateType = keyof typeof RUN_STATE;
export const RUN_STATES = Object.keys(RUN_STATE) as [RunStateType, ...RunStateType[]];
export const runStateTypeSchema = z.enum(RUN_STATES);

/** Types that a run never leaves by itself. Retrying by hand makes a new attempt with a higher epoch. */
export const TERMINAL_STATES = ['COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED'] as const;
export type TerminalStateType = (typeof TERMINAL_STATES)[number];

/** Whether a run in this state has ended. */
export function isTerminal(type: RunStateType): type is TerminalStateType {
  return (TERMINAL_STATES as readonly string[]).includes(type);
}

/** Names the system itself gives, by type. `COMPLETED` and `FAILED` also take any name a flow gives. */
export const STATE_NAMES = {
  SCHEDULED: ['Scheduled', 'AwaitingRetry', 'Resuming'],
  PENDING: ['Pending', 'InfrastructurePending'],
  RUNNING: ['Running', 'AwaitingChild', 'Lost'],
  PAUSED: ['Paused', 'Suspended'],
  CANCELLING: ['Cancelling'],
  COMPLETED: ['Completed'],
  FAILED: ['Failed', 'TimedOut'],
  CRASHED: ['Crashed'],
  CANCELLED: ['Cancelled'],
} as const satisfies Record<RunStateType, readonly string[]>;

/** Milliseconds past its due instant after which a run that still waits is shown as Late. */
export const LATE_AFTER_MS = 15_000;

/**
 * How a person has an ended run tried again. `from-failed`: steps that finished, and children that completed, are used
 * again. `from-start`: nothing of earlier attempts is.
 */
export const RETRY_MODES = ['from-failed', 'from-start'] as const;
export const retryModeSchema = z.enum(RETRY_MODES);
export type RetryMode = z.infer<typeof retryModeSchema>;

/** A state as people and programs see it. */
export const runStateSchema = z.object({
  type: runStateTypeSchema,
  name: z.string().max(100),
  /** Why, in plain words: "exit code 137: out of memory". */
  message: z.string().max(10_000).optional(),
  at: z.string(),
  /** Of a state that a person's retry entered. */
  retry: z.object({ by: z.string(), mode: retryModeSchema }).optional(),
  /** The id its requester gave the move that led here. */
  transitionId: z.string().optional(),
});
export type RunState = z.infer<typeof runStateSchema>;

/** State types of a task run (names add NotReady, Retrying, Cached, RolledBack). */
export const TASK_RUN_STATES = ['PENDING', 'RUNNING', 'SCHEDULED', 'COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED'] as const;
export const taskRunStateTypeSchema = z.enum(TASK_RUN_STATES);
export type TaskRunStateType = z.infer<typeof taskRunStateTypeSchema>;

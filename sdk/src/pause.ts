/** Waiting for a person: with the process (`pause`), or without it (`suspend`). */
import { randomUUID } from 'node:crypto';
import type { PauseKind, PauseReply } from '@signalbox/proto/messages';
import type { Duration } from './duration.ts';
import { toMs } from './duration.ts';
import type { EngineContext } from './engine/context.ts';
import { findEngineContext } from './engine/context.ts';
import { waitForAnswer } from './engine/holds.ts';
import { checkInput } from './parameters.ts';
import type { JsonSchema, SchemaOutput, StandardSchema } from './standard-schema.ts';
import { toJsonSchema } from './standard-schema.ts';

export interface PauseOptions<S extends StandardSchema | undefined = undefined> {
  /** What the person reads: what to look at, and what is asked. */
  readonly message?: string;
  /** Schema of an object that must be given to resume, from any library that follows Standard Schema. Default: nothing is asked for. */
  readonly input?: S;
  /** JSON Schema of the input, for libraries that cannot say theirs; the form in the console is made from it. */
  readonly jsonSchema?: JsonSchema;
  /** Longest wait. Default: an hour for a pause, the workspace's retention for a suspension. Then the run is Failed. */
  readonly timeout?: Duration;
  /**
   * Names the question within the run, 1 to 200 characters: when the code runs again, a question that was answered gives
   * its answer at once. Default: `pause-1`, `suspend-1`, ... in the order of the calls. Give one where that order varies.
   */
  readonly key?: string;
}

type Answer<S extends StandardSchema | undefined> = S extends StandardSchema ? SchemaOutput<S> : undefined;

/**
 * Waits here until a person resumes the run, and gives what they entered. The process and its slots are kept, and tasks
 * that run go on; the flow's timeout stands still. For waits of minutes: a longer one should `suspend`.
 * @throws CancelledError when nobody answers in time, or the run is cancelled; Error in a task or outside of a run.
 * @example const { approved } = await pause({ message: 'Send it?', input: z.object({ approved: z.boolean() }) });
 */
export function pause<S extends StandardSchema | undefined = undefined>(options: PauseOptions<S> = {}): Promise<Answer<S>> {
  return ask('pause', options);
}

/**
 * Waits without a process: it exits once running tasks have ended, its slots are free, and the run may wait for weeks.
 * When a person resumes it, the flow runs again from the top, on any agent: finished tasks with kept results and
 * answered questions are not repeated, and this call gives what the person entered. Code between tasks runs again.
 * @throws CancelledError when the run is cancelled; Error in a task or outside of a run.
 */
export function suspend<S extends StandardSchema | undefined = undefined>(options: PauseOptions<S> = {}): Promise<Answer<S>> {
  return ask('suspend', options);
}

async function ask<S extends StandardSchema | undefined>(how: PauseKind, options: PauseOptions<S>): Promise<Answer<S>> {
  const ctx = flowContext(how);
  const { session, signal } = ctx;
  const key = checkedKey(options.key) ?? session.holds.nextKey(how);
  const reply = (await session.calls.call(
    {
      name: 'pause',
      requestId: randomUUID(),
      how,
      key,
      message: options.message ?? null,
      timeoutMs: options.timeout === undefined ? null : toMs(options.timeout, `${how}: timeout`),
      inputSchema: inputSchemaOf(options),
    },
    signal,
  )) as PauseReply;
  if (reply.status === 'answered') return answerOf(key, options.input, reply.input.body);
  if (reply.status === 'expired') throw new Error(`no answer to "${key}"`);
  const doing = how === 'pause' ? 'paused' : 'suspends itself';
  const asking = options.message ? `: ${options.message}` : '';
  session.log('info', `${doing} (${key}) until a person resumes it, at the latest ${reply.expiresAt}${asking}`, {
    task: ctx.task,
    system: true,
  });
  if (how === 'suspend') return session.holds.leave(signal);
  const { input } = await session.holds.paused(waitForAnswer(key, session.calls, signal), signal);
  session.log('info', `resumed (${key})`, { task: ctx.task, system: true });
  return answerOf(key, options.input, input.body);
}

/** @internal */
export function flowContext(how: PauseKind | 'approve'): EngineContext {
  const ctx = findEngineContext();
  if (!ctx) throw new Error(`${how}() was called outside of a run: call it in a flow`);
  if (ctx.task?.kind === 'task' || ctx.task?.isInTask)
    throw new Error(`${how}() was called in task "${ctx.task.name}": call it in the flow, between tasks`);
  return ctx;
}

/** @internal */
export function checkedKey(key: string | undefined): string | null {
  if (key === undefined) return null;
  if (key.length < 1 || key.length > 200) throw new RangeError(`key: expected 1 to 200 characters, got ${key.length}`);
  return key;
}

/** A library that cannot say its schema takes any object; it is checked here when it comes. */
function inputSchemaOf({ input, jsonSchema }: PauseOptions<StandardSchema | undefined>): JsonSchema | null {
  if (input === undefined) return jsonSchema ?? null;
  return jsonSchema ?? toJsonSchema(input) ?? { type: 'object' };
}

async function answerOf<S extends StandardSchema | undefined>(key: string, schema: S | undefined, given: unknown): Promise<Answer<S>> {
  return (schema === undefined ? undefined : await checkInput(key, schema, given)) as Answer<S>;
}

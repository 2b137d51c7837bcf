/** A question that certain people answer: yes or no, with a comment, and with a form of its own. */
import { randomUUID } from 'node:crypto';
import type { OnExpire, PauseReply } from '@signalbox/proto/messages';
import type { Duration } from './duration.ts';
import { toMs } from './duration.ts';
import { waitForEnd } from './engine/holds.ts';
import { checkInput } from './parameters.ts';
import { checkedKey, flowContext } from './pause.ts';
import type { JsonSchema, SchemaOutput, StandardSchema } from './standard-schema.ts';
import { toJsonSchema } from './standard-schema.ts';

export interface ApproveOptions<S extends StandardSchema | undefined = undefined, E extends OnExpire = OnExpire> {
  /** What is to be approved, at most 2,000 characters. */
  readonly message: string;
  /** Who may answer: people by their address, teams of the organization by their slug; at most 50 each. Default: whoever may operate runs. */
  readonly from?: { readonly people?: readonly string[]; readonly teams?: readonly string[] };
  /** Schema of an object that is given with a yes: an amount, a date. From any library that follows Standard Schema. */
  readonly input?: S;
  /** For libraries that cannot say theirs. */
  readonly jsonSchema?: JsonSchema;
  /** Longest wait. Default: the workspace's retention; an hour with `how: 'pause'`. */
  readonly deadline?: Duration;
  /** After the deadline: `fail` (default) ends the run as Failed; `return` goes on, with `{ status: 'expired' }`. */
  readonly onExpire?: E;
  /** Emits the event `approval.reminded` so often while nobody has answered, at least `1m`. Default: never. */
  readonly remindEvery?: Duration;
  /** `suspend` (default): without a process, for days. `pause`: the process waits. See `suspend()` and `pause()`. */
  readonly how?: 'suspend' | 'pause';
  /** Names the question within the run, 1 to 200 characters. Default: `approve-1`, `approve-2`, ... in the order of the calls. */
  readonly key?: string;
}

/** What somebody answered. */
export type Approval<T = undefined> =
  | { readonly status: 'approved'; readonly approved: true; readonly comment: string; readonly by: string | null; readonly input: T }
  | { readonly status: 'rejected'; readonly approved: false; readonly comment: string; readonly by: string | null };

/** Nobody answered before the deadline of a question with `onExpire: 'return'`. */
export interface ApprovalExpired {
  readonly status: 'expired';
  readonly approved: false;
}

const EXPIRED: ApprovalExpired = { status: 'expired', approved: false };

type Given<S extends StandardSchema | undefined> = S extends StandardSchema ? SchemaOutput<S> : undefined;

/**
 * Asks people, and gives what one of them answered: others are refused. The question is in the inbox of the console; events
 * `approval.asked`, `approval.reminded`, `approval.answered` and `approval.expired` tell of it, so that an automation can send word.
 * @example
 * const answer = await approve({ message: `Pay ${amount}?`, from: { teams: ['finance'] }, deadline: '2d', remindEvery: '4h' });
 * if (!answer.approved) return `refused by ${answer.by}: ${answer.comment}`;
 * @throws CancelledError when nobody answers in time (unless `onExpire: 'return'`), or the run is cancelled; Error in a task or
 *   outside of a run; RangeError for an option out of range.
 */
export async function approve<S extends StandardSchema | undefined = undefined, E extends OnExpire = 'fail'>(
  options: ApproveOptions<S, E>,
): Promise<Approval<Given<S>> | ('return' extends E ? ApprovalExpired : never)>;
export async function approve<S extends StandardSchema | undefined>(
  options: ApproveOptions<S>,
): Promise<Approval<Given<S>> | ApprovalExpired> {
  const ctx = flowContext('approve');
  const { session, signal } = ctx;
  const { message, from, deadline, remindEvery, how = 'suspend', onExpire = 'fail' } = options;
  const key = checkedKey(options.key) ?? session.holds.nextKey('approve');
  const remindEveryMs = remindEvery === undefined ? null : toMs(remindEvery, 'approve: remindEvery');
  if (remindEveryMs !== null && remindEveryMs < 60_000)
    throw new RangeError(`approve: remindEvery: expected at least 1m, got ${remindEvery}`);
  const approvers = from && { people: [...(from.people ?? [])], teams: [...(from.teams ?? [])] };
  if (approvers && approvers.people.length + approvers.teams.length === 0)
    throw new RangeError('approve: from: expected at least one of people or teams');
  if (onExpire !== 'fail' && onExpire !== 'return')
    throw new RangeError(`approve: onExpire: expected "fail" or "return", got ${String(onExpire)}`);
  const reply = (await session.calls.call(
    {
      name: 'approve',
      requestId: randomUUID(),
      how,
      key,
      message,
      timeoutMs: deadline === undefined ? null : toMs(deadline, 'approve: deadline'),
      inputSchema: formOf(options),
      approvers: approvers ?? null,
      remindEveryMs,
      onExpire,
    },
    signal,
  )) as PauseReply;
  if (reply.status === 'expired') return EXPIRED;
  if (reply.status === 'answered') return approvalOf(key, options.input, reply);
  const whom = approvers ? [...approvers.people, ...approvers.teams].join(', ') : 'a person';
  const told = { task: ctx.task, system: true };
  session.log('info', `waits for the answer of ${whom} (${key}), at the latest ${reply.expiresAt}: ${message}`, told);
  if (how === 'suspend') return session.holds.leave(signal);
  const answer = await session.holds.paused(waitForEnd(key, session.calls, signal), signal);
  if (answer.status === 'expired') {
    session.log('info', `goes on without an answer (${key}): nobody answered in time`, told);
    return EXPIRED;
  }
  session.log('info', `answered (${key})`, told);
  return approvalOf(key, options.input, answer);
}

/** The form: yes or no, a comment, and what is asked for with a yes. */
function formOf({ input, jsonSchema }: ApproveOptions<StandardSchema | undefined>): JsonSchema {
  const own = input === undefined ? {} : (jsonSchema ?? toJsonSchema(input) ?? { type: 'object', additionalProperties: true });
  const {
    properties = {},
    required = [],
    additionalProperties = false,
    ...rest
  } = own as {
    properties?: JsonSchema;
    required?: readonly string[];
    additionalProperties?: unknown;
  };
  const approved = { type: 'boolean', title: 'Approve' };
  const comment = { type: 'string', title: 'Comment', maxLength: 2_000, default: '' };
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema; the field says what is missing.
  const ofYes = { if: { properties: { approved: { const: true } } }, then: { required } };
  return {
    ...rest,
    type: 'object',
    properties: { approved, comment, ...properties },
    required: ['approved'],
    ...(required.length === 0 ? {} : ofYes),
    additionalProperties,
  };
}

async function approvalOf<S extends StandardSchema | undefined>(
  key: string,
  schema: S | undefined,
  { input, by: answeredBy }: Extract<PauseReply, { status: 'answered' }>,
): Promise<Approval<Given<S>>> {
  const by = answeredBy ?? null;
  const { approved, comment = '', ...given } = input.body as { approved: boolean; comment?: string };
  if (!approved) return { status: 'rejected', approved: false, comment, by };
  const value = schema === undefined ? undefined : await checkInput(key, schema, given);
  return { status: 'approved', approved: true, comment, by, input: value as Given<S> };
}

/** What every request of an agent shares: its body is parsed, its session is the current one. */
import type { z } from 'zod';
import { issuesOf } from './classify-error.ts';
import { AppError, invalidInput, preconditionFailed } from './errors.ts';

/** The body as its schema says. @throws INVALID_INPUT naming each field, what was expected and what came. */
export function parseBody<T extends z.ZodType>(schema: T, body: unknown): z.output<T> {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw invalidInput(issuesOf(parsed.error, body));
  return parsed.data;
}

/** The agent speaks under a session that a later hello has ended (another process of it, a restored disk). */
export function sessionOver(session: number, current: number): AppError {
  return preconditionFailed(`Session ${session} of this agent is over: session ${current} is current. Say hello again.`, {
    reason: 'session',
    current,
  });
}

/** No such agent in the workspace its account names, or its credential was revoked. */
export function agentRevoked(): AppError {
  return new AppError('UNAUTHENTICATED', 'This agent was revoked or deleted. Enroll it anew with a join code.', {
    details: { reason: 'revoked' },
  });
}

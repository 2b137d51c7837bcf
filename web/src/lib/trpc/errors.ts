/** One shape for everything that can go wrong between a page and the control plane. */
import { type ErrorBody, errorBodySchema, type FieldIssue } from '@signalbox/proto';
import { TRPCClientError } from '@trpc/client';

const UNREACHABLE = 'The control plane does not answer. Check that it runs and that this computer reaches it.';

/** What an error says, whatever threw it: an answer of the API, a broken connection, or a bug of ours. */
export function readError(error: unknown): ErrorBody {
  if (error instanceof TRPCClientError) {
    const body = errorBodySchema.safeParse(error.data?.signalbox);
    if (body.success) return body.data;
    return { code: 'UNAVAILABLE', message: UNREACHABLE };
  }
  if (error instanceof TypeError && /fetch|network/i.test(error.message)) return { code: 'UNAVAILABLE', message: UNREACHABLE };
  return { code: 'INTERNAL', message: error instanceof Error ? error.message : 'Something went wrong here.' };
}

/** Issues with their fields relative to `prefix`: `parameters.years.0` under `parameters` is `years.0`. */
export function issuesUnder(prefix: string, issues: readonly FieldIssue[] = []): FieldIssue[] {
  return issues
    .filter((issue) => issue.field === prefix || issue.field.startsWith(`${prefix}.`))
    .map((issue) => ({ ...issue, field: issue.field.slice(prefix.length + 1) }));
}

/** A title for a code, and what a person can do about it. */
export function explainError(body: ErrorBody): { title: string; advice: string } {
  switch (body.code) {
    case 'UNAVAILABLE':
      return { title: 'The control plane does not answer', advice: 'Runs go on without it. Try again in a moment.' };
    case 'NOT_FOUND':
      return { title: 'Not found here', advice: 'It may be deleted, or in another workspace.' };
    case 'FORBIDDEN':
      return { title: 'Not allowed', advice: 'Ask an admin of this workspace for a role that may do this.' };
    case 'UNAUTHENTICATED':
      return { title: 'Signed out', advice: 'Sign in again to go on.' };
    case 'LIMIT_EXCEEDED':
      return { title: 'Too much at once', advice: 'Wait a little, then try again.' };
    case 'CONFLICT':
    case 'PRECONDITION_FAILED':
      return { title: 'Not possible now', advice: 'Look at the current state and try again.' };
    case 'INVALID_INPUT':
      return { title: 'Something does not fit', advice: 'Correct the fields named and try again.' };
    case 'INTERNAL':
      return { title: 'Something broke on our side', advice: 'Try again; if it stays, tell an operator the request id.' };
    default:
      return body.code satisfies never;
  }
}

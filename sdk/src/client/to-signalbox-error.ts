import type { ErrorCode } from '@signalbox/proto';
import { TRPCClientError } from '@trpc/client';
import { parseErrorBody } from './parse-wire.ts';
import { isSignalboxError, SignalboxError } from './signalbox-error.ts';

/** For answers of tRPC that carry no error body of ours, such as to a path it does not know. */
const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: 'INVALID_INPUT',
  401: 'UNAUTHENTICATED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  412: 'PRECONDITION_FAILED',
  413: 'INVALID_INPUT',
  429: 'LIMIT_EXCEEDED',
  503: 'UNAVAILABLE',
};

/** Whatever a call threw, as a {@link SignalboxError}. `url` is the control plane's, for the message. */
export function toSignalboxError(thrown: unknown, url: string): SignalboxError {
  if (isSignalboxError(thrown)) return thrown;
  if (!(thrown instanceof TRPCClientError)) return unreachable(thrown, url);
  if (isSignalboxError(thrown.cause)) return thrown.cause;

  const body = parseErrorBody(thrown.data?.signalbox);
  if (body) return new SignalboxError(body, { cause: thrown });

  const status: number | undefined = thrown.data?.httpStatus;
  if (status === undefined) return unreachable(thrown.cause ?? thrown, url);
  return new SignalboxError({ code: CODE_OF_STATUS[status] ?? 'INTERNAL', message: thrown.message }, { cause: thrown });
}

/**
 * The error in an answer that tRPC did not write: one of ours from before it (too large, too many), or a stranger's, such
 * as a proxy's page. Null for all that tRPC can read.
 */
export async function strangeAnswer(response: Response, url: string): Promise<SignalboxError | null> {
  if (response.headers.get('content-type')?.startsWith('application/json')) {
    if (response.ok) return null;
    const body = parseErrorBody(
      await response
        .clone()
        .json()
        .catch(() => null),
    );
    return body && new SignalboxError(body);
  }
  await response.body?.cancel();
  // Whoever answered, it was not the control plane, which may be back behind it in a moment.
  const code = response.status === 401 ? 'UNAUTHENTICATED' : response.status === 403 ? 'FORBIDDEN' : 'UNAVAILABLE';
  const isGateway = response.status >= 502 && response.status <= 504;
  const message = isGateway
    ? `${url} answered with status ${response.status}: the control plane behind it does not serve`
    : `${url} answered with status ${response.status} and not as a control plane: is the address right?`;
  return new SignalboxError({ code, message });
}

function unreachable(thrown: unknown, url: string): SignalboxError {
  return new SignalboxError({ code: 'UNAVAILABLE', message: `cannot reach ${url}: ${reasonOf(thrown)}` }, { cause: thrown });
}

/** The innermost reason: fetch hides `ECONNREFUSED` two causes deep, and several addresses in an AggregateError. */
function reasonOf(thrown: unknown): string {
  let at = thrown;
  for (let depth = 0; depth < 5 && at instanceof Error; depth++) {
    if (at instanceof AggregateError && at.errors.length > 0) at = at.errors[0];
    else if (at.cause instanceof Error) at = at.cause;
    else break;
  }
  return at instanceof Error && at.message !== '' ? at.message : String(at);
}

import type { ErrorCode } from '@signalbox/proto';
import { TRPCClientError } from '@trpc/client';
import { parseErrorBody } from './parse-wire.ts';
import { isSignalboxError, SignalboxError } from './signalbox-error.ts';

/** For answers that carry no error body of ours: a proxy in between, or a route that is not tRPC. */
const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: 'INVALID_INPUT',
  401: 'UNAUTHENTICATED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  412: 'PRECONDITION_FAILED',
  413: 'INVALID_INPUT',
  422: 'INVALID_INPUT',
  429: 'LIMIT_EXCEEDED',
  500: 'INTERNAL',
  502: 'UNAVAILABLE',
  503: 'UNAVAILABLE',
  504: 'UNAVAILABLE',
};

/** Whatever a call threw, as a {@link SignalboxError}. `url` is the control plane's, for the message. */
export function toSignalboxError(thrown: unknown, url: string): SignalboxError {
  if (isSignalboxError(thrown)) return thrown;
  if (!(thrown instanceof TRPCClientError)) return unreachable(thrown, url);
  if (isSignalboxError(thrown.cause)) return thrown.cause;

  const body = parseErrorBody(thrown.data?.signalbox);
  if (body) return new SignalboxError(body, { cause: thrown });

  const status: number | undefined = thrown.data?.httpStatus ?? responseOf(thrown)?.status;
  if (status === undefined) return unreachable(thrown.cause ?? thrown, url);
  // A shape means that tRPC answered; without one the body was not even JSON.
  if (thrown.shape) return new SignalboxError({ code: CODE_OF_STATUS[status] ?? 'INTERNAL', message: thrown.message }, { cause: thrown });
  return notOurs(thrown, url, status);
}

/** The error of an HTTP answer that is not tRPC, such as the live stream's. */
export async function errorOfResponse(response: Response, url: string): Promise<SignalboxError> {
  const body = parseErrorBody(await response.json().catch(() => null));
  return body ? new SignalboxError(body) : notOurs(undefined, url, response.status);
}

function responseOf(error: TRPCClientError<never>): Response | undefined {
  return error.meta?.response instanceof Response ? error.meta.response : undefined;
}

function notOurs(cause: unknown, url: string, status: number): SignalboxError {
  const code = CODE_OF_STATUS[status] ?? 'INTERNAL';
  const message =
    code === 'UNAVAILABLE'
      ? `${url} answered with status ${status}: the control plane behind it does not serve`
      : `${url} answered with status ${status} and no Signalbox reply: is this the address of a control plane?`;
  return new SignalboxError({ code, message }, { cause });
}

function unreachable(thrown: unknown, url: string): SignalboxError {
  // A body that is no JSON is an answer, only not ours.
  if (thrown instanceof SyntaxError) {
    return new SignalboxError(
      { code: 'UNAVAILABLE', message: `${url} did not answer as a Signalbox control plane: is the address right?` },
      { cause: thrown },
    );
  }
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

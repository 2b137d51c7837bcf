/** What every HTTP request carries, and the mapper from errors to plain JSON answers (`{ error: ErrorBody }` is tRPC's; here the body is the ErrorBody). */
import type { Context } from 'hono';
import { classifyError } from './classify-error.ts';
import { HTTP_STATUS, toErrorBody } from './errors.ts';
import type { Log } from './log.ts';
import { shownPath } from './request-log.ts';

export type HttpEnv = {
  Variables: {
    requestId: string;
    /** Address of the requester, for limits: the peer's, or what trusted proxies say of theirs. */
    address: string;
    /** Label of `/metrics`: a closed set, never a raw path. */
    route: string;
  };
};

/** The one mapper of plain HTTP routes. Unknown errors are logged here, once. */
export function answerError(c: Context<HttpEnv>, error: unknown, log: Log): Response {
  const known = classifyError(error);
  const { requestId } = c.var;
  if (!known || known.code === 'INTERNAL') log.error({ err: error, requestId, path: shownPath(c.req.path) }, 'request failed');
  if (known?.code === 'UNAVAILABLE')
    log.warn({ err: known.cause ?? known, requestId, path: shownPath(c.req.path) }, 'a dependency is away');
  const body = toErrorBody(known ?? error, requestId);
  if (body.retryAfterMs !== undefined) c.header('retry-after', String(Math.ceil(body.retryAfterMs / 1000)));
  return c.json(body, HTTP_STATUS[body.code]);
}

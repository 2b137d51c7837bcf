/** Bodies are bounded before they are read. The answer names size and bound, in the shape each client understands. */

import { PARAMETERS_MAX_BYTES } from '@signalbox/proto';
import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { HTTP_STATUS, invalidInput, toErrorBody } from './errors.ts';
import type { HttpEnv } from './http.ts';

/** tRPC: a batch of a few calls, one of which carries parameters. */
const TRPC_MAX_BYTES = 2 * 1024 * 1024;
/** Sign-in, directories and enrolment. */
const API_MAX_BYTES = 64 * 1024;

export function bodyLimits(): MiddlewareHandler<HttpEnv> {
  const trpc = bodyLimit({ maxSize: TRPC_MAX_BYTES, onError: (c) => refuse(c, TRPC_MAX_BYTES) });
  const api = bodyLimit({ maxSize: API_MAX_BYTES, onError: (c) => refuse(c, API_MAX_BYTES) });
  return (c, next) => {
    if (c.req.path.startsWith('/trpc/')) return trpc(c, next);
    return /^\/(api|scim)\//.test(c.req.path) ? api(c, next) : next();
  };
}

function refuse(c: Context, maxBytes: number): Response {
  const trpc = c.req.path.startsWith('/trpc/');
  const parameters = trpc ? ` (parameters of a run: at most ${PARAMETERS_MAX_BYTES}; pass large data by reference)` : '';
  const length = c.req.header('content-length');
  const error = invalidInput([
    {
      field: 'body',
      expected: `at most ${maxBytes} bytes${parameters}`,
      received: length ? `${length} bytes` : `more than ${maxBytes} bytes`,
    },
  ]);
  const body = toErrorBody(error, (c.var as HttpEnv['Variables']).requestId);
  // What is left of it is not read: the connection cannot be used again.
  c.header('connection', 'close');
  const status = HTTP_STATUS[body.code];
  if (!trpc) return c.json(body, status);
  return c.json(
    { error: { message: body.message, code: -32_600, data: { code: 'BAD_REQUEST', httpStatus: status, signalbox: body } } },
    status,
  );
}

/**
 * The tRPC edge: who may call, and the one mapper from errors to statuses and `error.data.signalbox`.
 * Procedures are made by platform/command.ts, which forces a scope and an audit row.
 */
import type { ErrorBody, ErrorCode } from '@signalbox/proto';
import { initTRPC, type TRPC_ERROR_CODE_KEY, TRPCError } from '@trpc/server';
import { permits, type Scope } from '../domain/permissions.ts';
import { chooseWorkspace, type Identity, type WorkspaceAccess } from './actor.ts';
import { classifyError } from './classify-error.ts';
import { AppError, forbidden, INTERNAL_MESSAGE, toErrorBody, unauthenticated } from './errors.ts';
import type { Request } from './services.ts';

const t = initTRPC.context<Request>().create({
  isDev: false,
  errorFormatter({ shape, error, ctx }) {
    const signalbox = bodyOf(error, ctx?.id);
    return { ...shape, message: signalbox.message, data: { ...shape.data, signalbox } };
  },
});

export const router = t.router;
export const createCallerFactory = t.createCallerFactory;

/** tRPC's name of each code; its HTTP status is the contract's. */
const TRPC_CODE = {
  INVALID_INPUT: 'BAD_REQUEST',
  UNAUTHENTICATED: 'UNAUTHORIZED',
  FORBIDDEN: 'FORBIDDEN',
  NOT_FOUND: 'NOT_FOUND',
  CONFLICT: 'CONFLICT',
  PRECONDITION_FAILED: 'PRECONDITION_FAILED',
  LIMIT_EXCEEDED: 'TOO_MANY_REQUESTS',
  UNAVAILABLE: 'SERVICE_UNAVAILABLE',
  INTERNAL: 'INTERNAL_SERVER_ERROR',
} as const satisfies Record<ErrorCode, TRPC_ERROR_CODE_KEY>;

/** Whatever went wrong below leaves here as an AppError inside a TRPCError; faults of ours are logged once, here. */
const mapErrors = t.middleware(async ({ ctx, path, next, getRawInput }) => {
  const result = await next();
  if (result.ok) return result;
  const cause = result.error.cause ?? result.error;
  const known = classifyError(cause, await getRawInput().catch(() => undefined)) ?? fromTrpc(result.error);
  if (known?.code === 'UNAVAILABLE') ctx.services.log.warn({ err: known.cause ?? known, requestId: ctx.id, path }, 'a dependency is away');
  if (!known) ctx.services.log.error({ err: cause, requestId: ctx.id, path }, 'request failed');
  throw toTrpc(known ?? new AppError('INTERNAL', INTERNAL_MESSAGE));
});

/** Anybody may call. */
export const publicProcedure = t.procedure.use(mapErrors);

/** Somebody must be known; a workspace is not needed. */
export const personalProcedure = publicProcedure.use(async ({ ctx, next }) => {
  const identity = await ctx.identify();
  if (!identity) throw unauthenticated();
  return next({ ctx: { identity } });
});

/** Somebody who has this scope in the workspace the request means. */
export function scopedProcedure(scope: Scope) {
  return personalProcedure.use(({ ctx, next }) => next({ ctx: { workspace: authorize(ctx.identity, ctx.workspaceRef, scope) } }));
}

/** @throws NOT_FOUND for a workspace that is not the actor's, FORBIDDEN for a role without the scope. */
export function authorize(identity: Identity, workspaceRef: string | null, scope: Scope): WorkspaceAccess {
  const workspace = chooseWorkspace(identity, workspaceRef);
  if (!workspace) throw forbidden('You are not a member of any workspace yet; ask an admin to add you.');
  if (!permits(workspace.role, scope)) {
    throw forbidden(`Your role "${workspace.role}" in workspace "${workspace.slug}" lacks the scope ${scope}.`, {
      scope,
      role: workspace.role,
    });
  }
  return workspace;
}

function toTrpc(error: AppError): TRPCError {
  return new TRPCError({ code: TRPC_CODE[error.code], message: error.message, cause: error });
}

/** The wire form of an error that reached tRPC's edge. */
export function bodyOf(error: TRPCError, requestId: string | undefined): ErrorBody {
  return toErrorBody(classifyError(error.cause) ?? fromTrpc(error) ?? error, requestId);
}

/** Errors tRPC makes itself: an unknown path, a body that is no JSON, a wrong method. Null: not one of those. */
function fromTrpc(error: TRPCError): AppError | null {
  if (error.cause && error.code === 'INTERNAL_SERVER_ERROR') return null;
  switch (error.code) {
    case 'NOT_FOUND':
      return new AppError('NOT_FOUND', 'No such procedure. The client may be newer than this server.');
    case 'INTERNAL_SERVER_ERROR':
      return null;
    case 'PAYLOAD_TOO_LARGE':
      return new AppError('LIMIT_EXCEEDED', error.message);
    default:
      return new AppError('INVALID_INPUT', error.message);
  }
}

/**
 * The tRPC edge: who may call, and the one mapper from errors to statuses and `error.data.signalbox`.
 * Procedures are made by platform/command.ts, which forces a scope and an audit row.
 */
import { type ErrorBody, type ErrorCode, toId } from '@signalbox/proto';
import { initTRPC, type TRPC_ERROR_CODE_KEY, TRPCError } from '@trpc/server';
import { reachOf, scopesWithin } from '../domain/access.ts';
import type { OrganizationScope, Scope } from '../domain/permissions.ts';
import {
  chooseOrganization,
  chooseWorkspace,
  findWorkspace,
  type Identity,
  type OrganizationAccess,
  type WorkspaceAccess,
} from './actor.ts';
import { recordSecurityEvent } from './audit.ts';
import { classifyError } from './classify-error.ts';
import { AppError, forbidden, INTERNAL_MESSAGE, preconditionFailed, toErrorBody, unauthenticated, withoutSecrets } from './errors.ts';
import type { Request } from './services.ts';
import { tokenBuckets } from './token-bucket.ts';
import type { Narrowing } from './transaction.ts';
import { requireUsage } from './usage.ts';

/** What is known of a procedure without calling it: the reference page and the matrix of tests are made from it. */
export type ProcedureMeta = {
  readonly access: 'public' | 'personal' | 'workspace' | 'organization';
  readonly scope?: Scope | OrganizationScope;
  /** Whether access to single things is enough: the request then sees those alone. */
  readonly single?: boolean;
  /** Name of its audit row. */
  readonly action?: string;
};

const t = initTRPC
  .context<Request>()
  .meta<ProcedureMeta>()
  .create({
    isDev: false,
    errorFormatter({ shape, error, ctx }) {
      const signalbox = bodyOf(error, ctx?.id);
      // The path of no procedure is whatever somebody wrote there.
      const path = shape.data.path === undefined ? {} : { path: withoutSecrets(shape.data.path) };
      return { ...shape, message: signalbox.message, data: { ...shape.data, ...path, signalbox } };
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
  if (known?.code === 'FORBIDDEN') await noteRefusal(ctx, path, known);
  throw toTrpc(known ?? new AppError('INTERNAL', INTERNAL_MESSAGE));
});

/** Rows that refusals of one requester may fill: ten, then one every ten seconds. */
const refusals = tokenBuckets({ capacity: 10, refillPerSecond: 0.1 });

/** What somebody was not allowed to do, for who looks after the place. Its failure changes no answer. */
async function noteRefusal(ctx: Request, path: string, error: AppError): Promise<void> {
  const identity = await ctx.identify().catch(() => null);
  if (refusals.take(identity?.actor.id ?? ctx.address) !== null) return;
  const workspace = identity && findWorkspace(identity, ctx.workspaceRef);
  const organizationId = workspace?.organization.id ?? identity?.organizations[0]?.id;
  try {
    await recordSecurityEvent(ctx.services.db, {
      action: 'access.use',
      outcome: 'refused',
      actor: identity?.actor ?? { kind: 'stranger', id: null, name: ctx.address },
      target: { kind: 'procedure', id: null },
      organizationIds: organizationId ? [organizationId] : [],
      workspaceId: workspace?.id ?? null,
      address: ctx.address,
      requestId: ctx.id,
      details: { procedure: path, because: error.message },
    });
  } catch (err) {
    ctx.services.log.error({ err, requestId: ctx.id, path }, 'a refusal was not audited');
  }
}

/** Anybody may call. */
export const publicProcedure = t.procedure.use(mapErrors);

/** Somebody must be known; a workspace is not needed. */
export const personalProcedure = publicProcedure.use(async ({ ctx, next }) => {
  const identity = await ctx.identify();
  if (!identity) throw unauthenticated();
  return next({ ctx: { identity } });
});

/** Somebody who has this scope in the workspace the request means; with `single`, for at least one thing of it. */
export function scopedProcedure(scope: Scope, single = false) {
  return personalProcedure.use(({ ctx, path, next }) => {
    const authorized = authorize(ctx.identity, ctx.workspaceRef, scope, single);
    // Whoever has used all up may see so.
    if (!path.startsWith('usage.')) countCall(ctx, authorized.workspace.id);
    return next({ ctx: authorized });
  });
}

/** Counted once it is known to be allowed: nobody uses up what is another's. @throws LIMIT_EXCEEDED over the workspace's limit. */
function countCall({ services, counted }: Request, workspaceId: string): void {
  counted?.(workspaceId);
  requireUsage(services.usage, workspaceId, 'apiCalls', 1);
  services.usage.count(workspaceId, 'apiCalls', 1);
}

/** Somebody who has this scope in the organization the request means. */
export function organizationProcedure(scope: OrganizationScope) {
  return personalProcedure.use(({ ctx, next }) => {
    const organization = authorizeOrganization(ctx.identity, ctx.organizationRef, ctx.workspaceRef, scope);
    return next({ ctx: { organization } });
  });
}

/** A workspace the request may go on in, and what of it alone, if not all. */
type Authorized = { readonly workspace: WorkspaceAccess; readonly narrowing: Narrowing };

/**
 * @throws NOT_FOUND for a workspace that is not the actor's, FORBIDDEN without the scope, PRECONDITION_FAILED for one that
 * was deleted and may yet be restored.
 */
export function authorize(identity: Identity, workspaceRef: string | null, scope: Scope, single = false): Authorized {
  const workspace = chooseWorkspace(identity, workspaceRef);
  if (!workspace) throw forbidden('You are not a member of any workspace yet; ask an admin to add you.');
  const reach = reachOf(workspace, scope);
  if (!reach || (reach.kind === 'only' && !single)) {
    const what = reach ? 'covers single things alone and so lacks' : 'lacks';
    throw forbidden(`Your role "${workspace.role}" in workspace "${workspace.slug}" ${what} the scope ${scope}.`, {
      scope,
      role: workspace.role,
    });
  }
  if (workspace.purgeAt && scope !== 'workspace:delete' && scope !== 'workspace:export' && scope !== 'workspace:read') {
    throw preconditionFailed(
      `Workspace "${workspace.slug}" was deleted and is gone for good at ${workspace.purgeAt.toISOString()}. Restore it first.`,
      { kind: 'workspace', id: toId('workspace', workspace.id) },
    );
  }
  if (reach.kind === 'all') return { workspace, narrowing: null };
  return { workspace: { ...workspace, scopes: scopesWithin(workspace, reach) }, narrowing: { on: reach.on, ids: reach.ids } };
}

/** What is done with an organization that was deleted, as long as it can be restored. */
const IN_GRACE: ReadonlySet<OrganizationScope> = new Set([
  ...(['organization:read', 'organization:audit', 'organization:export', 'organization:delete'] as const),
]);

/**
 * @throws NOT_FOUND for an organization that is not the actor's, FORBIDDEN without the scope, PRECONDITION_FAILED for one that
 * was deleted and may yet be restored.
 */
export function authorizeOrganization(
  identity: Identity,
  ref: string | null,
  workspaceRef: string | null,
  scope: OrganizationScope,
): OrganizationAccess {
  if (identity.actor.kind !== 'user' && identity.organizations.length === 0)
    throw forbidden('This key acts in its workspace alone: one that acts for the organization names scopes of it.', { scope });
  const organization = chooseOrganization(identity, ref, workspaceRef);
  if (!organization) throw forbidden('You are not in any organization yet; ask an admin to add you.');
  if (!organization.scopes.has(scope)) {
    const who = identity.actor.kind === 'user' ? `Your role "${organization.role}"` : 'This key';
    throw forbidden(`${who} in organization "${organization.slug}" lacks the scope ${scope}.`, { scope });
  }
  if (organization.purgeAt && !IN_GRACE.has(scope)) {
    throw preconditionFailed(
      `Organization "${organization.slug}" was deleted and is gone for good at ${organization.purgeAt.toISOString()}. Restore it first.`,
      { kind: 'organization', id: toId('organization', organization.id) },
    );
  }
  return organization;
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

/**
 * The only ways to make a procedure. A command names its scope and its audit action and returns `audited(...)`;
 * a query names its scope. Forgetting any of them does not compile.
 *
 * Order of a write: scope, parse, transaction, the verb's own work, the audit row in the same transaction, commit,
 * then the effects (nudges, live events, revocations). Any but those of the hot path may change who may what, so what is known
 * of keys is forgotten first.
 */
import type { TRPCMutationProcedure, TRPCQueryProcedure } from '@trpc/server';
import type { z } from 'zod';
import type { OrganizationScope, Scope } from '../domain/permissions.ts';
import type { Identity } from './actor.ts';
import { type Action, type Audited, type AuditPlace, insertAudit, writeAudit } from './audit.ts';
import type { Tx } from './db.ts';
import { forbidden, invalidInput } from './errors.ts';
import { knownKeys } from './known-keys.ts';
import type {
  CommandCtx,
  Ctx,
  OrganizationCommandCtx,
  OrganizationCtx,
  Request,
  Services,
  SqlCommandCtx,
  SqlCtx,
  WithCommit,
} from './services.ts';
import { allSent, sqlOfTx } from './sql.ts';
import { DEEPEST_JSON, isDeeperThan, unstorableAt } from './storable.ts';
import type { Narrowing } from './transaction.ts';
import { organizationProcedure, personalProcedure, publicProcedure, scopedProcedure } from './trpc.ts';

/** Types only: what a client sees of a procedure. */
type Mutation<I extends z.ZodType, T> = TRPCMutationProcedure<{ input: z.input<I>; output: T; meta: object }>;
type Query<I extends z.ZodType, T> = TRPCQueryProcedure<{ input: z.input<I>; output: T; meta: object }>;
type Effect = () => void | Promise<void>;

/** A write in one workspace. */
export function command<I extends z.ZodType, T>(spec: {
  readonly scope: Scope;
  /** Access to single things is enough: the transaction then sees those alone. */
  readonly single?: true;
  readonly action: Action;
  readonly input: I;
  readonly run: (ctx: CommandCtx, input: z.output<I>) => Promise<Audited<T>>;
}): Mutation<I, T> {
  return scopedProcedure(spec.scope, spec.single)
    .meta({ access: 'workspace', scope: spec.scope, single: spec.single ?? false, action: spec.action })
    .input(storableInput(spec.input))
    .mutation(async ({ ctx, input }) => {
      const { services, identity, workspace } = ctx;
      let effects: Effect[] = [];
      const output = await services.db.inWorkspace(
        workspace.id,
        async (tx) => {
          effects = []; // the transaction may be run again
          const commandCtx = {
            ...ctxOf(ctx, identity, workspace, tx, ctx.narrowing),
            afterCommit: (effect: Effect) => void effects.push(effect),
          };
          const done = await spec.run(commandCtx, input as z.output<I>);
          await writeAudit(tx, {
            workspaceId: workspace.id,
            actor: identity.actor,
            action: spec.action,
            requestId: ctx.id,
            facts: done.facts,
          });
          return done.output;
        },
        ctx.narrowing,
      );
      knownKeys.forget(workspace.organization.id);
      await runEffects(effects, services, ctx.id);
      return output;
    }) as unknown as Mutation<I, T>;
}

/** What a command would do, without doing it: the very same verb in a transaction that is rolled back, without audit or effects. */
export function rehearsal<I extends z.ZodType, T>(spec: {
  readonly scope: Scope;
  readonly input: I;
  readonly run: (ctx: CommandCtx, input: z.output<I>) => Promise<Audited<T>>;
}): Mutation<I, T> {
  return scopedProcedure(spec.scope)
    .meta({ access: 'workspace', scope: spec.scope })
    .input(storableInput(spec.input))
    .mutation(async ({ ctx, input }) => {
      const { services, identity, workspace } = ctx;
      // What ends the transaction, and carries the answer out of it.
      const curtain = new Error('rehearsed');
      let output: { readonly answer: T } | null = null;
      const work = services.db.inWorkspace(workspace.id, async (tx) => {
        const done = await spec.run({ ...ctxOf(ctx, identity, workspace, tx, ctx.narrowing), afterCommit: () => {} }, input as z.output<I>);
        output = { answer: done.output };
        throw curtain;
      });
      await work.catch((error: unknown) => {
        if (error !== curtain) throw error;
      });
      if (!output) throw new Error('the verb was not rehearsed');
      return (output as { readonly answer: T }).answer;
    }) as unknown as Mutation<I, T>;
}

/** A write in one workspace on the hot path: plain SQL in a transaction of as few round trips as it has statements. */
export function sqlCommand<I extends z.ZodType, T>(spec: {
  readonly scope: Scope;
  /** Access to single things is enough: the transaction then sees those alone. */
  readonly single?: true;
  readonly action: Action;
  readonly input: I;
  readonly run: (ctx: SqlCommandCtx, input: z.output<I>) => Promise<Audited<T>>;
}): Mutation<I, T> {
  return scopedProcedure(spec.scope, spec.single)
    .meta({ access: 'workspace', scope: spec.scope, single: spec.single ?? false, action: spec.action })
    .input(storableInput(spec.input))
    .mutation(async ({ ctx, input }) => {
      const { services, identity, workspace } = ctx;
      let effects: Effect[] = [];
      let lasts: WithCommit[] = [];
      const settle = (isCommitted: boolean) => {
        for (const last of lasts) last.settled(isCommitted);
        lasts = [];
      };
      const written = services.db.inWorkspaceSql(
        workspace.id,
        async (sql) => {
          effects = []; // the transaction may be run again
          settle(false);
          const base = {
            ...services,
            ...actingIn(identity, workspace, ctx.narrowing),
            requestId: ctx.id,
            origin: ctx.origin,
            traceparent: ctx.traceparent,
          };
          const [afterCommit, withCommit] = [(effect: Effect) => void effects.push(effect), (last: WithCommit) => void lasts.push(last)];
          return spec.run({ ...base, sql, afterCommit, withCommit }, input as z.output<I>);
        },
        ctx.narrowing,
        (sql, { facts }) =>
          allSent([
            ...lasts.map((last) => last.send(sql)),
            insertAudit(sql, { workspaceId: workspace.id, actor: identity.actor, action: spec.action, requestId: ctx.id, facts }),
          ]),
      );
      const done = await written.catch((error: unknown) => {
        settle(false);
        throw error;
      });
      settle(true);
      await runEffects(effects, services, ctx.id);
      return done.output;
    }) as unknown as Mutation<I, T>;
}

/** A read in one workspace: one transaction, row-level security on. */
export function query<I extends z.ZodType, T>(spec: {
  readonly scope: Scope;
  /** Access to single things is enough: the transaction then sees those alone. */
  readonly single?: true;
  readonly input: I;
  readonly run: (ctx: Ctx, input: z.output<I>) => Promise<T>;
}): Query<I, T> {
  return scopedProcedure(spec.scope, spec.single)
    .meta({ access: 'workspace', scope: spec.scope, single: spec.single ?? false })
    .input(storableInput(spec.input))
    .query(({ ctx, input }) =>
      ctx.services.db.inWorkspace(
        ctx.workspace.id,
        (tx) => spec.run(ctxOf(ctx, ctx.identity, ctx.workspace, tx, ctx.narrowing), input as z.output<I>),
        ctx.narrowing,
      ),
    ) as unknown as Query<I, T>;
}

/**
 * The same on the hot path: plain SQL, whose statements may be sent side by side. Those with a name are planned once for whatever
 * values, so each must go by indexes.
 */
export function sqlQuery<I extends z.ZodType, T>(spec: {
  readonly scope: Scope;
  /** Access to single things is enough: the transaction then sees those alone. */
  readonly single?: true;
  readonly input: I;
  readonly run: (ctx: SqlCtx, input: z.output<I>) => Promise<T>;
}): Query<I, T> {
  return scopedProcedure(spec.scope, spec.single)
    .meta({ access: 'workspace', scope: spec.scope, single: spec.single ?? false })
    .input(storableInput(spec.input))
    .query(({ ctx, input }) => {
      const { services, identity, workspace, narrowing, id: requestId, origin } = ctx;
      return services.db.readWorkspaceSql(
        workspace.id,
        (sql) => spec.run({ ...services, ...actingIn(identity, workspace, ctx.narrowing), requestId, origin, sql }, input as z.output<I>),
        narrowing,
      );
    }) as unknown as Query<I, T>;
}

export type PersonalCtx = Services & {
  readonly identity: Identity;
  readonly workspaceRef: string | null;
  readonly organizationRef: string | null;
  readonly requestId: string;
};

/** A read about the actor, in no workspace. */
export function personalQuery<I extends z.ZodType, T>(spec: {
  readonly input: I;
  readonly run: (ctx: PersonalCtx, input: z.output<I>) => Promise<T>;
}): Query<I, T> {
  return personalProcedure
    .meta({ access: 'personal' })
    .input(storableInput(spec.input))
    .query(({ ctx, input }) => spec.run(personalCtxOf(ctx, ctx.identity), input as z.output<I>)) as unknown as Query<I, T>;
}

/**
 * A write of a person that is not (yet) inside a workspace they chose. Runs as `signalbox_system`: the verb itself must
 * check what the person may, and names the workspace or organization that its audit row belongs to.
 */
export function personalCommand<I extends z.ZodType, T>(spec: {
  readonly action: Action;
  readonly input: I;
  readonly run: (
    ctx: PersonalCtx & { readonly tx: Tx },
    input: z.output<I>,
  ) => Promise<AuditPlace & { done: Audited<T>; afterCommit?: Effect }>;
}): Mutation<I, T> {
  return personalProcedure
    .meta({ access: 'personal', action: spec.action })
    .input(storableInput(spec.input))
    .mutation(async ({ ctx, input }) => {
      const { services, identity } = ctx;
      const { actor } = identity;
      if (actor.kind === 'user' && actor.support)
        throw forbidden('Support does not act for the person as such: it makes, joins and approves nothing.');
      const { output, effect } = await services.db.system.$transaction(async (tx) => {
        const { done, afterCommit, ...place } = await spec.run({ ...personalCtxOf(ctx, identity), tx }, input as z.output<I>);
        await writeAudit(tx, { ...place, actor: identity.actor, action: spec.action, requestId: ctx.id, facts: done.facts });
        return { output: done.output, effect: afterCommit };
      });
      knownKeys.forget(null);
      await runEffects(effect ? [effect] : [], services, ctx.id);
      return output;
    }) as unknown as Mutation<I, T>;
}

/** A write about one organization, in a transaction that sees its rows alone. */
export function organizationCommand<I extends z.ZodType, T>(spec: {
  readonly scope: OrganizationScope;
  readonly action: Action;
  readonly input: I;
  readonly run: (ctx: OrganizationCommandCtx, input: z.output<I>) => Promise<Audited<T>>;
}): Mutation<I, T> {
  return organizationProcedure(spec.scope)
    .meta({ access: 'organization', scope: spec.scope, action: spec.action })
    .input(storableInput(spec.input))
    .mutation(async ({ ctx, input }) => {
      const { services, identity, organization } = ctx;
      let effects: Effect[] = [];
      const output = await services.db.inOrganization(organization.id, async (tx) => {
        effects = []; // the transaction may be run again
        const base = { ...services, actor: identity.actor, organization, identity, requestId: ctx.id, address: ctx.address, tx };
        const done = await spec.run({ ...base, afterCommit: (effect) => void effects.push(effect) }, input as z.output<I>);
        const { actor } = identity;
        await writeAudit(tx, { organizationId: organization.id, actor, action: spec.action, requestId: ctx.id, facts: done.facts });
        return done.output;
      });
      knownKeys.forget(organization.id);
      await runEffects(effects, services, ctx.id);
      return output;
    }) as unknown as Mutation<I, T>;
}

/** A read about one organization. */
export function organizationQuery<I extends z.ZodType, T>(spec: {
  readonly scope: OrganizationScope;
  readonly input: I;
  readonly run: (ctx: OrganizationCtx, input: z.output<I>) => Promise<T>;
}): Query<I, T> {
  return organizationProcedure(spec.scope)
    .meta({ access: 'organization', scope: spec.scope })
    .input(storableInput(spec.input))
    .query(({ ctx, input }) => {
      const { services, identity, organization } = ctx;
      return services.db.inOrganization(organization.id, (tx) =>
        spec.run(
          { ...services, actor: identity.actor, organization, identity, requestId: ctx.id, address: ctx.address, tx },
          input as z.output<I>,
        ),
      );
    }) as unknown as Query<I, T>;
}

/** For callers without a credential: the verb guards itself (rate limits, codes). */
export function publicCommand<I extends z.ZodType, T>(spec: {
  readonly input: I;
  readonly run: (ctx: Request, input: z.output<I>) => Promise<T>;
}): Mutation<I, T> {
  return publicProcedure
    .meta({ access: 'public' })
    .input(storableInput(spec.input))
    .mutation(({ ctx, input }) => spec.run(ctx, input as z.output<I>)) as unknown as Mutation<I, T>;
}

/** Parses an input, after a look for what no database stores: that is the requester's mistake, found before anything is done. */
function storableInput<I extends z.ZodType>(schema: I): ((raw: unknown) => unknown) & { readonly schema: I } {
  const parse = (raw: unknown): unknown => {
    if (isDeeperThan(raw, DEEPEST_JSON)) throw invalidInput([{ field: 'input', expected: `at most ${DEEPEST_JSON} levels of nesting` }]);
    const field = unstorableAt(raw);
    if (field !== null) throw invalidInput([{ field: field || 'input', expected: 'text without NUL and without half a surrogate pair' }]);
    return schema.parse(raw);
  };
  // Kept for the authorization test, which puts a stranger's id into each field.
  return Object.assign(parse, { schema });
}

function ctxOf(request: Request, identity: Identity, workspace: Ctx['workspace'], tx: Tx, narrowing: Narrowing): Ctx {
  const { id: requestId, origin, services } = request;
  return { ...services, ...actingIn(identity, workspace, narrowing), requestId, origin, sql: sqlOfTx(tx), tx };
}

function actingIn({ actor, expiresAt, organizations }: Identity, workspace: Ctx['workspace'], narrowing: Narrowing) {
  const organization = organizations.find(({ id }) => id === workspace.organization.id);
  return {
    actor,
    workspace,
    isNarrowed: narrowing !== null,
    credentialExpiresAt: actor.kind === 'api-key' ? expiresAt : null,
    organizationScopes: organization?.scopes ?? new Set<never>(),
  };
}

function personalCtxOf(request: Request, identity: Identity): PersonalCtx {
  const { workspaceRef, organizationRef, id: requestId } = request;
  return { ...request.services, identity, workspaceRef, organizationRef, requestId };
}

async function runEffects(effects: readonly Effect[], services: Services, requestId: string): Promise<void> {
  // Each command's audit row is an event.
  services.bus.wake('appended');
  for (const effect of effects) {
    try {
      await effect();
    } catch (error) {
      services.log.error({ err: error, requestId }, 'an effect after commit failed');
    }
  }
}

/** What may somebody do here, and why: asked of the very rows that requests are decided by. */
import { toId, toUuid } from '@signalbox/proto';
import type { AccessExplanation, explainAccessInput } from '@signalbox/proto/api';
import type { z } from 'zod';
import { type AccessRow, accessOf, capAccess, reachOf, reasonsFor } from '../../domain/access.ts';
import { isBuiltInRole, type ObjectKind, permits, ruleOf, SCOPES, type Scope, scopesOf } from '../../domain/permissions.ts';
import { rowsIn, type StoredAccess, toAccessRow } from '../../platform/access-rows.ts';
import { chooseWorkspace } from '../../platform/actor.ts';
import type { PersonalCtx } from '../../platform/command.ts';
import { forbidden, notFound } from '../../platform/errors.ts';
import type { Ctx } from '../../platform/services.ts';
import { sqlOfClient, sqlOfTx } from '../../platform/sql.ts';
import { findObjectName, OBJECT_ID } from './grants.ts';

type Input = z.output<typeof explainAccessInput>;
type Asked = Pick<Ctx, 'actor' | 'workspace' | 'db' | 'tx'>;
/** Somebody, and the bound of the credential they ask with. */
type Subject = {
  readonly kind: 'person' | 'service-account';
  readonly id: string;
  readonly shown: AccessExplanation['subject'];
  readonly cap: { readonly name: string; readonly scopes: ReadonlySet<Scope> } | null;
};

/**
 * Of oneself anybody may ask who may anything here, be it on a single thing.
 * @throws NOT_FOUND for who or what is not of this workspace, FORBIDDEN to ask about others without `grants:write`.
 */
export function explainAccess(request: PersonalCtx, input: Input): Promise<AccessExplanation> {
  const { identity, db } = request;
  const workspace = chooseWorkspace(identity, request.workspaceRef);
  if (!workspace) throw forbidden('You are not a member of any workspace yet; ask an admin to add you.');
  return db.inWorkspace(workspace.id, (tx) => explain({ actor: identity.actor, workspace, db, tx }, input));
}

async function explain(ctx: Asked, input: Input): Promise<AccessExplanation> {
  const subject = await resolveSubject(ctx, input.subject);
  const object = await resolveObject(ctx, input.object);
  // As the loops' role: memberships of the organization are not a workspace's to read. Only rows of this workspace are used.
  const stored = await sqlOfClient(ctx.db.systemSql).query<StoredAccess>('SELECT * FROM access_of($1, $2::uuid)', [
    subject.kind,
    subject.id,
  ]);
  const rows = rowsIn(stored.map(toAccessRow), ctx.workspace);
  const access = subject.cap ? capAccess(accessOf(rows), subject.cap.scopes) : accessOf(rows);
  return {
    subject: subject.shown,
    object: object && { kind: object.kind, id: object.shownId, name: object.name },
    role: access.role,
    scopes: SCOPES.filter((scope) => !object || ruleOf(scope).on === object.kind).map((scope) =>
      explainScope(scope, rows, object, subject.cap),
    ),
  };
}

function explainScope(scope: Scope, rows: readonly AccessRow[], object: AccessRow['object'], cap: Subject['cap']) {
  const { what, roles } = ruleOf(scope);
  const reasons = reasonsFor(rows, scope, object).map(inWords);
  if (reasons.length === 0) {
    return { scope, what, allowed: false, because: [`No role one has here includes it. Built-in roles that do: ${roles.join(', ')}.`] };
  }
  if (cap && !cap.scopes.has(scope))
    return { scope, what, allowed: false, because: [`${cap.name} was made without it, though its owner has it.`] };
  return { scope, what, allowed: true, because: reasons };
}

function inWords(row: AccessRow): string {
  if (row.source === 'organization-member') return `${row.role} of the organization, which is owner of each workspace`;
  if (row.source === 'workspace-member') return `member of the workspace as ${row.role}`;
  const where = row.object ? `on this ${row.object.kind.replace('-', ' ')}` : row.workspaceId ? 'in the workspace' : 'in all workspaces';
  const role = `${row.scopes ? 'role ' : ''}${row.role}`;
  return `${role} granted ${where} ${row.team ? `to the team ${row.team}` : 'directly'}`;
}

async function resolveSubject(ctx: Asked, asked: Input['subject']): Promise<Subject> {
  const { actor } = ctx;
  if (!asked) {
    if (actor.kind === 'user') return ofPerson(actor.id, actor.email, null);
    if (actor.kind === 'run') throw forbidden('What a run may is the same for all; see the reference of permissions.');
    return ofKey(ctx, actor.id);
  }
  const isSelf = asked.id === toId(actor.kind === 'user' ? 'user' : 'apiKey', actor.id);
  if (!isSelf && !ctx.workspace.scopes.has('grants:write')) {
    throw forbidden('What others may do is told to who has the scope grants:write.', { scope: 'grants:write' });
  }
  if (asked.kind === 'api-key') return ofKey(ctx, toUuid('apiKey', asked.id));
  if (asked.kind === 'service-account') {
    const id = toUuid('serviceAccount', asked.id);
    const account = await ctx.tx.serviceAccount.findFirst({ where: { id, organizationId: ctx.workspace.organization.id } });
    if (!account) throw notFound('service account', asked.id);
    return { kind: 'service-account', id, shown: { ...asked, name: account.name }, cap: null };
  }
  const id = toUuid('user', asked.id);
  const [person] = await sqlOfTx(ctx.tx).query<{ email: string }>('SELECT email FROM people_here() WHERE id = $1::uuid', [id]);
  if (!person) throw notFound('person', asked.id);
  return ofPerson(id, person.email, null);
}

function ofPerson(id: string, email: string, cap: Subject['cap']): Subject {
  return { kind: 'person', id, shown: { kind: 'person', id: toId('user', id), name: email }, cap };
}

async function ofKey(ctx: Asked, id: string): Promise<Subject> {
  const key = await ctx.tx.apiKey.findFirst({ where: { id, workspaceId: ctx.workspace.id } });
  const ref = toId('apiKey', id);
  if (!key || (!key.userId && !key.serviceAccountId)) throw notFound('API key with an owner', ref);
  const { role, scopes } = key;
  const own = isBuiltInRole(role)
    ? scopesOf(role).filter((scope) => permits(role, scope) && (scopes.length === 0 || scopes.includes(scope)))
    : [];
  return {
    kind: key.userId ? 'person' : 'service-account',
    id: (key.userId ?? key.serviceAccountId) as string,
    shown: { kind: 'api-key', id: ref, name: key.name },
    cap: { name: `The key "${key.name}"`, scopes: new Set(own) },
  };
}

const SEEN_BY = { deployment: 'deployments:read', 'work-pool': 'pools:read', block: 'blocks:read' } as const satisfies Record<
  ObjectKind,
  Scope
>;

async function resolveObject(ctx: Asked, asked: Input['object']) {
  if (!asked) return null;
  const id = toUuid(OBJECT_ID[asked.kind], asked.id);
  // What one may not see is not there, whatever it is called.
  const reach = reachOf(ctx.workspace, SEEN_BY[asked.kind]);
  const isSeen = reach?.kind === 'all' || (reach?.on === asked.kind && reach.ids.includes(id));
  const name = isSeen ? await findObjectName(ctx.tx, asked.kind, id, ctx.workspace.id) : null;
  if (name === null) throw notFound(asked.kind.replace('-', ' '), asked.id);
  return { kind: asked.kind, id, shownId: asked.id, name };
}

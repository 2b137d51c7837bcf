/** Grants of roles: in a workspace, on one thing of it, or in all workspaces of an organization. */
import { type IdKind, toId, toUuid, uuidv7 } from '@signalbox/proto';
import type {
  BuiltInRole,
  createGrantInput,
  createOrganizationGrantInput,
  Grant,
  listGrantsInput,
  SubjectKind,
} from '@signalbox/proto/api';
import type { z } from 'zod';
import { beyond } from '../../domain/access.ts';
import { type AnyScope, isBuiltInRole, isOrganizationScope, isScope, type ObjectKind, scopesOf } from '../../domain/permissions.ts';
import { type Actor, actorName } from '../../platform/actor.ts';
import { type Audited, audited } from '../../platform/audit.ts';
import type { Tx } from '../../platform/db.ts';
import { conflict, forbidden, notFound } from '../../platform/errors.ts';
import { cursorUuid, type Page, pageOf } from '../../platform/pagination.ts';
import type { CommandCtx, Ctx, OrganizationCommandCtx, OrganizationCtx } from '../../platform/services.ts';
import { sqlOfTx } from '../../platform/sql.ts';

const SUBJECT_ID = { person: 'user', team: 'team', 'service-account': 'serviceAccount' } as const satisfies Record<SubjectKind, IdKind>;
export const OBJECT_ID = { deployment: 'deployment', 'work-pool': 'workPool', block: 'block' } as const satisfies Record<
  ObjectKind,
  IdKind
>;

type Row = {
  id: string;
  subject_kind: SubjectKind;
  subject_id: string;
  subject_name: string | null;
  object_kind: ObjectKind | null;
  object_id: string | null;
  object_name: string | null;
  role: string | null;
  custom_role_id: string | null;
  role_name: string | null;
  created_by: string;
  created_at: Date;
};

/** One page by the index on (place, id), names by the joins' primary keys. `workspace` null: those of the organization as a whole. */
async function readGrants(
  tx: Tx,
  place: { workspace: string | null; organization: string },
  after: string | null,
  limit: number,
  id?: string,
) {
  return sqlOfTx(tx).query<Row>(
    `SELECT g.id, g.subject_kind, g.subject_id, coalesce(p.email, t.name, s.name) AS subject_name, g.object_kind, g.object_id,
            coalesce(d.name, w.name, b.type || '/' || b.name) AS object_name, g.role, g.custom_role_id, r.name AS role_name, g.created_by, g.created_at
       FROM role_grant g
       LEFT JOIN people_here() p ON g.subject_kind = 'person' AND p.id = g.subject_id
       LEFT JOIN team t ON g.subject_kind = 'team' AND t.id = g.subject_id
       LEFT JOIN service_account s ON g.subject_kind = 'service-account' AND s.id = g.subject_id
       LEFT JOIN custom_role r ON r.id = g.custom_role_id
       LEFT JOIN deployment d ON g.object_kind = 'deployment' AND d.id = g.object_id
       LEFT JOIN work_pool w ON g.object_kind = 'work-pool' AND w.id = g.object_id
       LEFT JOIN block b ON g.object_kind = 'block' AND b.id = g.object_id
      WHERE g.organization_id = $1::uuid AND g.workspace_id IS NOT DISTINCT FROM $2::uuid
        AND ($3::uuid IS NULL OR g.id > $3::uuid) AND ($5::uuid IS NULL OR g.id = $5::uuid)
      ORDER BY g.id LIMIT $4::int`,
    [place.organization, place.workspace, after, limit, id ?? null],
  );
}

const placeOf = (ctx: Ctx) => ({ workspace: ctx.workspace.id, organization: ctx.workspace.organization.id });

export async function listGrants(ctx: Ctx, input: z.output<typeof listGrantsInput>): Promise<Page<Grant>> {
  const rows = await readGrants(ctx.tx, placeOf(ctx), cursorUuid('grant', input.cursor), input.limit + 1);
  return pageOf('grant', rows, input.limit, (row) => row.id, show);
}

export async function listOrganizationGrants(ctx: OrganizationCtx, input: z.output<typeof listGrantsInput>): Promise<Page<Grant>> {
  const place = { workspace: null, organization: ctx.organization.id };
  const rows = await readGrants(ctx.tx, place, cursorUuid('grant', input.cursor), input.limit + 1);
  return pageOf('grant', rows, input.limit, (row) => row.id, show);
}

export async function createGrant(ctx: CommandCtx, input: z.output<typeof createGrantInput>): Promise<Audited<Grant>> {
  const { object } = input;
  const objectId = object ? toUuid(OBJECT_ID[object.kind], object.id) : null;
  if (object && objectId && (await findObjectName(ctx.tx, object.kind, objectId, ctx.workspace.id)) === null)
    throw notFound(object.kind.replace('-', ' '), object.id);
  return insert(
    ctx.tx,
    ctx.actor,
    placeOf(ctx),
    ctx.workspace.scopes,
    input,
    object && objectId ? { kind: object.kind, id: objectId } : null,
  );
}

export async function createOrganizationGrant(
  ctx: OrganizationCommandCtx,
  input: z.output<typeof createOrganizationGrantInput>,
): Promise<Audited<Grant>> {
  const own = new Set<AnyScope>([...ctx.organization.everywhere, ...ctx.organization.scopes]);
  return insert(ctx.tx, ctx.actor, { workspace: null, organization: ctx.organization.id }, own, input, null);
}

export async function revokeGrant(ctx: CommandCtx, input: { grant: string }): Promise<Audited<{ revoked: true }>> {
  return remove(ctx.tx, placeOf(ctx), input.grant);
}

export async function revokeOrganizationGrant(ctx: OrganizationCommandCtx, input: { grant: string }): Promise<Audited<{ revoked: true }>> {
  return remove(ctx.tx, { workspace: null, organization: ctx.organization.id }, input.grant);
}

async function insert(
  tx: Tx,
  actor: Actor,
  place: { workspace: string | null; organization: string },
  own: ReadonlySet<AnyScope>,
  input: z.output<typeof createOrganizationGrantInput>,
  object: { kind: ObjectKind; id: string } | null,
): Promise<Audited<Grant>> {
  const { kind, id: subjectRef } = input.subject;
  const subjectId = toUuid(SUBJECT_ID[kind], subjectRef);
  if (!(await subjectExists(tx, kind, subjectId, place.organization))) throw notFound(kind.replace('-', ' '), subjectRef);
  const { role, customRoleId, scopes } = await resolveRole(tx, input.role, place.organization);
  // Of a role that was made, scopes of the organization count only where it is granted there.
  const missing = beyond(own, place.workspace ? scopes.filter((scope) => !isOrganizationScope(scope)) : scopes);
  if (missing.length > 0) throw forbidden(`Nobody grants more than they have: you lack ${missing.slice(0, 5).join(', ')}.`, { missing });
  const id = uuidv7(Date.now());
  const { count } = await tx.roleGrant.createMany({
    data: {
      id,
      organizationId: place.organization,
      workspaceId: place.workspace,
      subjectKind: kind,
      subjectId,
      objectKind: object?.kind ?? null,
      objectId: object?.id ?? null,
      role,
      customRoleId,
      createdBy: actorName(actor),
    },
    skipDuplicates: true,
  });
  if (count === 0) throw conflict('This very grant exists already.');
  const [row] = await readGrants(tx, place, null, 1, id);
  const grant = show(row as Row);
  return audited(grant, { target: { kind: 'grant', id }, before: null, after: grant });
}

async function remove(tx: Tx, place: { workspace: string | null; organization: string }, ref: string): Promise<Audited<{ revoked: true }>> {
  const id = toUuid('grant', ref);
  const [row] = await readGrants(tx, place, null, 1, id);
  if (!row) throw notFound('grant', ref);
  await tx.roleGrant.deleteMany({ where: { id } });
  return audited({ revoked: true as const }, { target: { kind: 'grant', id }, before: show(row), after: null });
}

async function subjectExists(tx: Tx, kind: SubjectKind, id: string, organizationId: string): Promise<boolean> {
  if (kind === 'team') return (await tx.team.findFirst({ where: { id, organizationId } })) !== null;
  if (kind === 'service-account') return (await tx.serviceAccount.findFirst({ where: { id, organizationId } })) !== null;
  return (await sqlOfTx(tx).query('SELECT 1 FROM people_here() WHERE id = $1::uuid', [id])).length > 0;
}

const OBJECT_NAME = {
  deployment: 'SELECT name FROM deployment WHERE workspace_id = $1::uuid AND id = $2::uuid',
  'work-pool': 'SELECT name FROM work_pool WHERE workspace_id = $1::uuid AND id = $2::uuid',
  block: "SELECT type || '/' || name AS name FROM block WHERE workspace_id = $1::uuid AND id = $2::uuid",
} as const satisfies Record<ObjectKind, string>;

/** Null: there is none here. */
export async function findObjectName(tx: Tx, kind: ObjectKind, id: string, workspaceId: string): Promise<string | null> {
  const [row] = await sqlOfTx(tx).query<{ name: string }>(OBJECT_NAME[kind], [workspaceId, id]);
  return row?.name ?? null;
}

/** A built-in role by its name, or one that was made, by its id. */
async function resolveRole(tx: Tx, ref: string, organizationId: string) {
  if (isBuiltInRole(ref)) return { role: ref, customRoleId: null, scopes: scopesOf(ref) as AnyScope[] };
  const row = await tx.customRole.findFirst({ where: { id: toUuid('role', ref), organizationId } });
  if (!row) throw notFound('role', ref);
  const base = row.baseRole ? scopesOf(row.baseRole as BuiltInRole) : [];
  return {
    role: null,
    customRoleId: row.id,
    scopes: [...base, ...row.scopes].filter((each): each is AnyScope => isScope(each) || isOrganizationScope(each)),
  };
}

function show(row: Row): Grant {
  return {
    id: toId('grant', row.id),
    subject: {
      kind: row.subject_kind,
      id: toId(SUBJECT_ID[row.subject_kind], row.subject_id),
      name: row.subject_name ?? 'somebody who has left',
    },
    object:
      row.object_kind && row.object_id
        ? { kind: row.object_kind, id: toId(OBJECT_ID[row.object_kind], row.object_id), name: row.object_name ?? 'something deleted' }
        : null,
    role: { id: row.custom_role_id ? toId('role', row.custom_role_id) : null, name: row.role ?? row.role_name ?? '' },
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
  };
}

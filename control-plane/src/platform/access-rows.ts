/** Rows that give access, as Postgres keeps them, folded into what each workspace and organization is to somebody. */
import type { OrganizationRole } from '@signalbox/proto/api';
import { type AccessRow, accessOf, organizationAccessOf } from '../domain/access.ts';
import { isBuiltInRole, type ObjectKind, scopesOf } from '../domain/permissions.ts';
import type { OrganizationAccess, WorkspaceAccess } from './actor.ts';
import type { Sql } from './sql.ts';

/** A row of the function `access_of`. */
export type StoredAccess = {
  source: AccessRow['source'];
  grant_id: string | null;
  team: string | null;
  organization_id: string;
  workspace_id: string | null;
  object_kind: ObjectKind | null;
  object_id: string | null;
  role: string;
  scopes: string[] | null;
  base_role: string | null;
};

export function toAccessRow(row: StoredAccess): AccessRow {
  const { scopes, base_role: base } = row;
  return {
    source: row.source,
    grantId: row.grant_id,
    team: row.team,
    organizationId: row.organization_id,
    workspaceId: row.workspace_id,
    object: row.object_kind && row.object_id ? { kind: row.object_kind, id: row.object_id } : null,
    role: row.role,
    scopes: scopes && [...(base && isBuiltInRole(base) ? scopesOf(base) : []), ...scopes],
  };
}

export type StoredWorkspace = {
  id: string;
  slug: string;
  name: string;
  retention_class: string;
  created_at: Date;
  purge_at: Date | null;
  organization_id: string;
  organization_slug: string;
  organization_name: string;
  organization_purge_at: Date | null;
};

/** Columns of a workspace `w` in an organization `o`. */
export const WORKSPACE_COLUMNS = `w.id, w.slug, w.name, w.retention_class, w.created_at, w.purge_at,
  o.id AS organization_id, o.slug AS organization_slug, o.name AS organization_name, o.purge_at AS organization_purge_at`;

export function toWorkspace(row: StoredWorkspace): Omit<WorkspaceAccess, 'scopes' | 'objects' | 'role'> {
  return {
    id: row.id,
    slug: row.slug,
    name: row.name,
    retentionClass: row.retention_class,
    createdAt: new Date(row.created_at),
    purgeAt: row.purge_at && new Date(row.purge_at),
    organization: { id: row.organization_id, slug: row.organization_slug, name: row.organization_name },
  };
}

/** Rows that count in a workspace: its own, and those of its organization as a whole. */
export function rowsIn(rows: readonly AccessRow[], workspace: { id: string; organization: { id: string } }): AccessRow[] {
  return rows.filter((row) =>
    row.workspaceId === null ? row.organizationId === workspace.organization.id : row.workspaceId === workspace.id,
  );
}

type PersonRow = {
  access: StoredAccess[] | null;
  workspaces: StoredWorkspace[] | null;
  organizations: { id: string; slug: string; name: string; purge_at: string | null }[] | null;
};

/** One statement, prepared: it is asked at every request of a person. */
const OF_PERSON = `WITH a AS MATERIALIZED (SELECT * FROM access_of('person', $1::uuid))
  SELECT (SELECT jsonb_agg(to_jsonb(a)) FROM a) AS access,
    (SELECT jsonb_agg(to_jsonb(o) ORDER BY o.created_at, o.id) FROM organization o WHERE o.id IN (SELECT a.organization_id FROM a)) AS organizations,
    (SELECT jsonb_agg(to_jsonb(x) ORDER BY x.created_at, x.id) FROM (
       SELECT ${WORKSPACE_COLUMNS} FROM workspace w JOIN organization o ON o.id = w.organization_id
       WHERE w.id IN (SELECT a.workspace_id FROM a WHERE a.workspace_id IS NOT NULL)
          OR w.organization_id IN (SELECT a.organization_id FROM a WHERE a.workspace_id IS NULL
               AND (a.source = 'grant' OR a.role <> 'member'))) x) AS workspaces`;

/** Everything a person may see, oldest first. */
export async function accessOfPerson(
  sql: Sql,
  userId: string,
): Promise<{ rows: AccessRow[]; workspaces: WorkspaceAccess[]; organizations: OrganizationAccess[] }> {
  const [found] = await sql.query<PersonRow>(OF_PERSON, [userId], 'access-of-person');
  const rows = (found?.access ?? []).map(toAccessRow);
  return {
    rows,
    workspaces: (found?.workspaces ?? []).map(toWorkspace).flatMap((workspace) => {
      const access = accessOf(rowsIn(rows, workspace));
      return access.scopes.size + access.objects.length > 0 ? [{ ...workspace, ...access }] : [];
    }),
    organizations: (found?.organizations ?? []).flatMap(({ id, slug, name, purge_at: purgeAt }) => {
      const own = rows.filter((row) => row.organizationId === id);
      const role = own.find((row) => row.source === 'organization-member')?.role as OrganizationRole | undefined;
      // Grants count for those who are in it: who left has none, whatever rows are left.
      return role ? [{ id, slug, name, role, ...organizationAccessOf(own), purgeAt: purgeAt === null ? null : new Date(purgeAt) }] : [];
    }),
  };
}

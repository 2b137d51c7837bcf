/**
 * `GET /api/organizations/export?organization=`: what an organization has set up, as JSON lines `{ table, row }`: people, roles,
 * teams, service accounts, grants, how people sign in, and its workspaces, each with the address of its own export. Read in the
 * organization's own transactions, so that row-level security bounds it. No secret. Every table of an organization is in one of the
 * lists below: a test compares them with the catalog.
 */
import { toId } from '@signalbox/proto';
import type { Identity } from '../../platform/actor.ts';
import { streamLines } from '../../platform/json-lines.ts';
import type { Services } from '../../platform/services.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import { authorizeOrganization } from '../../platform/trpc.ts';

/** In an order in which they could be put back. */
const TABLES = [
  'organization_member',
  'custom_role',
  'team',
  'service_account',
  'team_member',
  'workspace',
  'role_grant',
  'sso_connection',
  'organization_domain',
  'organization_network',
  'scim_token',
  'scim_user',
] as const;
export const EXPORTED: readonly string[] = TABLES;
/** Tables that are not in it, and why. */
export const NOT_EXPORTED: Readonly<Record<string, string>> = {
  audit_entry: 'has an export of its own, `GET /api/audit/export?organization=`',
  audit_seal: 'is verified where the audit is',
  invitation: 'leads to a credential',
  support_session: 'is in the audit',
};

/** Secrets, sealed or hashed, are nobody's to take away. */
const LEFT_OUT: readonly string[] = ['sealed_secret', 'secret_hash', 'token'];

/** @throws FORBIDDEN without the scope, NOT_FOUND for an organization that is another's. Also of one in its grace period. */
export function exportOrganization(
  { db }: Pick<Services, 'db'>,
  identity: Identity,
  ref: string | null,
  workspaceRef: string | null,
): Response {
  const { id, slug } = authorizeOrganization(identity, ref, workspaceRef, 'organization:export');
  return streamLines<number>(`organization-${slug}`, (cursor) =>
    db.inOrganization(id, async (tx) => {
      const sql = sqlOfTx(tx);
      const table = cursor === null ? 'organization' : TABLES[cursor];
      if (!table) return { lines: [], next: null };
      const rows = await sql.query<{ row: Record<string, unknown> }>(textOf(table), [id, LEFT_OUT]);
      return { lines: rows.map(({ row }) => ({ table, row: withExport(table, row) })), next: cursor === null ? 0 : cursor + 1 };
    }),
  );
}

function textOf(table: 'organization' | (typeof TABLES)[number]): string {
  switch (table) {
    case 'organization':
      return 'SELECT to_jsonb(t) - $2::text[] AS row FROM organization t WHERE id = $1::uuid';
    case 'organization_member':
      return `SELECT to_jsonb(t) - $2::text[] || jsonb_build_object('name', p.name, 'email', p.email) AS row
        FROM organization_member t LEFT JOIN people_here() p ON p.id = t.user_id WHERE organization_id = $1::uuid ORDER BY t.created_at, t.user_id`;
    default:
      return `SELECT to_jsonb(t) - $2::text[] AS row FROM ${table} t WHERE organization_id = $1::uuid ORDER BY t.created_at`;
  }
}

/** Of a workspace, from where the rest of it is had. */
function withExport(table: string, row: Record<string, unknown>): Record<string, unknown> {
  if (table !== 'workspace') return row;
  return { ...row, export: `/api/workspaces/export?workspace=${toId('workspace', String(row['id']))}` };
}

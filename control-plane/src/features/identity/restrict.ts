/**
 * What an organization asks of those who come in: from one of its networks, and by its own single sign-on; and one that was deleted
 * opens to nobody but who may take that back. What is withheld is told to its members alone, since only they have it to begin with.
 */
import type { Identity } from '../../platform/actor.ts';
import type { Db } from '../../platform/db.ts';
import { forbidden } from '../../platform/errors.ts';
import type { Sql } from '../../platform/sql.ts';

/** How somebody came: the address, and for a person the session's connection. */
export type Arrival = { readonly address: string; readonly session: { readonly ssoConnectionId: string | null } | null };

type Row = { id: string; purge_at: Date | null; outside: boolean; connection: string | null };

/** The identity without the workspaces of organizations whose terms are not met; those are named in `withheld`. */
export async function restrict(db: Pick<Db, 'systemSql'>, identity: Identity, arrival: Arrival): Promise<Identity> {
  const organizations = [
    ...new Set([...identity.workspaces.map(({ organization }) => organization.id), ...identity.organizations.map(({ id }) => id)]),
  ];
  if (organizations.length === 0) return identity;
  const { actor } = identity;
  // A handful of organizations, each by the indexes that lead with organization_id.
  const { rows } = await db.systemSql.query<Row>({
    name: 'terms-of-organizations',
    text: `SELECT * FROM (
       SELECT o.id, (SELECT d.purge_at FROM organization d WHERE d.id = o.id) AS purge_at,
         EXISTS (SELECT 1 FROM organization_network n WHERE n.organization_id = o.id)
           AND NOT EXISTS (SELECT 1 FROM organization_network n WHERE n.organization_id = o.id AND $2::inet <<= n.cidr) AS outside,
         (SELECT c.name FROM sso_connection c WHERE c.organization_id = o.id AND c.enforced AND $3::uuid IS NOT NULL
             AND NOT EXISTS (SELECT 1 FROM sso_connection own WHERE own.organization_id = o.id AND own.id = $4::uuid)
             AND NOT EXISTS (SELECT 1 FROM organization_member m WHERE m.organization_id = o.id AND m.user_id = $3::uuid AND m.role = 'owner')
         ) AS connection
       FROM unnest($1::uuid[]) AS o(id)) AS terms
     WHERE outside OR connection IS NOT NULL OR purge_at IS NOT NULL`,
    values: [
      organizations,
      inetOf(arrival.address),
      actor.kind === 'user' && arrival.session ? actor.id : null,
      arrival.session?.ssoConnectionId ?? null,
    ],
  });
  const reasons = new Map(
    rows.flatMap((row) => {
      const mayRestore = identity.organizations.some(({ id, scopes }) => id === row.id && scopes.has('organization:delete'));
      const reason = reasonOf(row, arrival.address, mayRestore);
      return reason === null ? [] : [[row.id, reason] as const];
    }),
  );
  if (reasons.size === 0) return identity;
  const isOpen = (organizationId: string): boolean => !reasons.has(organizationId);
  return {
    ...identity,
    workspaces: identity.workspaces.filter((workspace) => isOpen(workspace.organization.id)),
    organizations: identity.organizations.filter(({ id }) => isOpen(id)),
    withheld: identity.workspaces
      .filter((workspace) => !isOpen(workspace.organization.id))
      .map(({ id, slug, organization }) => ({ id, slug, reason: `${organization.name}: ${reasons.get(organization.id)}` })),
  };
}

/** For what speaks for no person: agents. @throws FORBIDDEN from outside the networks of the workspace's organization. */
export async function requireNetworkOf(sql: Sql, workspaceId: string, address: string): Promise<void> {
  const rows = await sql.query(
    `SELECT 1 FROM workspace w WHERE w.id = $1::uuid
        AND EXISTS (SELECT 1 FROM organization_network n WHERE n.organization_id = w.organization_id)
        AND NOT EXISTS (SELECT 1 FROM organization_network n WHERE n.organization_id = w.organization_id AND $2::inet <<= n.cidr)`,
    [workspaceId, inetOf(address)],
  );
  if (rows.length > 0) throw forbidden(`Your address, ${address}, is in none of the networks from which the organization may be reached.`);
}

function reasonOf(row: Row, address: string, mayRestore: boolean): string | null {
  if (row.outside) return `your address, ${address}, is in none of the networks from which the organization may be reached.`;
  if (row.connection !== null) return `sign in with "${row.connection}", the single sign-on of the organization.`;
  if (row.purge_at === null || mayRestore) return null;
  return `the organization was deleted and is gone for good at ${row.purge_at.toISOString()}. An owner can restore it until then.`;
}

/** An IPv4 address that came over an IPv6 socket is an IPv4 address; null for what is no address: in no network. */
function inetOf(address: string): string | null {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  return /^[0-9a-f:.]{2,45}$/i.test(plain) ? plain : null;
}

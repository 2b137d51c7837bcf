/**
 * Support: an operator of the installation in a member's place. Begun on the machine of the control plane (src/impersonate.ts) with a name,
 * a reason and an end; entered by a link, once; over at its end, when it is left, or when the organization no longer allows it. It is
 * no session of the member: nothing under /api/auth knows it, so it changes no way to sign in.
 */
import { organizationAccessInSupport, scopesInSupport } from '../../domain/permissions.ts';
import { accessOfPerson } from '../../platform/access-rows.ts';
import type { Actor, Identity } from '../../platform/actor.ts';
import { recordRefusal, recordSecurityEvent } from '../../platform/audit.ts';
import { unauthenticated } from '../../platform/errors.ts';
import { hashSecret, newSecret } from '../../platform/secrets.ts';
import type { Services } from '../../platform/services.ts';
import { sqlOfClient } from '../../platform/sql.ts';

type Deps = Pick<Services, 'db' | 'log'>;
type From = { readonly address: string; readonly requestId: string };
type Row = {
  id: string;
  organization_id: string;
  user_id: string;
  email: string;
  name: string;
  operator: string;
  reason: string;
  expires_at: Date;
  refused: 'over' | 'not allowed' | 'used' | null;
};

const COOKIE = /(?:^|;\s*)(?:__Secure-)?signalbox\.support=(sbs_[0-9A-Za-z]+)/;

/** One row by the unique index on token_hash. */
const FIND = `SELECT s.id, s.organization_id, s.user_id, u.email, u.name, s.operator, s.reason, s.expires_at,
    CASE WHEN s.ended_at IS NOT NULL OR s.expires_at <= now() OR u.deactivated_at IS NOT NULL THEN 'over'
         WHEN NOT o.support_allowed THEN 'not allowed' WHEN (s.entered_at IS NULL) <> $2 THEN 'used' END AS refused
  FROM support_session s JOIN identity_user u ON u.id = s.user_id JOIN organization o ON o.id = s.organization_id WHERE s.token_hash = $1`;

async function find({ db }: Pick<Deps, 'db'>, token: string, isLink: boolean): Promise<Row | null> {
  const { rows } = await db.systemSql.query<Row>(FIND, [Buffer.from(hashSecret(token)), isLink]);
  return rows[0] ?? null;
}

const actorOf = ({ id, user_id, name, email, operator, reason, expires_at }: Row) =>
  ({ kind: 'user', id: user_id, name, email, support: { id, operator, reason, expiresAt: expires_at } }) satisfies Actor;

function refuse(deps: Deps, row: Row, from: From): void {
  recordRefusal(deps, {
    action: 'support.use',
    actor: actorOf(row),
    target: { kind: 'support-session', id: row.id },
    organizationIds: [row.organization_id],
    ...from,
    details: { because: row.refused, reason: row.reason },
  });
}

/** Null: the request carries no support, or none that is good any more. */
export async function identifySupport(deps: Deps, headers: Headers, from: From): Promise<Identity | null> {
  const token = COOKIE.exec(headers.get('cookie') ?? '')?.[1];
  const row = token ? await find(deps, token, false) : null;
  if (!row) return null;
  if (row.refused) {
    refuse(deps, row, from);
    return null;
  }
  const { workspaces, organizations } = await accessOfPerson(sqlOfClient(deps.db.systemSql), row.user_id);
  return {
    actor: actorOf(row),
    // What the member may in that organization, less what would outlast the visit.
    workspaces: workspaces
      .filter(({ organization }) => organization.id === row.organization_id)
      .map((workspace) => ({
        ...workspace,
        scopes: scopesInSupport(workspace.scopes),
        objects: workspace.objects.map((each) => ({ ...each, scopes: scopesInSupport(each.scopes) })),
      })),
    organizations: organizations
      .filter(({ id }) => id === row.organization_id)
      .map((organization) => ({ ...organization, scopes: organizationAccessInSupport(organization.scopes), everywhere: new Set<never>() })),
    expiresAt: row.expires_at,
  };
}

/** Follows the link, once. Answers the cookie's value, and the seconds it is good for. @throws UNAUTHENTICATED. */
export async function enterSupport(deps: Deps, link: string, from: From): Promise<{ token: string; seconds: number }> {
  const row = link.startsWith('sbs_') ? await find(deps, link, true) : null;
  const token = newSecret('sbs_');
  const taken =
    row && !row.refused
      ? await deps.db.systemSql.query(
          'UPDATE support_session SET token_hash = $2, entered_at = now() WHERE id = $1 AND entered_at IS NULL RETURNING id',
          [row.id, Buffer.from(hashSecret(token))],
        )
      : null;
  if (!row || taken?.rowCount !== 1) {
    if (row) refuse(deps, row, from);
    throw unauthenticated('This link is not valid: it may be used, or over. Begin support anew.');
  }
  await tell(deps, row, 'support.enter', from);
  return { token, seconds: Math.max(1, Math.floor((row.expires_at.getTime() - Date.now()) / 1_000)) };
}

/** Ends it for good. @throws UNAUTHENTICATED for nobody in support. */
export async function leaveSupport(deps: Deps, headers: Headers, from: From): Promise<{ left: true }> {
  const token = COOKIE.exec(headers.get('cookie') ?? '')?.[1];
  const row = token ? await find(deps, token, false) : null;
  if (!row || row.refused) throw unauthenticated('There is no support to leave.');
  await deps.db.systemSql.query('UPDATE support_session SET ended_at = now() WHERE id = $1 AND ended_at IS NULL', [row.id]);
  await tell(deps, row, 'support.leave', from);
  return { left: true };
}

function tell({ db }: Deps, row: Row, action: 'support.enter' | 'support.leave', from: From): Promise<void> {
  return recordSecurityEvent(db, {
    action,
    outcome: 'done',
    actor: actorOf(row),
    target: { kind: 'support-session', id: row.id },
    organizationIds: [row.organization_id],
    ...from,
    details: { reason: row.reason, until: row.expires_at.toISOString() },
  });
}

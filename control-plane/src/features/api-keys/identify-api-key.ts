/** Who a bearer key speaks for: asked of the database, or known from less than a second ago (platform/known-keys.ts says what holds). */
import { randomInt } from 'node:crypto';
import type { BuiltInRole, OrganizationRole } from '@signalbox/proto/api';
import { type Access, type AccessRow, accessOf, capAccess, organizationAccessOf } from '../../domain/access.ts';
import { isOrganizationScope, type Scope, scopesOf } from '../../domain/permissions.ts';
import { type StoredAccess, type StoredWorkspace, toAccessRow, toWorkspace, WORKSPACE_COLUMNS } from '../../platform/access-rows.ts';
import type { Actor, Identity, KeyOwner, OrganizationAccess } from '../../platform/actor.ts';
import { recordRefusal } from '../../platform/audit.ts';
import type { Db } from '../../platform/db.ts';
import { limitExceeded, unauthenticated } from '../../platform/errors.ts';
import { knownKeys } from '../../platform/known-keys.ts';
import { hashSecret, isWhole, sameHash } from '../../platform/secrets.ts';
import type { Services } from '../../platform/services.ts';
import { type TokenBuckets, tokenBuckets } from '../../platform/token-bucket.ts';

/** How long after its answer a refusal goes to the audit. */
const [NOTED_FROM_MS, NOTED_UNTIL_MS] = [20, 200];
/** Today's with a checksum, and those of before it. */
const SHAPE = /^sbk_[0-9A-Za-z]{43}([0-9A-Za-z]{6})?$/;
const CHECKED_CHARACTERS = 'sbk_'.length + 49;
const BAD_KEY = 'The API key is not valid: it may be mistyped, expired or revoked.';

/** Requests of one key: 200 a second, 1,000 at once. */
const perKey: TokenBuckets = tokenBuckets({ capacity: 1_000, refillPerSecond: 200 });
/** Refused keys from one address: 20, then one every three seconds. */
const failuresPerAddress: TokenBuckets = tokenBuckets({ capacity: 20, refillPerSecond: 1 / 3 });

/** Whether a bearer token is meant as an API key. */
export function isApiKey(token: string): boolean {
  return token.startsWith('sbk_');
}

type Row = StoredWorkspace & {
  key_id: string;
  key_name: string;
  key_workspace_id: string;
  role: BuiltInRole;
  scopes: string[];
  organization_scopes: string[];
  secret_hash: Buffer | null;
  expires_at: Date | null;
  /** Null: it works. Of one that is `unknown` nothing else is there. */
  refused: 'unknown' | 'revoked' | 'expired' | 'disabled' | null;
  used_lately: boolean;
  user_id: string | null;
  service_account_id: string | null;
  access: StoredAccess[] | null;
  /** Whether its organization asks anything of those who come in, or is being deleted: most do not, and are spared the look. */
  has_terms: boolean;
};

/**
 * `restrict` takes off what an organization does not open to this request.
 * @throws UNAUTHENTICATED for a key that is unknown, expired or revoked (one text), LIMIT_EXCEEDED for too many of them.
 */
export async function identifyApiKey(
  services: Pick<Services, 'db' | 'log'>,
  secret: string,
  address: string,
  restrict: (identity: Identity) => Promise<Identity>,
): Promise<Identity> {
  const { db } = services;
  const hash = hashSecret(secret);
  const known = knownKeys.find(hash, address);
  if (known) {
    takeTurn(known.actor);
    return known;
  }
  const { generation } = knownKeys;
  const isMistyped = !SHAPE.test(secret) || (secret.length === CHECKED_CHARACTERS && !isWhole(secret));
  const row = isMistyped ? null : await findKey(db, hash);
  if (!row || row.refused) {
    // After the answer, at an instant of chance: neither its time nor that of what is asked next tells anything.
    if (row && row.refused !== 'unknown') setTimeout(noteRefusal, randomInt(NOTED_FROM_MS, NOTED_UNTIL_MS), services, row, address).unref();
    // Asked last: behind a proxy all have one address, and somebody's stale key must not lock out everybody's good ones.
    const blockedMs = failuresPerAddress.take(address);
    if (blockedMs !== null) throw limitExceeded('Too many refused API keys from your address.', { retryAfterMs: blockedMs });
    throw unauthenticated(BAD_KEY);
  }
  const identity = identityOf(row);
  takeTurn(identity.actor);
  if (!row.used_lately) await noteUse(db, row.key_id);
  const restricted = row.has_terms ? await restrict(identity) : identity;
  knownKeys.keep(hash, address, restricted, generation);
  return restricted;
}

/** @throws LIMIT_EXCEEDED */
function takeTurn({ id, name }: Pick<Actor, 'id' | 'name'>): void {
  const waitMs = perKey.take(id);
  if (waitMs !== null) throw limitExceeded(`API key "${name}" makes more than 200 requests a second.`, { retryAfterMs: waitMs });
}

/**
 * By the unique index on secret_hash; expiry by Postgres' clock. There is a row for any key, and what only a key that works needs is
 * read for that alone: one that was revoked is answered as fast as one that never was.
 */
const FIND = `SELECT k.id AS key_id, k.name AS key_name, k.workspace_id AS key_workspace_id, k.user_id, k.service_account_id, r.refused,
    g.role, g.scopes, g.organization_scopes, g.secret_hash, g.expires_at,
    coalesce(g.last_used_at > now() - interval '1 minute', false) AS used_lately, ${WORKSPACE_COLUMNS},
    CASE WHEN r.refused IS NULL THEN
      (SELECT jsonb_agg(to_jsonb(a)) FROM access_of(CASE WHEN k.user_id IS NULL THEN 'service-account' ELSE 'person' END, coalesce(k.user_id, k.service_account_id)) a
        WHERE a.workspace_id = w.id OR (a.workspace_id IS NULL AND a.organization_id = w.organization_id)) END AS access,
    CASE WHEN r.refused IS NULL THEN o.purge_at IS NOT NULL OR EXISTS (SELECT 1 FROM organization_network n WHERE n.organization_id = o.id) END AS has_terms
  FROM (SELECT $1::bytea AS hash) asked LEFT JOIN api_key k ON k.secret_hash = asked.hash
  LEFT JOIN service_account s ON s.id = k.service_account_id
  CROSS JOIN LATERAL (SELECT CASE WHEN k.id IS NULL THEN 'unknown' WHEN k.revoked_at IS NOT NULL THEN 'revoked' WHEN k.expires_at <= now() THEN 'expired'
    WHEN s.disabled_at IS NOT NULL THEN 'disabled' END AS refused) r
  LEFT JOIN api_key g ON g.id = CASE WHEN r.refused IS NULL THEN k.id END
  LEFT JOIN workspace w ON w.id = g.workspace_id LEFT JOIN organization o ON o.id = w.organization_id`;

async function findKey(db: Pick<Db, 'systemSql'>, hash: Uint8Array): Promise<Row | null> {
  const { rows } = await db.systemSql.query<Row>({ name: 'find-api-key', text: FIND, values: [Buffer.from(hash)] });
  const [row] = rows;
  // Compared in constant time, whatever the index said; of an unknown one with itself.
  return row && sameHash(row.secret_hash ?? hash, hash) ? row : null;
}

/** At most one write a minute and key, whatever the number of replicas. */
async function noteUse(db: Pick<Db, 'systemSql'>, id: string): Promise<void> {
  await db.systemSql.query(
    "UPDATE api_key SET last_used_at = now() WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= now() - interval '1 minute')",
    [id],
  );
}

/** Somebody holds a key that was taken from them. */
function noteRefusal(services: Pick<Services, 'db' | 'log'>, row: Row, address: string): void {
  recordRefusal(services, {
    action: 'api-key.use',
    actor: { kind: 'api-key', id: row.key_id, name: row.key_name, owner: ownerOf(row) },
    target: { kind: 'api-key', id: row.key_id },
    organizationIds: [], // that of its workspace
    workspaceId: row.key_workspace_id,
    address,
    details: { because: row.refused },
  });
}

/** What the key's owner may now, and no more than the key's own role and scopes. */
function identityOf(row: Row): Identity {
  const owner = ownerOf(row);
  const role = new Set(scopesOf(row.role).filter((scope) => row.scopes.length === 0 || row.scopes.includes(scope)));
  const workspace = toWorkspace(row);
  const whole: Access = { scopes: role, objects: [], role: row.role };
  const rows = (row.access ?? []).map(toAccessRow);
  const access = owner ? capAccess(accessOf(rows), role) : whole;
  return {
    actor: { kind: 'api-key', id: row.key_id, name: row.key_name, owner },
    expiresAt: row.expires_at,
    organizations: organizationOf(row, rows, role),
    // Of one whose owner has left nothing is left to act in.
    workspaces: access.scopes.size + access.objects.length > 0 ? [{ ...workspace, ...access }] : [],
  };
}

/** Where the key names scopes of the organization: those of them that its owner has there now. */
function organizationOf(row: Row, rows: readonly AccessRow[], role: ReadonlySet<Scope>): OrganizationAccess[] {
  const own = organizationAccessOf(rows);
  const scopes = new Set(row.organization_scopes.filter(isOrganizationScope).filter((scope) => own.scopes.has(scope)));
  const everywhere = new Set([...own.everywhere].filter((scope) => role.has(scope)));
  const membership = rows.find(({ source }) => source === 'organization-member')?.role as OrganizationRole | undefined;
  const { organization } = toWorkspace(row);
  return scopes.size > 0 ? [{ ...organization, role: membership ?? 'member', scopes, everywhere, purgeAt: row.organization_purge_at }] : [];
}

function ownerOf(row: Row): KeyOwner | null {
  if (row.user_id) return { kind: 'person', id: row.user_id };
  return row.service_account_id ? { kind: 'service-account', id: row.service_account_id } : null;
}

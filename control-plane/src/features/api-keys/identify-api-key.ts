/** Who a bearer key speaks for. Asked of the database at every request: a revoked key is refused at once. */
import type { WorkspaceRole } from '@signalbox/proto/api';
import type { Identity } from '../../platform/actor.ts';
import type { Db } from '../../platform/db.ts';
import { limitExceeded, unauthenticated } from '../../platform/errors.ts';
import { hashSecret, sameHash } from '../../platform/secrets.ts';
import { type TokenBuckets, tokenBuckets } from '../../platform/token-bucket.ts';

const SHAPE = /^sbk_[0-9A-Za-z]{43}$/;
const BAD_KEY = 'The API key is not valid: it may be mistyped, expired or revoked.';

/** Requests of one key: 200 a second, 1,000 at once. */
const perKey: TokenBuckets = tokenBuckets({ capacity: 1_000, refillPerSecond: 200 });
/** Refused keys from one address: 20, then one every three seconds. */
const failuresPerAddress: TokenBuckets = tokenBuckets({ capacity: 20, refillPerSecond: 1 / 3 });

/** Whether a bearer token is meant as an API key. */
export function isApiKey(token: string): boolean {
  return token.startsWith('sbk_');
}

type Row = {
  id: string;
  name: string;
  role: WorkspaceRole;
  secret_hash: Buffer;
  expires_at: Date | null;
  usable: boolean;
  used_lately: boolean;
  workspace_id: string;
  workspace_slug: string;
  workspace_name: string;
  retention_class: string;
  workspace_created_at: Date;
  organization_id: string;
  organization_slug: string;
  organization_name: string;
};

/** @throws UNAUTHENTICATED for a key that is unknown, expired or revoked (one text), LIMIT_EXCEEDED for too many of them. */
export async function identifyApiKey(db: Pick<Db, 'systemSql'>, secret: string, address: string): Promise<Identity> {
  const row = SHAPE.test(secret) ? await findKey(db, hashSecret(secret)) : null;
  if (!row?.usable) {
    // Asked last: behind a proxy all have one address, and somebody's stale key must not lock out everybody's good ones.
    const blockedMs = failuresPerAddress.take(address);
    if (blockedMs !== null) throw limitExceeded('Too many refused API keys from your address.', { retryAfterMs: blockedMs });
    throw unauthenticated(BAD_KEY);
  }
  const waitMs = perKey.take(row.id);
  if (waitMs !== null) throw limitExceeded(`API key "${row.name}" makes more than 200 requests a second.`, { retryAfterMs: waitMs });
  if (!row.used_lately) await noteUse(db, row.id);
  return identityOf(row);
}

async function findKey(db: Pick<Db, 'systemSql'>, hash: Uint8Array): Promise<Row | null> {
  // One row by the unique index on secret_hash; expiry by Postgres' clock.
  const { rows } = await db.systemSql.query<Row>(
    `SELECT k.id, k.name, k.role, k.secret_hash, k.expires_at,
            k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now()) AS usable,
            coalesce(k.last_used_at > now() - interval '1 minute', false) AS used_lately,
            w.id AS workspace_id, w.slug AS workspace_slug, w.name AS workspace_name, w.retention_class,
            w.created_at AS workspace_created_at, o.id AS organization_id, o.slug AS organization_slug, o.name AS organization_name
       FROM api_key k JOIN workspace w ON w.id = k.workspace_id JOIN organization o ON o.id = w.organization_id
      WHERE k.secret_hash = $1`,
    [Buffer.from(hash)],
  );
  const [row] = rows;
  return row && sameHash(row.secret_hash, hash) ? row : null;
}

/** At most one write a minute and key, whatever the number of replicas. */
async function noteUse(db: Pick<Db, 'systemSql'>, id: string): Promise<void> {
  await db.systemSql.query(
    "UPDATE api_key SET last_used_at = now() WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= now() - interval '1 minute')",
    [id],
  );
}

function identityOf(row: Row): Identity {
  return {
    actor: { kind: 'api-key', id: row.id, name: row.name },
    expiresAt: row.expires_at,
    workspaces: [
      {
        id: row.workspace_id,
        slug: row.workspace_slug,
        name: row.workspace_name,
        role: row.role,
        retentionClass: row.retention_class,
        createdAt: row.workspace_created_at,
        organization: { id: row.organization_id, slug: row.organization_slug, name: row.organization_name },
      },
    ],
  };
}

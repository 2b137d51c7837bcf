/**
 * A single sign-on on its way. It goes begun (in one browser, which keeps a cookie) -> told (the provider answered) ->
 * finished (in that browser, once). Begun more than ten minutes ago it is over.
 */

import { sealOf } from '../../platform/seal.ts';
import { hashSecret, newSecret } from '../../platform/secrets.ts';
import type { Services } from '../../platform/services.ts';

export const FLOW_SECONDS = 600;

/** What a provider says of somebody, checked. */
export type Profile = { readonly subject: string; readonly email: string; readonly name: string };
export type Connection = {
  readonly id: string;
  readonly organizationId: string;
  readonly name: string;
  readonly kind: 'oidc' | 'saml';
  readonly config: Readonly<Record<string, string>>;
  readonly sealedSecret: string | null;
  readonly enforced: boolean;
  readonly defaultWorkspaceId: string | null;
  readonly defaultRole: string | null;
};
export type Flow = {
  readonly connection: Connection;
  readonly request: Record<string, string>;
  readonly next: string;
  readonly profile: Profile | null;
};

type Row = {
  connection_id: string;
  sealed_request: string;
  next_path: string;
  profile: Profile | null;
};
type Deps = Pick<Services, 'db' | 'settings'>;

export async function findConnection({ db }: Pick<Services, 'db'>, id: string): Promise<Connection | null> {
  const row = await db.system.ssoConnection.findUnique({ where: { id } });
  return row && { ...row, kind: row.kind === 'saml' ? 'saml' : 'oidc', config: row.config as Record<string, string> };
}

/** Keeps a sign-on that begins now. Those that are over go at the same time, so that the table stays small. */
export async function beginFlow(
  { db, settings }: Deps,
  flow: { connection: Connection; state: string; request: Record<string, string>; next: string },
): Promise<{ browser: string }> {
  const browser = newSecret('sbb_');
  const sealed = await sealOf(settings.secret).close(JSON.stringify(flow.request));
  await db.systemSql.query('DELETE FROM sso_flow WHERE state_hash IN (SELECT state_hash FROM sso_flow WHERE expires_at < now() LIMIT 100)');
  await db.systemSql.query(
    `INSERT INTO sso_flow (state_hash, connection_id, browser_hash, sealed_request, next_path, expires_at)
     VALUES ($1, $2, $3, $4, $5, now() + make_interval(secs => $6))`,
    [hashOf(flow.state), flow.connection.id, hashOf(browser), sealed, flow.next, FLOW_SECONDS],
  );
  return { browser };
}

/** The sign-on that a SAML answer belongs to, while nobody told it yet. */
export async function readFlow(deps: Deps, state: string): Promise<Flow | null> {
  const { rows } = await deps.db.systemSql.query<Row>(
    'SELECT * FROM sso_flow WHERE state_hash = $1 AND profile IS NULL AND expires_at > now()',
    [hashOf(state)],
  );
  return open(deps, rows[0]);
}

/** Of two answers at once the second finds it told. */
export async function tellFlow({ db }: Pick<Services, 'db'>, state: string, profile: Profile): Promise<boolean> {
  const { rowCount } = await db.systemSql.query('UPDATE sso_flow SET profile = $2 WHERE state_hash = $1 AND profile IS NULL', [
    hashOf(state),
    JSON.stringify(profile),
  ]);
  return rowCount === 1;
}

/** Takes the sign-on out, for the browser that began it: it is good once. */
export async function takeFlow(deps: Deps, state: string, browser: string): Promise<Flow | null> {
  const { rows } = await deps.db.systemSql.query<Row>(
    'DELETE FROM sso_flow WHERE state_hash = $1 AND browser_hash = $2 AND expires_at > now() RETURNING *',
    [hashOf(state), hashOf(browser)],
  );
  return open(deps, rows[0]);
}

async function open(deps: Deps, row: Row | undefined): Promise<Flow | null> {
  const connection = row ? await findConnection(deps, row.connection_id) : null;
  if (!row || !connection) return null;
  const request = JSON.parse(await sealOf(deps.settings.secret).open(row.sealed_request)) as Record<string, string>;
  return { connection, request, next: row.next_path, profile: row.profile };
}

function hashOf(secret: string): Buffer {
  return Buffer.from(hashSecret(secret));
}

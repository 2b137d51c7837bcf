/** Sessions that their person ended. A cookie that comes again afterwards was kept by somebody: that is told once. */
import type { Services } from '../../platform/services.ts';
import { type From, noteInBackground } from './audit-person.ts';
import { hashSessionToken } from './hashed-tokens.ts';

/** As long as a cookie may live. */
const KEPT_DAYS = 8;
const COOKIE = /(?:^|;\s*)(?:__Secure-)?signalbox\.session_token=([^;]+)/;

export async function rememberEnded(
  { db }: Pick<Services, 'db'>,
  session: { readonly token: string; readonly userId: string },
): Promise<void> {
  await db.systemSql.query(`DELETE FROM identity_ended_session WHERE ended_at < now() - make_interval(days => ${KEPT_DAYS})`);
  await db.systemSql.query('INSERT INTO identity_ended_session (token_hash, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
    hashSessionToken(session.token),
    session.userId,
  ]);
}

/** In the background: whoever sent it is answered as any other stranger. */
export function noteReplay(services: Pick<Services, 'db' | 'log'>, headers: Headers, from: From): void {
  const value = COOKIE.exec(headers.get('cookie') ?? '')?.[1];
  if (!value) return;
  const token = decoded(value).split('.')[0] ?? '';
  const look = async () => {
    const { rows } = await services.db.systemSql.query<{ user_id: string }>(
      'DELETE FROM identity_ended_session WHERE token_hash = $1 RETURNING user_id',
      [hashSessionToken(token)],
    );
    const [ended] = rows;
    if (ended)
      noteInBackground(services, { userId: ended.user_id }, 'account.refuse-session', { ...from, reason: 'the session was ended' });
  };
  look().catch((err: unknown) => services.log.error({ err }, 'a replayed session was not audited'));
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return '';
  }
}

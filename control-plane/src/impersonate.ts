/**
 * `node src/impersonate.ts --organization <slug> --as <email> --operator <name> --reason <text> [--minutes 30]`: a link, good once, by which an
 * operator acts as a member of an organization that allows it. All of it is in the organization's audit, under both names.
 */
import { parseArgs } from 'node:util';
import { uuidv7 } from '@signalbox/proto';
import { type Config, readConfig } from './config.ts';
import { recordSecurityEvent } from './platform/audit.ts';
import { type Db, openDb } from './platform/db.ts';
import { runOperatorCommand } from './platform/operator-command.ts';
import { hashSecret, newSecret } from './platform/secrets.ts';
import { inTransaction } from './platform/transaction.ts';

const MOST_MINUTES = 480;
const MOST_CHARACTERS = 500;
const text = { type: 'string' } as const;

await runOperatorCommand(
  'node src/impersonate.ts --organization <slug> --as <email> --operator <name> --reason <text> [--minutes 30]',
  async () => {
    const { values } = parseArgs({
      options: { organization: text, as: text, operator: text, reason: text, minutes: { ...text, default: '30' } },
    });
    const { organization, as: email, operator, reason } = values;
    const given = { organization, email, operator, reason };
    const minutes = Number(values.minutes);
    for (const [name, value] of Object.entries({ organization, as: email, operator, reason })) {
      if (!value?.trim()) throw new RangeError(`--${name}: expected a text, got none`);
      if (value.length > MOST_CHARACTERS) throw new RangeError(`--${name}: expected at most ${MOST_CHARACTERS} characters`);
    }
    if (!Number.isInteger(minutes) || minutes < 1 || minutes > MOST_MINUTES)
      throw new RangeError(`--minutes: expected 1 to ${MOST_MINUTES}, got "${values.minutes}"`);
    const config = readConfig();
    const db = openDb({ url: config.databaseUrl, maxConnections: 2 });
    try {
      await impersonate(db, config, { ...(given as Record<keyof typeof given, string>), minutes });
    } finally {
      await db.close();
    }
  },
);

type Asked = { organization: string; email: string; operator: string; reason: string; minutes: number };

async function impersonate(db: Db, config: Config, { organization: slug, email, operator, reason, minutes }: Asked): Promise<void> {
  const { rows } = await db.systemSql.query<{ organization: string; allowed: boolean; user: string; name: string }>(
    `SELECT o.id AS organization, o.support_allowed AS allowed, u.id AS user, u.name FROM organization o
       JOIN organization_member m ON m.organization_id = o.id JOIN identity_user u ON u.id = m.user_id
      WHERE o.slug = $1 AND u.email = lower($2)`,
    [slug, email],
  );
  const [found] = rows;
  if (!found) throw new RangeError(`"${email}" is no member of an organization "${slug}"`);
  if (!found.allowed) throw new Error(`organization "${slug}" does not allow support: an owner switches it on under Organization security`);
  const [id, link] = [uuidv7(Date.now()), newSecret('sbs_')];
  const expiresAt = new Date(Date.now() + minutes * 60_000);
  await inTransaction(db.systemSql, async (sql) => {
    await sql.query(
      'INSERT INTO support_session (id, organization_id, user_id, operator, reason, token_hash, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)',
      [id, found.organization, found.user, operator, reason, Buffer.from(hashSecret(link)), expiresAt],
    );
    await recordSecurityEvent(
      { systemSql: sql },
      {
        action: 'support.begin',
        outcome: 'done',
        actor: { kind: 'user', id: found.user, name: found.name, email, support: { id, operator, reason, expiresAt } },
        target: { kind: 'support-session', id },
        organizationIds: [found.organization],
        address: null,
        details: { reason, until: expiresAt.toISOString() },
      },
    );
  });
  console.log(
    JSON.stringify({ url: `${config.publicUrl}/api/auth/support/enter?link=${link}`, as: email, until: expiresAt.toISOString() }),
  );
}

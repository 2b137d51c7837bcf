/** Where the examples load their data: a schema and a login of their own, beside the product's tables and without rights on them. */
import pg from 'pg';

const ROLE = 'signalbox_examples';
const SCHEMA = 'examples';

/** Idempotent. `databaseUrl` is a login that owns the database and may create roles. Answers the examples' address. */
export async function ensureExamplesDatabase(databaseUrl: string, password: string): Promise<string> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const role = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [ROLE]);
    if (role.rowCount === 0) await client.query(`CREATE ROLE ${ROLE} LOGIN`);
    await client.query(`ALTER ROLE ${ROLE} PASSWORD ${client.escapeLiteral(password)}`);
    await client.query(`ALTER ROLE ${ROLE} SET search_path = ${SCHEMA}`);
    // Making a schema for another role takes membership in it; Postgres 16 and newer do not give that to the role's creator.
    await client.query(`GRANT ${ROLE} TO CURRENT_USER`);
    await client.query(`CREATE SCHEMA IF NOT EXISTS ${SCHEMA} AUTHORIZATION ${ROLE}`);
  } finally {
    await client.end();
  }
  const url = new URL(databaseUrl);
  url.username = ROLE;
  url.password = password;
  return url.href;
}

/** A database of one's own: a clone of the migrated template, dropped at the end. */
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { inject } from 'vitest';
import { LOGIN, TEMPLATE } from './database-names.ts';

export type TestDatabase = AsyncDisposable & {
  /** As the control plane's own login; set a role with `options=-c role=...`. */
  readonly url: string;
  /** As superuser, for looking into `pg_catalog`. */
  readonly adminUrl: string;
};

/** How long ended sessions may take to go away before they count as leaked. */
const CLOSING_MS = 3_000;

/**
 * Clones the template; takes some 50 ms. Open it with `await using`, once per file or test.
 *
 * Disposing fails when connections are still open, and names them: a test that leaks fails.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await asAdmin((admin) => admin.query(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE} OWNER ${LOGIN}`));
  const adminUrl = withDatabase(name);
  const login = new URL(adminUrl);
  login.username = LOGIN;
  return {
    url: login.href,
    adminUrl,
    [Symbol.asyncDispose]: async () => {
      await asAdmin(async (admin) => {
        const leaked = await stillConnected(admin, name);
        await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
        if (leaked.length > 0) throw new Error(`Test left ${leaked.length} connections to its database open: ${leaked.join(', ')}`);
      });
    },
  };
}

async function stillConnected(admin: pg.Client, name: string): Promise<string[]> {
  const deadline = performance.now() + CLOSING_MS;
  while (true) {
    const { rows } = await admin.query<{ who: string }>(
      "SELECT coalesce(nullif(application_name, ''), 'unnamed') || ' (' || coalesce(left(query, 80), '') || ')' AS who FROM pg_stat_activity WHERE datname = $1",
      [name],
    );
    if (rows.length === 0 || performance.now() > deadline) return rows.map(({ who }) => who);
    await delay(20);
  }
}

async function asAdmin<T>(work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: inject('postgresAdminUrl') });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}

function withDatabase(name: string): string {
  const url = new URL(inject('postgresAdminUrl'));
  url.pathname = `/${name}`;
  return url.href;
}

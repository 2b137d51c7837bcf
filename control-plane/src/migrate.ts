/** `node src/migrate.ts`: brings the database of `DATABASE_URL` to this build's schema. */
import { migrate } from './platform/migrations.ts';

const url = process.env['DATABASE_URL'];
if (!url) {
  console.error('DATABASE_URL is not set: expected postgres://user:password@host:port/database');
  process.exit(2);
}
const { applied } = await migrate(url);
console.log(JSON.stringify({ msg: 'migrated', applied }));
// The engine leaves a timer behind that would hold the process for ten seconds.
process.exit(0);

/**
 * `node src/rotate-nats-keys.ts [--workspace <slug>] [--at-once]`: new keys sign the agents of one workspace, or of all. Nothing stops:
 * credentials of the old key stay good until each agent renewed its own. `--at-once` is for a key that leaked: old
 * credentials are refused within seconds, and agents get new ones over HTTPS by themselves.
 */
import { parseArgs } from 'node:util';
import { readConfig } from './config.ts';
import { recordSecurityEvent } from './platform/audit.ts';
import { openDb } from './platform/db.ts';
import { openNatsAccounts } from './platform/nats-accounts.ts';
import { sealOf } from './platform/seal.ts';

const { values } = parseArgs({ options: { workspace: { type: 'string' }, 'at-once': { type: 'boolean', default: false } } });
const config = readConfig();
const db = openDb({ url: config.databaseUrl, maxConnections: 2 });
const accounts = await openNatsAccounts({ url: config.natsUrl, trust: config.natsTrust, seal: sealOf(config.secret), db: db.system });
let failed = 0;
try {
  const workspaces = await db.system.workspace.findMany({
    where: values.workspace ? { slug: values.workspace } : {},
    orderBy: { id: 'asc' },
  });
  if (workspaces.length === 0) throw new Error(`no workspace${values.workspace ? ` "${values.workspace}"` : ''}`);
  for (const { id, slug, organizationId } of workspaces) {
    try {
      const { publicKey, retiredUntil } = await accounts.rotateSigningKey(id, { atOnce: values['at-once'] });
      await recordSecurityEvent(db, {
        action: 'nats.rotate-signing-key',
        outcome: 'done',
        actor: { kind: 'loop', id: null, name: 'operator of the installation' },
        target: { kind: 'workspace', id },
        organizationIds: [organizationId],
        workspaceId: id,
        address: null,
        details: { publicKey, oldCredentialsUntil: retiredUntil },
      });
      console.log(JSON.stringify({ workspace: slug, publicKey, oldCredentialsUntil: retiredUntil }));
    } catch (error) {
      failed += 1;
      console.error(JSON.stringify({ workspace: slug, error: (error as Error).message }));
    }
  }
} finally {
  await accounts.close();
  await db.close();
}
process.exit(failed > 0 ? 1 : 0);

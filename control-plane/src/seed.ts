/**
 * `SIGNALBOX_OWNER_PASSWORD=P node src/seed.ts --email E [--api-key-name N] [--join-code-pool POOL]`
 *
 * `--password P` does as well, and shows P to every user of the machine while it runs.
 * What a fresh installation needs: the organization `local`, the workspace `default`, its owner, the pool `local`.
 * Idempotent; what is minted (an API key, a join code) is minted at every call and printed once, in one JSON line.
 */
import { parseArgs } from 'node:util';
import { toId, uuidv7 } from '@signalbox/proto';
import { mintJoinCode } from './features/agents/index.ts';
import { mintApiKey } from './features/api-keys/index.ts';
import { createUser } from './features/identity/index.ts';
import { ensureWorkPool } from './features/work-pools/index.ts';
import { openDb, type Tx } from './platform/db.ts';

const DAY_MS = 86_400_000;
const API_KEY_DAYS = 365;

const { values } = parseArgs({
  options: {
    email: { type: 'string' },
    password: { type: 'string' },
    'api-key-name': { type: 'string' },
    'join-code-pool': { type: 'string' },
  },
});
const { email } = values;
const password = values.password ?? process.env['SIGNALBOX_OWNER_PASSWORD'];
const url = process.env['DATABASE_URL'];
if (!email || !password || !url) {
  console.error('error: expected --email, and SIGNALBOX_OWNER_PASSWORD and DATABASE_URL in the environment');
  process.exit(2);
}

const db = openDb({ url, maxConnections: 2 });
try {
  console.log(JSON.stringify(await db.system.$transaction((tx) => seed(tx, email, password), { timeout: 60_000 })));
} catch (error) {
  console.error(`error: ${(error as Error).message}`);
  process.exitCode = 1;
} finally {
  await db.close();
}

async function seed(tx: Tx, ownerEmail: string, ownerPassword: string) {
  const workspaceId = await ensureWorkspace(tx);
  const user = await createUser(tx, { email: ownerEmail, password: ownerPassword, name: 'Owner' });
  const { organizationId } = await tx.workspace.findUniqueOrThrow({ where: { id: workspaceId } });
  await tx.organizationMember.createMany({ data: { organizationId, userId: user.id, role: 'owner' }, skipDuplicates: true });
  await tx.workspaceMember.createMany({ data: { workspaceId, userId: user.id, role: 'owner' }, skipDuplicates: true });
  await ensureWorkPool(tx, workspaceId, { name: 'local', description: 'Made by the first start' });
  return {
    workspace: toId('workspace', workspaceId),
    user: toId('user', user.id),
    apiKey: await apiKey(tx, workspaceId, user.id, values['api-key-name']),
    joinCode: await joinCode(tx, workspaceId, user.id, values['join-code-pool']),
  };
}

async function ensureWorkspace(tx: Tx): Promise<string> {
  await tx.organization.createMany({ data: { id: uuidv7(Date.now()), slug: 'local', name: 'Local' }, skipDuplicates: true });
  const { id: organizationId } = await tx.organization.findUniqueOrThrow({ where: { slug: 'local' } });
  const slug = 'default';
  await tx.workspace.createMany({ data: { id: uuidv7(Date.now()), organizationId, slug, name: 'Default' }, skipDuplicates: true });
  return (await tx.workspace.findUniqueOrThrow({ where: { organizationId_slug: { organizationId, slug } } })).id;
}

async function apiKey(tx: Tx, workspaceId: string, createdBy: string, name: string | undefined): Promise<string | undefined> {
  if (!name) return undefined;
  const expiresAt = new Date(Date.now() + API_KEY_DAYS * DAY_MS);
  return (await mintApiKey(tx, { workspaceId, name, role: 'owner', owner: { kind: 'person', id: createdBy }, expiresAt })).secret;
}

async function joinCode(tx: Tx, workspaceId: string, createdBy: string, pool: string | undefined): Promise<string | undefined> {
  if (!pool) return undefined;
  const { id: poolId } = await ensureWorkPool(tx, workspaceId, { name: pool });
  return (await mintJoinCode(tx, { workspaceId, poolId, createdBy, expiresInMs: DAY_MS })).code;
}

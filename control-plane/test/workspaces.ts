/** Organizations and workspaces with random names, for suites that need tenants. */
import { randomBytes } from 'node:crypto';
import { uuidv7 } from '@signalbox/proto';
import type { Db } from '../src/platform/db.ts';

/** A workspace of an organization of its own; answers its uuid. */
export async function createTestWorkspace(db: Pick<Db, 'system'>): Promise<string> {
  const [organizationId, workspaceId] = [uuidv7(Date.now()), uuidv7(Date.now())];
  const slug = `t-${randomBytes(5).toString('hex')}`;
  await db.system.organization.create({ data: { id: organizationId, slug, name: slug } });
  await db.system.workspace.create({ data: { id: workspaceId, organizationId, slug, name: slug } });
  return workspaceId;
}

/** Deletes organizations for good whose grace is over, once the purge of workspaces has taken theirs. Their audit stays for its own time. */
import { uuidv7 } from '@signalbox/proto';
import { insertAudit } from '../../platform/audit.ts';
import type { Db } from '../../platform/db.ts';
import { type Loop, type LoopLog, startLoop } from '../../platform/loop.ts';
import type { ShardLeases } from '../../platform/shards.ts';
import { inTransaction } from '../../platform/transaction.ts';

const EVERY_MS = 60_000;

export type OrganizationPurgeDeps = { readonly db: Pick<Db, 'systemSql'>; readonly shards: ShardLeases; readonly log: LoopLog };

export function startOrganizationPurge(deps: OrganizationPurgeDeps): Loop {
  return startLoop({
    name: 'organization-purge',
    everyMs: EVERY_MS,
    log: deps.log,
    run: async () => {
      if ((await deps.shards.hold('organization-purge', 0)) === null) return;
      const purged = await purgeOrganizations(deps.db);
      if (purged.length > 0) deps.log.info({ purged }, 'organizations deleted for good');
    },
  });
}

/** Ids of those that went; one with a workspace left goes another time. */
export async function purgeOrganizations({ systemSql }: Pick<Db, 'systemSql'>): Promise<string[]> {
  // One that was made or moved into it while it was deleted goes too.
  await systemSql.query(
    `UPDATE workspace w SET deleted_at = now(), purge_at = now() FROM organization o
      WHERE o.id = w.organization_id AND o.purge_at <= now() AND w.purge_at IS NULL`,
  );
  const due = await systemSql.query<{ id: string }>(
    `SELECT o.id FROM organization o WHERE o.purge_at <= now() AND NOT EXISTS (SELECT 1 FROM workspace w WHERE w.organization_id = o.id)
      ORDER BY o.purge_at LIMIT 10`,
  );
  const purged: string[] = [];
  for (const { id } of due.rows) {
    const isGone = await inTransaction(systemSql, async (sql) => {
      const [row] = await sql.query<{ slug: string }>('DELETE FROM organization WHERE id = $1 AND purge_at <= now() RETURNING slug', [id]);
      if (!row) return false;
      const facts = { target: { kind: 'organization', id }, before: row, after: null };
      const actor = { kind: 'loop', id: null, name: 'organization purge' } as const;
      await insertAudit(sql, { organizationId: id, actor, action: 'organization.purge', requestId: uuidv7(Date.now()), facts });
      return true;
    });
    if (isGone) purged.push(id);
  }
  return purged;
}

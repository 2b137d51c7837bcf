/** Seals the audit every few seconds, and deletes what is older than each organization keeps it. One replica at a time by a shard's lease. */
import type { Db } from '../../platform/db.ts';
import { type Loop, type LoopLog, startLoop } from '../../platform/loop.ts';
import type { ShardLeases } from '../../platform/shards.ts';
import { chainKey, findUnsealed, sealOnce } from './chain.ts';

const EVERY_MS = 5_000;
const PURGE_EVERY_MS = 3_600_000;
const LINKS_AT_A_TIME = 100;

export type AuditLoopDeps = {
  readonly db: Pick<Db, 'systemSql'>;
  readonly shards: ShardLeases;
  readonly log: LoopLog;
  readonly secret: string;
};

export function startAuditChain({ db, shards, log, secret }: AuditLoopDeps): Pick<Loop, 'stop'> {
  const key = chainKey(secret);
  const seal = startLoop({
    name: 'audit-seal',
    everyMs: EVERY_MS,
    log,
    run: async (signal) => {
      if ((await shards.hold('audit-seal', 0)) === null) return;
      await sealAll(db, key, signal);
    },
  });
  const purge = startLoop({
    name: 'audit-purge',
    everyMs: PURGE_EVERY_MS,
    log,
    run: async () => {
      if ((await shards.hold('audit-purge', 0)) === null) return;
      const purged = await purgeAudit(db);
      if (purged > 0) log.info({ purged }, 'audit entries deleted whose time was over');
      return purged > 0 ? 'again' : undefined;
    },
  });
  return { stop: async () => void (await Promise.all([seal.stop(), purge.stop()])) };
}

/** Everything that can be sealed now. */
export async function sealAll(db: Pick<Db, 'systemSql'>, key: Buffer, signal?: AbortSignal): Promise<void> {
  for (const organizationId of await findUnsealed(db.systemSql)) {
    while (!signal?.aborted && (await sealOnce(db.systemSql, key, organizationId)) > 0);
  }
}

/** Entries go link by link, the oldest first, and their links stay: the chain still holds. Answers how many went. */
export async function purgeAudit(db: Pick<Db, 'systemSql'>): Promise<number> {
  const { rowCount } = await db.systemSql.query(
    `WITH due AS (
       SELECT s.organization_id, s.number, s.from_xid, s.to_xid FROM audit_seal s LEFT JOIN organization o ON o.id = s.organization_id
        WHERE s.purged_at IS NULL AND s.last_at < now() - make_interval(days => coalesce(o.audit_days, 400))
        ORDER BY s.organization_id, s.number LIMIT ${LINKS_AT_A_TIME}),
     marked AS (
       UPDATE audit_seal s SET purged_at = now() FROM due WHERE s.organization_id = due.organization_id AND s.number = due.number)
     DELETE FROM audit_entry a USING due WHERE a.organization_id = due.organization_id AND a.xid >= due.from_xid AND a.xid < due.to_xid`,
  );
  return rowCount ?? 0;
}

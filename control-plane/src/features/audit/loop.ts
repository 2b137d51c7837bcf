/** Seals the audit every few seconds, and deletes what is older than each organization keeps it. One replica at a time by a shard's lease. */
import type { Db } from '../../platform/db.ts';
import { type Loop, type LoopLog, startLoop } from '../../platform/loop.ts';
import type { ShardLeases } from '../../platform/shards.ts';
import { chainKey, findUnsealed, purgeDue, sealOnce } from './chain.ts';

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
      const purged = await purgeDue(db.systemSql, key, LINKS_AT_A_TIME);
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

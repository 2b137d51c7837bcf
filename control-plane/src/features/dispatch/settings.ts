/** Bounds and connections that dispatch and leases are given; nothing here is read from the environment. */
import type { Timings } from '../../domain/run-snapshot.ts';
import type { Bus } from '../../platform/bus.ts';
import type { Db } from '../../platform/db.ts';
import type { Log } from '../../platform/log.ts';
import type { ShardLeases } from '../../platform/shards.ts';
import type { UsageMeter } from '../../platform/usage.ts';
import type { RunTokens } from '../run-tokens/index.ts';

export type DispatchSettings = Timings & {
  /** How long a claim lives without renewal, served time. */
  readonly leaseMs: number;
  readonly renewMs: number;
};

export type DispatchCtx = {
  readonly bus: Pick<
    Bus,
    'serve' | 'publishOffer' | 'ensurePoolConsumer' | 'command' | 'nudge' | 'takeNudges' | 'onLost' | 'onNudge' | 'live' | 'wake' | 'prove'
  >;
  readonly db: Pick<Db, 'reportSql' | 'systemSql'>;
  readonly shards: ShardLeases;
  readonly log: Pick<Log, 'info' | 'warn' | 'error'>;
  readonly settings: DispatchSettings;
  readonly usage: UsageMeter;
  readonly runTokens: Pick<RunTokens, 'sign'>;
};

/** The firing loop: one replica at a time by a shard's lease, harmless if two ever run. */

import type { Db } from '../../platform/db.ts';
import { type Loop, type LoopLog, startLoop } from '../../platform/loop.ts';
import type { ShardLeases } from '../../platform/shards.ts';
import { type AfterCommitCtx, afterCommit, effectsOfInsert } from '../dispatch/index.ts';
import { FIRE_AT_A_TIME, FIRING_RULES, type FiringRules, fireDue } from './fire-due.ts';

/** Well below the prefetch: a run is made more than a second before its instant. */
const EVERY_MS = 500;
const LOOP = 'schedules';

export type FiringDeps = {
  readonly db: Db;
  readonly bus: AfterCommitCtx['bus'];
  readonly shards: ShardLeases;
  readonly log: LoopLog & AfterCommitCtx['log'];
  readonly rules?: FiringRules;
};

export function startFiring(deps: FiringDeps): Loop {
  return startLoop({
    name: LOOP,
    everyMs: EVERY_MS,
    log: deps.log,
    run: async () => {
      if ((await deps.shards.hold(LOOP, 0)) === null) return;
      const { inserted, taken } = await fireDue(deps.db.systemSql, deps.rules ?? FIRING_RULES);
      await afterCommit(deps, effectsOfInsert(inserted));
      return taken === FIRE_AT_A_TIME ? 'again' : undefined;
    },
  });
}

/** The firing loop and its auditor: each one replica at a time by a shard's lease, harmless if two ever run. */

import type { Db } from '../../platform/db.ts';
import { type Loop, type LoopLog, startLoop } from '../../platform/loop.ts';
import { BRISK_LEASE_SECONDS, type ShardLeases } from '../../platform/shards.ts';
import { type AfterCommitCtx, afterCommit } from '../dispatch/index.ts';
import { auditFires } from './audit-fires.ts';
import { FIRE_AT_A_TIME, FIRING_RULES, type FiringRules, fireDue } from './fire-due.ts';
import { startQueued } from './start-queued.ts';

/** Well below the prefetch: a run is made more than a second before its instant. */
const EVERY_MS = 500;
const LOOP = 'schedules';
const AUDIT_EVERY_MS = 15_000;
const AUDIT_LOOP = 'schedule-audit';

export type FiringDeps = {
  readonly db: Db;
  readonly bus: AfterCommitCtx['bus'];
  readonly usage?: AfterCommitCtx['usage'];
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
      if ((await deps.shards.hold(LOOP, 0, BRISK_LEASE_SECONDS)) === null) return;
      const due = await fireDue(deps.db.systemSql, deps.rules ?? FIRING_RULES);
      await afterCommit(deps, due.effects);
      const queued = await startQueued(deps.db.systemSql);
      await afterCommit(deps, queued.effects);
      return due.taken === FIRE_AT_A_TIME || queued.taken === FIRE_AT_A_TIME ? 'again' : undefined;
    },
  });
}

/** Looks at what happened since it looked last, a little late, so that the firing loop had its time. */
export function startAudit(deps: Pick<FiringDeps, 'db' | 'shards' | 'log'>): Pick<Loop, 'stop'> {
  let doneUntilMs = 0;
  return startLoop({
    name: AUDIT_LOOP,
    everyMs: AUDIT_EVERY_MS,
    log: deps.log,
    run: async (signal) => {
      if ((await deps.shards.hold(AUDIT_LOOP, 0)) === null) {
        doneUntilMs = 0;
        return;
      }
      const { untilMs, found } = await auditFires(deps.db.systemSql, { doneUntilMs, signal });
      doneUntilMs = untilMs;
      if (found.missing + found.unexpected > 0) deps.log.warn(found, 'schedules did not fire as they should');
    },
  });
}

/**
 * Evaluates events as they come and works off the outbox of actions. One replica evaluates at a time by a shard's lease, and
 * correctness is in the cursor's row; actions are taken by all replicas, each by a row lock or a lease of its own.
 */
import { toId } from '@signalbox/proto';
import { type Loop, startLoop } from '../../platform/loop.ts';
import type { Services } from '../../platform/services.ts';
import type { ShardLeases } from '../../platform/shards.ts';
import { BRISK_LEASE_SECONDS } from '../../platform/shards.ts';
import { sqlOfClient } from '../../platform/sql.ts';
import { type Compiled, type Evaluated, evaluateBatch, nothingCompiled } from './evaluate/evaluate-batch.ts';
import { evaluateStates } from './evaluate/evaluate-states.ts';
import { sweepFirings, tellProblem, trimBuckets } from './evaluate/store.ts';
import { executeAction } from './execute/execute-action.ts';
import { readDueActions } from './execute/store.ts';
import { type Templates, templatesOf } from './templates/render.ts';

const EVALUATE_EVERY_MS = 100;
const LEASE_EVERY_MS = 1_000;
/** How soon a try that waits is seen by replicas that were not told. */
const ACT_EVERY_MS = 500;
/** How often figures and deadlines are looked at. */
const LOOK_EVERY_MS = 5_000;
const SWEEP_EVERY_MS = 60_000;
/** Actions of one turn, and of them at once: each of ours takes a connection. */
const ACTIONS_AT_A_TIME = 64;
const ACTIONS_AT_ONCE = 4;
/** Days that firings are kept, and the most of them that go in one turn. */
const FIRING_DAYS = 30;
const SWEPT_AT_ONCE = 5_000;
/** Keys that one automation remembers. */
const BUCKETS_MAX = 10_000;

export type AutomationDeps = { readonly services: Services; readonly shards: ShardLeases };
type Wake = { on(told: () => void): void };

export function startAutomations({ services, shards }: AutomationDeps, sequenced: Wake): Pick<Loop, 'stop'> {
  const { db, bus, log, settings } = services;
  const compiled: Compiled = nothingCompiled();
  const templates = templatesOf(settings.publicUrl);
  let heldUntil = 0;
  let isMine = false;
  const acting = startLoop({
    name: 'automation-actions',
    everyMs: ACT_EVERY_MS,
    log,
    run: (signal) => actOnDue(services, templates, signal),
  });
  const evaluating = startLoop({
    name: 'automation-evaluator',
    everyMs: EVALUATE_EVERY_MS,
    log,
    run: async () => {
      if (performance.now() > heldUntil) {
        isMine = (await shards.hold('automation-evaluator', 0, BRISK_LEASE_SECONDS)) !== null;
        heldUntil = performance.now() + LEASE_EVERY_MS;
      }
      if (!isMine) return;
      const { state, firings } = await evaluateBatch(db, compiled);
      if (firings.length > 0) acting.kick();
      tell(bus, firings);
      return state === 'more' ? 'again' : undefined;
    },
  });
  sequenced.on(() => evaluating.kick());
  const looking = startLoop({
    name: 'automation-states',
    everyMs: LOOK_EVERY_MS,
    log,
    run: async () => {
      if ((await shards.hold('automation-states', 0)) === null) return;
      const firings = await evaluateStates(db);
      if (firings.length > 0) acting.kick();
      tell(bus, firings);
    },
  });
  const sweeping = startLoop({ name: 'automation-sweep', everyMs: SWEEP_EVERY_MS, log, run: () => sweep(services, shards) });
  return { stop: async () => void (await Promise.all([evaluating.stop(), looking.stop(), acting.stop(), sweeping.stop()])) };
}

function tell(bus: Services['bus'], firings: Evaluated['firings']): void {
  const automations = new Map(firings.map(({ automation }) => [automation.id, automation.workspaceId]));
  for (const [id, workspaceId] of automations) bus.live(workspaceId, { kind: 'automation', id: toId('automation', id) });
}

/** A turn over what is due; `again` when more may be. */
export async function actOnDue(services: Services, templates: Templates, signal: AbortSignal): Promise<'again' | undefined> {
  const due = await readDueActions(sqlOfClient(services.db.systemSql), ACTIONS_AT_A_TIME);
  let isAnyDone = false;
  const left = [...due];
  const work = async () => {
    for (let ref = left.shift(); ref !== undefined && !signal.aborted; ref = left.shift()) {
      const { outcome } = await executeAction(services, templates, ref);
      if (outcome !== 'taken') isAnyDone = true;
    }
  };
  await Promise.all(Array.from({ length: Math.min(ACTIONS_AT_ONCE, due.length) }, work));
  const changed = new Map(due.map(({ automationId, workspaceId }) => [automationId, workspaceId]));
  for (const [id, workspaceId] of changed) services.bus.live(workspaceId, { kind: 'automation', id: toId('automation', id) });
  return isAnyDone && due.length === ACTIONS_AT_A_TIME ? 'again' : undefined;
}

async function sweep({ db }: Services, shards: ShardLeases): Promise<'again' | undefined> {
  if ((await shards.hold('automation-sweep', 0)) === null) return;
  const sql = sqlOfClient(db.systemSql);
  for (const id of await trimBuckets(sql, BUCKETS_MAX))
    await tellProblem(sql, id, `It counted for over ${BUCKETS_MAX} keys: the oldest were forgotten. Narrow forEach, or what it matches.`);
  return (await sweepFirings(sql, FIRING_DAYS, SWEPT_AT_ONCE)) === SWEPT_AT_ONCE ? 'again' : undefined;
}

/**
 * Evaluates events as they come and works off the outbox of actions. One replica evaluates at a time by a shard's lease, and
 * correctness is in the cursor's row; actions are taken by all replicas, each by a row lock or a lease of its own.
 */
import { toId } from '@signalbox/proto';
import { faultPoint } from '@signalbox/proto/faults';
import { type Loop, startLoop } from '../../platform/loop.ts';
import type { Services } from '../../platform/services.ts';
import type { ShardLeases } from '../../platform/shards.ts';
import { BRISK_LEASE_SECONDS } from '../../platform/shards.ts';
import { sqlOfClient } from '../../platform/sql.ts';
import { type Compiled, type Evaluated, evaluateBatch, nothingCompiled } from './evaluate/evaluate-batch.ts';
import { evaluateStates } from './evaluate/evaluate-states.ts';
import { sweepFirings, tellProblem, trimBuckets } from './evaluate/store.ts';
import { openOutbox } from './execute/outbox.ts';
import { SEAL_FROM, sealStored } from './headers/seal-stored.ts';
import { templatesOf } from './templates/render.ts';

/** How soon a deadline is seen; events tell of themselves. */
const EVALUATE_EVERY_MS = 250;
const LEASE_EVERY_MS = 1_000;
/** How soon a try that waits is seen by replicas that were not told. */
const ACT_EVERY_MS = 500;
/** How often figures and deadlines are looked at. */
const LOOK_EVERY_MS = 5_000;
const SWEEP_EVERY_MS = 60_000;
/** Days that firings are kept, and the most of them that go in one turn. */
const FIRING_DAYS = 30;
const SWEPT_AT_ONCE = 5_000;
/** Keys that one automation remembers. */
const BUCKETS_MAX = 10_000;

export type AutomationDeps = { readonly services: Services; readonly shards: ShardLeases };

export function startAutomations({ services, shards }: AutomationDeps): Pick<Loop, 'stop'> {
  const { db, bus, log, settings } = services;
  const compiled: Compiled = nothingCompiled();
  let heldUntil = 0;
  let isMine = false;
  const outbox = openOutbox(services, templatesOf(settings.publicUrl), () => acting.kick());
  const acting: Loop = startLoop({ name: 'automation-actions', everyMs: ACT_EVERY_MS, log, run: () => outbox.turn() });
  const fired = (firings: Evaluated['firings']) => {
    if (firings.length === 0) return;
    faultPoint('automation-fired');
    acting.kick();
    bus.wake('appended');
    tell(bus, firings);
  };
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
      fired(firings);
      return state === 'more' ? 'again' : undefined;
    },
  });
  const forget = bus.onWake('sequenced', () => evaluating.kick());
  const looking = startLoop({
    name: 'automation-states',
    everyMs: LOOK_EVERY_MS,
    log,
    run: async () => {
      if ((await shards.hold('automation-states', 0)) === null) return;
      fired(await evaluateStates(db));
    },
  });
  const sweeping = startLoop({ name: 'automation-sweep', everyMs: SWEEP_EVERY_MS, log, run: () => sweep(services, shards) });
  let unsealed = SEAL_FROM;
  const sealing = startLoop({
    name: 'automation-seal',
    everyMs: SWEEP_EVERY_MS,
    log,
    run: async () => {
      // Once a start: what an older version next to this one writes is sealed with the next.
      if (unsealed === 'done' || (await shards.hold('automation-seal', 0)) === null) return;
      unsealed = await sealStored(db, settings.secret, unsealed);
      return unsealed === 'done' ? undefined : 'again';
    },
  });
  return {
    async stop() {
      forget();
      await Promise.all([evaluating.stop(), looking.stop(), acting.stop(), sweeping.stop(), sealing.stop()]);
      await outbox.settled();
    },
  };
}

function tell(bus: Services['bus'], firings: Evaluated['firings']): void {
  const automations = new Map(firings.map(({ automation }) => [automation.id, automation.workspaceId]));
  for (const [id, workspaceId] of automations) bus.live(workspaceId, { kind: 'automation', id: toId('automation', id) });
}

async function sweep({ db }: Services, shards: ShardLeases): Promise<'again' | undefined> {
  if ((await shards.hold('automation-sweep', 0)) === null) return;
  const sql = sqlOfClient(db.systemSql);
  for (const id of await trimBuckets(sql, BUCKETS_MAX))
    await tellProblem(sql, id, `It counted for over ${BUCKETS_MAX} keys: the oldest were forgotten. Narrow forEach, or what it matches.`);
  return (await sweepFirings(sql, FIRING_DAYS, SWEPT_AT_ONCE)) === SWEPT_AT_ONCE ? 'again' : undefined;
}

/**
 * Events and automations: how many events a second are appended, put in order and evaluated, alone and beside 1,000 automations that
 * each listen to a name of their own; and how long it takes from an event to what an automation does about it.
 */
import type { AutomationDefinitionInput, NewEvent } from '@signalbox/proto/api';
import type { System } from '../../test-support/system.ts';
import { budgetRow, type Row, row } from '../row.ts';
import type { Scenario } from '../scenario.ts';
import { quantile } from '../statistics.ts';

const TARGET_RATE = 5_000;
const TARGET_ACTION_MS = 50;
const BATCH = 100;
const AT_ONCE = 8;
const SCENARIO = 'events appended and evaluated';

export const events: Scenario = {
  about: 'events a second alone and beside 1,000 automations, and from an event to its action',
  async run(bench): Promise<Row[]> {
    const [count, automations, pings] = [bench.of(50_000, 10_000, 500), bench.of(1_000, 1_000, 20), bench.of(100, 30, 5)];
    await using system = await bench.system({ agents: 0 });
    await flood(system, BATCH, automations);
    const alone = await flood(system, count, automations);
    for (let n = 0; n < automations; n++) await system.client.automations.create.mutate(listenerOf(n));
    await flood(system, BATCH, automations);
    await untilForgotten(system);
    const beside = await flood(system, count, automations);
    const fuller = await flood(system, count, automations);
    // Windows are over, and what is left of all that came is history.
    await untilForgotten(system);
    const again = await flood(system, count, automations);
    await system.client.automations.create.mutate(ANSWER);
    const took: number[] = [];
    for (let n = 0; n < pings; n++) took.push(await ping(system, n));
    const firings = await system.sql<{ n: string }>('SELECT count(*)::text AS n FROM automation_firing');
    if (Number(firings[0]?.n) !== pings) throw new Error(`${firings[0]?.n} firings of ${pings} events that fire`);
    const name = `${SCENARIO}, ${automations} automations`;
    return [
      row(name, 'rate', 'events/s', beside, 'ours, no automation', alone),
      row(name, 'rate', 'events/s', beside, 'target', TARGET_RATE),
      row(`${name}, as many again in open windows`, 'rate', 'events/s', fuller, 'ours, before', beside),
      row(`${name}, as many again after them`, 'rate', 'events/s', again, 'ours, before', beside),
      budgetRow('from an event to the action of its automation', 'p50', 'ms', quantile(took, 0.5), TARGET_ACTION_MS),
      budgetRow('from an event to the action of its automation', 'p99', 'ms', quantile(took, 0.99), 4 * TARGET_ACTION_MS),
    ];
  },
};

/** Counts its own events, each of a thing of its own, and never gets to its threshold. */
const listenerOf = (n: number): AutomationDefinitionInput => ({
  name: `listener ${n}`,
  trigger: { type: 'event', expect: [`bench.e${n}`], forEach: ['id'], threshold: 1_000, withinSeconds: 20 },
  onTrigger: [{ type: 'emit-event', name: 'bench.never' }],
});
const ANSWER: AutomationDefinitionInput = {
  name: 'answer',
  trigger: { type: 'event', expect: ['bench.ping'] },
  onTrigger: [{ type: 'emit-event', name: 'bench.pong' }],
};

/** Events a second, from the first request until the evaluator is past the last event. */
async function flood(system: System, count: number, names: number): Promise<number> {
  const from = performance.now();
  let sent = 0;
  const sender = async () => {
    while (sent < count) {
      const first = sent;
      sent += BATCH;
      const batch: NewEvent[] = Array.from({ length: Math.min(BATCH, count - first) }, (_, i) => ({
        name: `bench.e${(first + i) % names}`,
        resource: { id: `thing:${(first + i) % 100}` },
      }));
      await system.client.events.emit.mutate({ events: batch });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, sender));
  await untilEvaluated(system);
  return count / ((performance.now() - from) / 1_000);
}

/** Looks every 2 ms. @throws after four minutes */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 240_000;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error('events are still not evaluated after four minutes');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** What windows counted is gone: those of 20 seconds are over, and nothing is left for the next flood to write anew. */
function untilForgotten(system: System): Promise<void> {
  return until(async () => {
    const [state] = await system.sql<{ done: boolean }>(`SELECT NOT EXISTS (SELECT FROM automation_bucket WHERE id <> '#') AS done`);
    return state?.done ?? false;
  });
}

function untilEvaluated(system: System): Promise<void> {
  return until(async () => {
    const [state] = await system.sql<{ done: boolean }>(
      `SELECT NOT EXISTS (SELECT FROM event_inbox) AND (SELECT position FROM automation_cursor WHERE shard = 0) >= (SELECT position FROM event_shard WHERE shard = 0) AS done`,
    );
    return state?.done ?? false;
  });
}

/** Milliseconds of the database's clock from the event to what its automation emits. */
async function ping(system: System, n: number): Promise<number> {
  await system.client.events.emit.mutate({ events: [{ name: 'bench.ping', resource: { id: `ping:${n}` } }] });
  let took = 0;
  await until(async () => {
    const [found] = await system.sql<{ ms: number }>(
      `SELECT (extract(epoch FROM pong.occurred_at - ping.occurred_at) * 1000)::float8 AS ms FROM event ping JOIN event pong
          ON pong.name = 'bench.pong' AND pong.resource_id = ping.resource_id
        WHERE ping.name = 'bench.ping' AND ping.resource_id = $1`,
      [`ping:${n}`],
    );
    took = found?.ms ?? 0;
    return found !== undefined;
  });
  return took;
}

/**
 * Events and automations: how many events a second are appended, put in order and evaluated, alone, beside 1,000 automations that
 * each listen to a name of their own, and once half of these have an end (`resolveOn`); and how long it takes from an event to what an
 * automation does about it.
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
    const listeners = await createAll(
      system,
      Array.from({ length: automations }, (_, n) => listenerOf(n)),
    );
    await flood(system, BATCH, automations);
    await untilForgotten(system);
    const beside = await flood(system, count, automations);
    const fuller = await flood(system, count, automations);
    // Windows are over, and what is left of all that came is history.
    await untilForgotten(system);
    const again = await flood(system, count, automations);
    await untilForgotten(system);
    const edges = await floodEdges(system, count, listeners);
    await system.client.automations.create.mutate(ANSWER);
    const took: number[] = [];
    for (let n = 0; n < pings; n++) took.push(await ping(system, n));
    await expectFirings(system, 'answer', pings);
    const name = `${SCENARIO}, ${automations} automations`;
    return [
      row(name, 'rate', 'events/s', beside, 'ours, no automation', alone),
      row(name, 'rate', 'events/s', beside, 'target', TARGET_RATE),
      row(`${name}, as many again in open windows`, 'rate', 'events/s', fuller, 'ours, before', beside),
      row(`${name}, as many again after them`, 'rate', 'events/s', again, 'ours, before', beside),
      row(`${name}, half of them with resolveOn`, 'rate', 'events/s', edges, 'ours, none with it', again),
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
/** Stands from its first event of a thing until what ends it of the same thing. */
const edgeOf = (n: number): AutomationDefinitionInput => ({
  name: `edge ${n}`,
  trigger: { type: 'event', expect: [`bench.e${n}`], forEach: ['id'], resolveOn: { expect: [`bench.ok${n}`] } },
  onTrigger: [{ type: 'emit-event', name: 'bench.never' }],
});
const ANSWER: AutomationDefinitionInput = {
  name: 'answer',
  trigger: { type: 'event', expect: ['bench.ping'] },
  onTrigger: [{ type: 'emit-event', name: 'bench.pong' }],
};

async function createAll(system: System, definitions: readonly AutomationDefinitionInput[]): Promise<Ref[]> {
  const made: Ref[] = [];
  for (const definition of definitions) made.push((await system.client.automations.create.mutate(definition)).id);
  return made;
}

/**
 * Puts automations with an end in the place of every second one, each with an alert that stands. Of their events every second one
 * happens again, which is told to nobody, and every second one is an end of another thing, as most ends are: nothing stands of it.
 */
async function floodEdges(system: System, count: number, listeners: readonly Ref[]): Promise<number> {
  const replaced = listeners.filter((_, n) => isEdge(n));
  for (const automation of replaced) await system.client.automations.delete.mutate({ automation });
  await createAll(
    system,
    listeners.flatMap((_, n) => (isEdge(n) ? [edgeOf(n)] : [])),
  );
  const names = listeners.length;
  await flood(system, names, names);
  await expectFirings(system, 'edge %', replaced.length);
  const rate = await flood(system, count, names, (i) => {
    const [n, round] = [i % names, Math.floor(i / names)];
    return isEdge(n) && round % 2 === 1 ? { name: `bench.ok${n}`, resource: { id: `ended:${round % 20}` } } : eventOf(i, names);
  });
  await expectFirings(system, 'edge %', replaced.length);
  return rate;
}

type Ref = Awaited<ReturnType<System['client']['automations']['create']['mutate']>>['id'];
const isEdge = (n: number): boolean => n % 2 === 0;
const eventOf = (i: number, names: number): NewEvent => ({ name: `bench.e${i % names}`, resource: { id: `thing:${(i % names) % 100}` } });

/** @throws when automations of that name fired more or less often. */
async function expectFirings(system: System, name: string, expected: number): Promise<void> {
  const [found] = await system.sql<{ n: number }>(
    'SELECT count(*)::int AS n FROM automation_firing f JOIN automation a ON a.id = f.automation_id WHERE a.name LIKE $1',
    [name],
  );
  if (found?.n !== expected) throw new Error(`${found?.n} firings of automations named ${name}, expected ${expected}`);
}

/** Events a second, from the first request until the evaluator is past the last event. */
async function flood(system: System, count: number, names: number, make = eventOf): Promise<number> {
  const from = performance.now();
  let sent = 0;
  const sender = async () => {
    while (sent < count) {
      const first = sent;
      sent += BATCH;
      const batch = Array.from({ length: Math.min(BATCH, count - first) }, (_, i) => make(first + i, names));
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

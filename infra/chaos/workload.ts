/** Mixed load: runs of every kind, some cancelled, asked of whichever replica answers. What was accepted is remembered. */
import { setTimeout as delay } from 'node:timers/promises';
import { toId } from '@signalbox/proto';
import type { RunDetail } from '@signalbox/proto/api';
import { deploy } from '@signalbox/sdk';
import { type Client, createClient } from '@signalbox/sdk/client';
import type { System } from '../test-support/system.ts';
import { deployments } from './flows/mixed.ts';
import type { Random } from './random.ts';

type RunId = RunDetail['id'];

/** Values of the key that limits and queues take turns by. */
const CUSTOMERS = ['a', 'a', 'b', 'c'] as const;

const FILE = new URL('./flows/mixed.ts', import.meta.url).href;
const REQUEST_MS = 5_000;
/** Runs that may wait or run at once: chaos tests faults, not queues. */
const MOST_OPEN = 60;

const KINDS: readonly { deployment: string; weight: number; tasks: readonly [number, number]; ms: readonly [number, number] }[] = [
  { deployment: 'short/reuse', weight: 40, tasks: [0, 5], ms: [0, 50] },
  { deployment: 'short/fresh', weight: 5, tasks: [1, 20], ms: [0, 500] },
  { deployment: 'requeued/requeue', weight: 20, tasks: [0, 50], ms: [500, 6_000] },
  { deployment: 'limited/one', weight: 15, tasks: [0, 3], ms: [0, 300] },
  { deployment: 'failing/retry', weight: 10, tasks: [0, 3], ms: [0, 0] },
  { deployment: 'named/slots', weight: 10, tasks: [0, 0], ms: [0, 300] },
  { deployment: 'keyed/newest', weight: 15, tasks: [0, 3], ms: [0, 1_500] },
  { deployment: 'fair/turns', weight: 15, tasks: [0, 3], ms: [0, 300] },
  { deployment: 'asking/person', weight: 6, tasks: [0, 0], ms: [0, 0] },
  { deployment: 'leaving/person', weight: 6, tasks: [0, 0], ms: [0, 0] },
  { deployment: 'parent/two', weight: 6, tasks: [0, 3], ms: [0, 2_000] },
];
const LOTTERY = KINDS.flatMap((kind) => Array(kind.weight).fill(kind) as (typeof kind)[]);

export type Workload = {
  /** Runs whose creation was answered. */
  readonly accepted: ReadonlySet<RunId>;
  readonly cancelled: number;
  stop(): Promise<void>;
};

/** Registers what the load is made of. */
export async function prepareLoad(system: System): Promise<void> {
  await system.client.workPools.upsertQueue.mutate({ pool: 'local', name: 'fair', fairBy: '{{ parameters.key }}' });
  await deploy(
    deployments.map((definition) => ({ ...definition, options: { ...definition.options, from: { url: FILE } } })),
    { client: system.client },
  );
  await system.client.limits.create.mutate({ name: 'chaos-named', slots: 2 });
}

export function startLoad(system: System, random: Random): Workload {
  const clients = system.urls.map((url) => createClient({ url, apiKey: system.apiKey }));
  const accepted = new Set<RunId>();
  const counts = { cancelled: 0 };
  const over = new AbortController();
  let sent = 0;

  const anyClient = (): Client => random.pick(clients);
  const createOne = async () => {
    const kind = random.pick(LOTTERY);
    const parameters = { tasks: random.int(...kind.tasks), ms: random.int(...kind.ms), key: random.pick(CUSTOMERS) };
    // Claimed ahead of its instant it asks for its permit, however many warm children there are.
    const dueAt = random.chance(15) ? new Date(Date.now() + random.int(300, 1_800)).toISOString() : undefined;
    // The key makes a repeat safe whose first answer was lost on the way.
    const input = { deployment: kind.deployment, parameters, dueAt, idempotencyKey: `chaos-${sent++}` };
    const id = await untilAnswered(() => anyClient().runs.create.mutate(input, { signal: AbortSignal.timeout(REQUEST_MS) }), over.signal);
    if (!id) return;
    accepted.add(id.id);
    if (!random.chance(7)) return;
    await pause(random.int(0, 1_500), over.signal);
    const cancelled = await anyClient()
      .runs.cancel.mutate({ run: id.id }, { signal: AbortSignal.timeout(REQUEST_MS) })
      .catch(() => null);
    if (cancelled) counts.cancelled++;
  };
  const looping = (async () => {
    const open = new Set<Promise<void>>();
    while (!over.signal.aborted) {
      const live = await system.sql<{ count: number }>('SELECT count(*)::int AS count FROM run_dispatch').catch(() => []);
      if ((live[0]?.count ?? MOST_OPEN) < MOST_OPEN && open.size < MOST_OPEN) {
        const one = createOne().catch(() => {});
        open.add(one);
        void one.finally(() => open.delete(one));
      }
      await pause(random.int(5, 60), over.signal);
    }
    await Promise.all(open);
  })();

  return {
    accepted,
    get cancelled() {
      return counts.cancelled;
    },
    async stop() {
      over.abort();
      await looping;
    },
  };
}

export type Persons = { readonly resumed: number; stop(): Promise<void> };

/** Answers whatever runs ask, a moment later, until told to stop: also while the system heals and comes to its end. */
export function startPersons(system: System, random: Random): Persons {
  const clients = system.urls.map((url) => createClient({ url, apiKey: system.apiKey }));
  const over = new AbortController();
  const counts = { resumed: 0 };
  const looping = (async () => {
    while (!over.signal.aborted) {
      await pause(random.int(100, 600), over.signal);
      const waiting = await system.sql<{ id: string }>(`SELECT run_id AS id FROM run_dispatch WHERE state_type = 'PAUSED'`).catch(() => []);
      await Promise.all(
        waiting.map(async ({ id }) => {
          const ask = { run: toId('run', id), input: {} };
          const client = random.pick(clients);
          // Refused or not answered: it is asked again if it still waits.
          const done = await client.runs.resume.mutate(ask, { signal: AbortSignal.timeout(REQUEST_MS) }).catch(() => null);
          if (done) counts.resumed++;
        }),
      );
    }
  })();
  return {
    get resumed() {
      return counts.resumed;
    },
    async stop() {
      over.abort();
      await looping;
    },
  };
}

/** The answer, asked for until it comes; null when the load is over first. Refusals are a bug of the load and thrown. */
async function untilAnswered<T>(ask: () => Promise<T>, over: AbortSignal): Promise<T | null> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const { code } = error as { code?: string };
      if (code !== undefined && code !== 'UNAVAILABLE' && code !== 'INTERNAL') throw error;
      // One more try after the end: a run that was made and never told of would look like one from nowhere.
      if (over.aborted) return await ask().catch(() => null);
      await pause(200, over);
    }
  }
}

export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => {});
}

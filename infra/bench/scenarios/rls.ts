/**
 * What row-level security and permission checks cost: the same work on the same database, by turns with both and without. Without:
 * row-level security is switched off on every table, which drops all plans, and who asks is known beforehand.
 */

import { identifyByKey } from '../../../control-plane/src/features/identity/index.ts';
import { openMeter } from '../../../control-plane/src/features/usage/index.ts';
import type { Identity } from '../../../control-plane/src/platform/actor.ts';
import { type Db, openDb, openPool } from '../../../control-plane/src/platform/db.ts';
import { openLog } from '../../../control-plane/src/platform/log.ts';
import type { RequestBus, Services } from '../../../control-plane/src/platform/services.ts';
import { createCaller } from '../../../control-plane/src/router.ts';
import type { System } from '../../test-support/system.ts';
import { createMany, deployBench, untilIdle } from '../deploy-noop.ts';
import { noop } from '../flows/noop.ts';
import { budgetRow, type Row, row } from '../row.ts';
import type { Scenario } from '../scenario.ts';
import { median } from '../statistics.ts';

const MOST = 1.1;
const AGAINST = 'ours, without';
const AT_ONCE = 4;
/** Calls. */
const A_SAMPLE = 20;
/** As many as these calls a second need: one key may make 200. */
const KEYS = 10;

export const rls: Scenario = {
  about: 'runs and calls under row-level security and permission checks, beside the same without',
  async run(bench): Promise<Row[]> {
    const [runs, calls] = [bench.of(2_000, 100, 10), bench.of(400, 80, 5)];
    const [floods, turns] = [bench.of(7, 4, 1), bench.of(10, 6, 1)];
    await using system = await bench.system();
    const deployment = await deployBench(system, noop, { name: 'rls', isolation: 'reuse' });
    const flood = async () => {
      const from = performance.now();
      await createMany(system, deployment, runs);
      await untilIdle(system);
      return [(performance.now() - from) / runs];
    };
    await flood();
    const inRuns = await byTurns(system, floods, flood);
    await system.stop('agent');

    await using api = await openApi(system);
    const identity = await api.identify();
    const [newest] = (await api.as(async () => identity).runs.list({ limit: 1 })).items;
    if (!newest) throw new Error('no run was made');
    const rows = rowsOf('no-op runs end to end under row-level security', 'time a run', inRuns);
    const asked: Record<string, (caller: ReturnType<typeof api.as>) => Promise<unknown>> = {
      'runs.get': (caller) => caller.runs.get({ run: newest.id }),
      'runs.list': (caller) => caller.runs.list({ limit: 50 }),
      'deployments.list': (caller) => caller.deployments.list({ limit: 50 }),
      'runs.create': (caller) => caller.runs.create({ deployment }),
    };
    for (const [name, call] of Object.entries(asked)) {
      const took = await byTurns(system, turns, (isChecked) => {
        const caller = api.as(isChecked ? api.identify : async () => identity);
        return perCall(calls, () => call(caller));
      });
      rows.push(...rowsOf(`${name} under row-level security and permission checks`, 'time a call', took));
    }
    return rows;
  },
};

type Both = { readonly with: number; readonly without: number };

function rowsOf(scenario: string, metric: string, both: Both): Row[] {
  return [
    row(scenario, metric, 'ms', both.with, AGAINST, both.without),
    budgetRow(scenario, 'with/without', 'x', both.with / both.without, MOST),
  ];
}

/**
 * Medians of all samples of all turns; each kind begins as often. The first work after a switch makes plans anew, and does not count.
 * Many short samples: what else the machine does for a moment falls into a few of either kind.
 */
async function byTurns(system: System, turns: number, work: (isChecked: boolean) => Promise<number[]>): Promise<Both> {
  const times: Record<'with' | 'without', number[]> = { with: [], without: [] };
  try {
    for (let turn = 0; turn < turns; turn++) {
      for (const kind of turn % 2 === 0 ? (['with', 'without'] as const) : (['without', 'with'] as const)) {
        await switchPolicies(system, kind === 'with' ? 'ENABLE' : 'DISABLE');
        await work(kind === 'with');
        times[kind].push(...(await work(kind === 'with')));
      }
    }
  } finally {
    await switchPolicies(system, 'ENABLE');
  }
  return { with: median(times.with), without: median(times.without) };
}

async function switchPolicies({ databaseUrl }: System, how: 'ENABLE' | 'DISABLE'): Promise<void> {
  const owner = openPool(databaseUrl, 'signalbox_owner', 1);
  try {
    const { rows } = await owner.query<{ name: string }>(
      "SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND relforcerowsecurity AND NOT relispartition ORDER BY 1",
    );
    // One table a transaction: none is kept locked for the others.
    for (const { name } of rows) await owner.query(`ALTER TABLE "${name}" ${how} ROW LEVEL SECURITY`);
  } finally {
    await owner.end();
  }
}

/** Milliseconds a call, a few at once, in samples of a few calls. */
async function perCall(calls: number, call: () => Promise<unknown>): Promise<number[]> {
  const samples: number[] = [];
  for (let left = calls; left > 0; left -= A_SAMPLE) {
    const most = Math.min(left, A_SAMPLE);
    let open = most;
    const one = async () => {
      while (open-- > 0) await call();
    };
    const from = performance.now();
    await Promise.all(Array.from({ length: AT_ONCE }, one));
    samples.push((performance.now() - from) / most);
  }
  return samples;
}

/** The API in this process, on the system's database: what is measured is no network. */
async function openApi(system: System) {
  const db: Db = openDb({ url: system.databaseUrl, maxConnections: AT_ONCE });
  const quiet: RequestBus = {
    wake() {},
    onWake: () => () => {},
    live() {},
    onLive: () => () => {},
    nudge() {},
    command: async () => {},
    prove: async () => {},
  };
  const log = openLog('silent', 'bench');
  const services = { db, bus: quiet, log, usage: openMeter({ db, defaults: {} }), settings: {} } as unknown as Services;
  // They take turns.
  const made = await Promise.all(
    Array.from({ length: KEYS }, (_, index) => system.client.apiKeys.create.mutate({ name: `bench ${index}`, role: 'runner' })),
  );
  const keys = made.map(({ secret }) => new Headers({ authorization: `Bearer ${secret}` }));
  let turn = 0;
  const identify = async (): Promise<Identity> => {
    const identity = await identifyByKey(services, keys[turn++ % KEYS] as Headers, '127.0.0.1');
    if (!identity) throw new Error('the key of the system was not known');
    return identity;
  };
  const request = { services, id: 'bench', address: '127.0.0.1', origin: 'api', workspaceRef: null, organizationRef: null };
  return {
    identify,
    as: (who: () => Promise<Identity>) => createCaller({ ...request, identify: who }),
    [Symbol.asyncDispose]: () => db.close(),
  };
}

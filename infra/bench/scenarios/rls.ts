/**
 * What row-level security and permission checks cost: the same work on the same database, by turns with both and without. Without,
 * for calls: who asks is known beforehand, and the role of requests is one that no policy binds. For whole runs: row-level security
 * is switched off on every table. Calls come over HTTP to the control plane's own front, from another thread, a few at once: that is
 * the throughput a client gets. Beside it, without a target: the same calls made in the process, where nothing else is in the figure.
 */

import pg from 'pg';
import { createApp } from '../../../control-plane/src/app.ts';
import { identifyByKey } from '../../../control-plane/src/features/identity/index.ts';
import { openMeter } from '../../../control-plane/src/features/usage/index.ts';
import type { Identity } from '../../../control-plane/src/platform/actor.ts';
import { type Db, openDb, openPool } from '../../../control-plane/src/platform/db.ts';
import { openLog } from '../../../control-plane/src/platform/log.ts';
import type { RequestBus, Services } from '../../../control-plane/src/platform/services.ts';
import { createCaller } from '../../../control-plane/src/router.ts';
import { serveApp } from '../../../control-plane/src/serve.ts';
import type { System } from '../../test-support/system.ts';
import { createMany, deployBench, untilIdle } from '../deploy-noop.ts';
import { noop } from '../flows/noop.ts';
import { openClient } from '../http-client.ts';
import { budgetRow, type Row, row } from '../row.ts';
import type { Scenario } from '../scenario.ts';
import { median } from '../statistics.ts';

const MOST = 1.1;
const AGAINST = 'ours, without';
const AT_ONCE = 4;
/** Calls. */
const A_SAMPLE = 40;
const FIRST_PAIRS = 4;
/** Of requests without. */
const UNBOUND = 'bench_unbound';
/**
 * As few as these calls need, since each is looked up anew each second: a key may make 200 a second, and calls with checks are half of
 * some 4,000 a second in the process, of 2,000 over HTTP.
 */
const KEYS = 10;

export const rls: Scenario = {
  about: 'runs and calls under row-level security and permission checks, beside the same without',
  async run(bench): Promise<Row[]> {
    const [runs, floods, samples] = [bench.of(2_000, 100, 10), bench.of(7, 4, 1), bench.of(200, 40, 2)];
    await using system = await bench.system();
    const deployment = await deployBench(system, noop, { name: 'rls', isolation: 'reuse' });
    const flood = async () => {
      const from = performance.now();
      await createMany(system, deployment, runs);
      await untilIdle(system);
      return (performance.now() - from) / runs;
    };
    await flood();
    const inRuns = await byTurns(system, floods, flood);
    await system.stop('agent');

    await using api = await openApi(system);
    const [newest] = (await api.checked.caller.runs.list({ limit: 1 })).items;
    if (!newest) throw new Error('no run was made');
    const rows = rowsOf('no-op runs end to end under row-level security', 'time a run', inRuns);
    const asked: Record<string, Asked> = {
      'runs.get': { input: { run: newest.id }, call: (caller) => caller.runs.get({ run: newest.id }) },
      'runs.list': { input: { limit: 50 }, call: (caller) => caller.runs.list({ limit: 50 }) },
      'deployments.list': { input: { limit: 50 }, call: (caller) => caller.deployments.list({ limit: 50 }) },
      'runs.create': { input: { deployment }, writes: true, call: (caller) => caller.runs.create({ deployment }) },
    };
    const mix = { with: 0, without: 0 };
    for (const [name, { call, input, writes = false }] of Object.entries(asked)) {
      const served = await inPairs(samples, (side) => api.client.calls({ port: side.port, procedure: name, input, writes }), api);
      rows.push(...rowsOf(`${name} under row-level security and permission checks`, 'time a call', served));
      mix.with += served.with;
      mix.without += served.without;
      const { with: checked, without } = await inPairs(samples, (side) => perCall(() => call(side.caller)), api);
      rows.push(row(`${name} in the process, without HTTP`, 'time a call', 'ms', checked, AGAINST, without));
    }
    rows.push(row('these calls, one of each, over HTTP', 'time', 'ms', mix.with, AGAINST, mix.without));
    return rows;
  },
};

type Asked = { readonly input: object; readonly writes?: true; readonly call: (caller: Caller) => Promise<unknown> };
/** The API with checks, or without: in this process, and over HTTP. */
type Side = { readonly caller: Caller; readonly port: number };
type Caller = ReturnType<typeof createCaller>;
type Both = { readonly with: number; readonly without: number; readonly ratio: number };

function rowsOf(scenario: string, metric: string, both: Both): Row[] {
  return [row(scenario, metric, 'ms', both.with, AGAINST, both.without), budgetRow(scenario, 'with/without', 'x', both.ratio, MOST)];
}

/** Medians of turns; each kind begins as often. The first work after a switch makes plans anew, and does not count. */
async function byTurns(system: System, turns: number, work: () => Promise<number>): Promise<Both> {
  const times: Record<'with' | 'without', number[]> = { with: [], without: [] };
  try {
    for (let turn = 0; turn < turns; turn++) {
      for (const kind of turn % 2 === 0 ? (['with', 'without'] as const) : (['without', 'with'] as const)) {
        await switchPolicies(system, kind === 'with' ? 'ENABLE' : 'DISABLE');
        await work();
        times[kind].push(await work());
      }
    }
  } finally {
    await switchPolicies(system, 'ENABLE');
  }
  const [checked, unchecked] = [median(times.with), median(times.without)];
  return { with: checked, without: unchecked, ratio: checked / unchecked };
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

/**
 * Neighbors in time, each kind first as often: what else the machine does falls on both. The ratio is the median of theirs. The first
 * pairs make plans and do not count.
 */
async function inPairs(
  samples: number,
  work: (side: Side) => Promise<number>,
  api: { readonly checked: Side; readonly unchecked: Side },
): Promise<Both> {
  const pairs: { checked: number; unchecked: number }[] = [];
  for (let i = -FIRST_PAIRS; i < samples; i++) {
    const early = i % 2 === 0 ? await work(api.checked) : null;
    const unchecked = await work(api.unchecked);
    const checked = early ?? (await work(api.checked));
    if (i >= 0) pairs.push({ checked, unchecked });
  }
  return {
    with: median(pairs.map(({ checked }) => checked)),
    without: median(pairs.map(({ unchecked }) => unchecked)),
    ratio: median(pairs.map(({ checked, unchecked }) => checked / unchecked)),
  };
}

/** Milliseconds a call, a few at once. */
async function perCall(call: () => Promise<unknown>): Promise<number> {
  let left = A_SAMPLE;
  const one = async () => {
    while (left-- > 0) await call();
  };
  const from = performance.now();
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  return (performance.now() - from) / A_SAMPLE;
}

/** The API in this process, on the system's database, and a client of it in a thread of its own. */
async function openApi(system: System) {
  await makeUnboundRole(system);
  const db = openDb({ url: system.databaseUrl, maxConnections: AT_ONCE });
  const unboundDb = openDb({ url: system.databaseUrl, maxConnections: AT_ONCE, requestRole: UNBOUND });
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
  const settings = { publicUrl: 'http://localhost', secret: 'a secret of the bench, 32 characters', trustedProxies: 0 };
  const servicesOn = (own: Db) =>
    ({ db: own, bus: quiet, log, usage: openMeter({ db: own, defaults: {} }), settings }) as unknown as Services;
  const services = servicesOn(db);
  const made = await Promise.all(
    Array.from({ length: KEYS }, (_, index) => system.client.apiKeys.create.mutate({ name: `bench ${index}`, role: 'runner' })),
  );
  const keys = made.map(({ secret }) => secret);
  // They take turns.
  let turn = 0;
  const identify = async (): Promise<Identity> => {
    const headers = new Headers({ authorization: `Bearer ${keys[turn++ % KEYS]}` });
    const identity = await identifyByKey(services, headers, '127.0.0.1');
    if (!identity) throw new Error('the key of the system was not known');
    return identity;
  };
  const identity = await identify();
  const request = { id: 'bench', address: '127.0.0.1', origin: 'api', workspaceRef: null, organizationRef: null } as const;
  const at = { host: '127.0.0.1', port: 0 };
  const known = async () => identity;
  const checked = await serveApp(createApp(services), at);
  const unchecked = await serveApp(createApp(servicesOn(unboundDb), known), at);
  const client = openClient({ keys, calls: A_SAMPLE, atOnce: AT_ONCE });
  return {
    checked: { caller: createCaller({ ...request, services, identify }), port: checked.port },
    unchecked: { caller: createCaller({ ...request, services: servicesOn(unboundDb), identify: known }), port: unchecked.port },
    client,
    async [Symbol.asyncDispose]() {
      await client.close();
      await Promise.all([checked.close(), unchecked.close()]);
      await Promise.all([db.close(), unboundDb.close()]);
    },
  };
}

/** All that requests may, and no policy binds it: only a superuser makes such a role. */
async function makeUnboundRole({ adminUrl, databaseUrl }: System): Promise<void> {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    await admin.query(`CREATE ROLE ${UNBOUND} NOLOGIN BYPASSRLS`);
    await admin.query(`GRANT signalbox_whole TO ${UNBOUND}`);
    await admin.query(`GRANT ${UNBOUND} TO ${new URL(databaseUrl).username}`);
  } finally {
    await admin.end();
  }
}

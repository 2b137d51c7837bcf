/**
 * What a replica counts, in a registry of its own, served at `/metrics`. Labels are closed sets: no id of a tenant,
 * run or agent ever becomes one.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export const registry = new Registry();

/** Reads of a few milliseconds to a slow page of history. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Turns of periodic work, by loop and outcome (`ok`, `failed`). */
export const loopRuns = counter('loop_runs_total', 'Runs of periodic work', ['loop', 'outcome']);
export const loopSeconds = histogram('loop_seconds', 'How long a run of periodic work took', ['loop']);

/** HTTP requests by route (`trpc`, `auth`, `enroll`, `live`, ...; never a raw path), method and status. */
export const httpRequests = counter('http_requests_total', 'HTTP requests answered', ['route', 'method', 'status']);
export const httpSeconds = histogram('http_seconds', 'Time to the last byte of an HTTP answer', ['route']);

/** Requests of agents by verb and outcome (`ok` or the error's code). */
export const agentRequests = counter('agent_requests_total', 'Requests of agents answered', ['verb', 'outcome']);
export const agentSeconds = histogram('agent_request_seconds', 'Time to answer a request of an agent', ['verb']);

/** Entries agents reported, by channel and verdict (`applied`, `duplicate`, `refused`). */
export const reportEntries = counter('report_entries_total', 'Report entries dealt with', ['channel', 'verdict']);
/** Transactions that store reports, by outcome (`committed`, `split` when a group was halved, `failed`). */
export const reportGroups = counter('report_groups_total', 'Transactions of coalesced report batches', ['channel', 'outcome']);
export const reportGroupSize = histogram(
  'report_group_batches',
  'Batches that went together in one transaction',
  ['channel'],
  [1, 2, 4, 8, 16, 32, 64, 128],
);
export const reportSeconds = histogram('report_group_seconds', 'Time of one transaction of reports', ['channel']);

/** Claims by outcome (`runs`, `empty`, `repeated`), and runs they gave. */
export const claims = counter('claims_total', 'Claims answered', ['outcome']);
export const claimedRuns = counter('claimed_runs_total', 'Runs given to agents', []);
export const permits = counter('permits_total', 'Permits answered', ['answer']);
export const offers = counter('offers_total', 'Offers published', []);
/** Transitions of runs by the type of the state entered. */
export const runTransitions = counter('run_transitions_total', 'Transitions of runs', ['state']);

/** Runs made by schedules; entries for instants that made none (missed, skipped, waiting their turn). */
export const scheduledRuns = counter('scheduled_runs_total', 'Runs made by schedules', []);
export const skippedFires = counter('schedule_fires_skipped_total', 'Instants of schedules that made no run, or not at once', []);
/** Differences that the auditor found between what schedules should have made and what they made, by kind (`missing`, `unexpected`). */
export const auditFindings = counter('schedule_audit_findings_total', 'Fires that were not as the schedule says', ['kind']);
/** What workspaces were refused since they have used what they may: calls, events, bytes of logs, runs. */
export const usageRefused = counter('usage_refused_total', 'Refused over a limit of the workspace, by kind', ['kind']);
/** Runs made by backfills. */
export const backfilledRuns = counter('backfilled_runs_total', 'Runs made by backfills', []);

/** Starts counting what Node itself tells (heap, event loop lag). Call once, in the composition root. */
export function countProcess(): void {
  collectDefaultMetrics({ register: registry, prefix: 'signalbox_' });
}

/** A gauge whose value is asked for when metrics are read: `read` answers one number a label value. */
export function gaugeOf(name: string, help: string, label: string, read: () => Record<string, number>): void {
  new Gauge({
    name: `signalbox_${name}`,
    help,
    labelNames: [label],
    registers: [registry],
    collect() {
      this.reset();
      for (const [value, number] of Object.entries(read())) this.set({ [label]: value }, number);
    },
  });
}

/** The part of a connection pool whose use is shown. */
export type CountedPool = { readonly totalCount: number; readonly idleCount: number; readonly waitingCount: number };

/** Shows, for each named pool of Postgres connections, how many are open, in use and waited for. */
export function countPools(pools: Readonly<Record<string, CountedPool>>): void {
  const each = (of: (pool: CountedPool) => number) => () =>
    Object.fromEntries(Object.entries(pools).map(([name, pool]) => [name, of(pool)]));
  gaugeOf(
    'db_connections_open',
    'Connections of a pool',
    'pool',
    each((pool) => pool.totalCount),
  );
  gaugeOf(
    'db_connections_busy',
    'Connections of a pool in use',
    'pool',
    each((pool) => pool.totalCount - pool.idleCount),
  );
  gaugeOf(
    'db_connections_waiting',
    'Requests that wait for a connection of a pool',
    'pool',
    each((pool) => pool.waitingCount),
  );
}

function counter<L extends string>(name: string, help: string, labelNames: readonly L[]): Counter<L> {
  return new Counter({ name: `signalbox_${name}`, help, labelNames: [...labelNames], registers: [registry] });
}

function histogram<L extends string>(name: string, help: string, labelNames: readonly L[], buckets = SECONDS): Histogram<L> {
  return new Histogram({ name: `signalbox_${name}`, help, labelNames: [...labelNames], buckets, registers: [registry] });
}

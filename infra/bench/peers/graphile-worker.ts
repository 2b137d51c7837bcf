/** graphile-worker on the same Postgres: a job queue without history, the honest upper mark for dispatch. */
import { Logger, makeWorkerUtils, type Runner, run, type TaskList } from 'graphile-worker';

/** Shown beside its figures; the version is pinned in package.json. */
export const GRAPHILE = 'graphile-worker 0.18.0';

const quiet = new Logger(() => () => {});
const CONCURRENCY = 24;

/** Milliseconds from `addJob` to the first line of the task, one in flight. */
export async function triggerLatencies(databaseUrl: string, samples: number): Promise<number[]> {
  const latencies: number[] = [];
  let arrived = (_at: number): void => {};
  return withRunner(databaseUrl, { trigger: async () => arrived(performance.now()) }, async (runner) => {
    for (let i = 0; i < samples; i++) {
      const at = new Promise<number>((resolve) => (arrived = resolve));
      const from = performance.now();
      await runner.addJob('trigger', {});
      latencies.push((await at) - from);
    }
    return latencies;
  });
}

/** Jobs a second from the first insert to the last completion: `count` no-ops. */
export async function throughput(databaseUrl: string, count: number): Promise<number> {
  const { finished, handler } = countdown(count);
  return withRunner(databaseUrl, { count: handler }, async (runner) => {
    const from = performance.now();
    await addJobs(databaseUrl, 'count', count, new Date());
    await finished;
    void runner;
    return (count / (performance.now() - from)) * 1000;
  });
}

/** Milliseconds from the instant at which `count` jobs fall due to the start of the first and of the last. */
export async function dueAtOnce(
  databaseUrl: string,
  count: number,
  aheadMs: number,
): Promise<{ firstMs: number; lastMs: number; medianMs: number }> {
  const starts: number[] = [];
  const { finished, handler } = countdown(count, () => starts.push(Date.now()));
  return withRunner(databaseUrl, { due: handler }, async () => {
    const dueAt = Date.now() + aheadMs;
    await addJobs(databaseUrl, 'due', count, new Date(dueAt));
    await finished;
    starts.sort((a, b) => a - b);
    const late = (index: number) => (starts[index] ?? Number.NaN) - dueAt;
    return { firstMs: late(0), lastMs: late(starts.length - 1), medianMs: late(Math.floor(starts.length / 2)) };
  });
}

/** Milliseconds that jobs begin after their instant, one each second. */
export async function latenesses(databaseUrl: string, seconds: number): Promise<number[]> {
  const late: number[] = [];
  const { finished, handler } = countdown(seconds);
  const due = async (payload: unknown) => {
    late.push(performance.timeOrigin + performance.now() - (payload as { at: number }).at);
    await handler();
  };
  return withRunner(databaseUrl, { late: due }, async (runner) => {
    const first = Math.ceil(Date.now() / 1_000) * 1_000 + 1_000;
    for (let i = 0; i < seconds; i++) await runner.addJob('late', { at: first + i * 1_000 }, { runAt: new Date(first + i * 1_000) });
    await finished;
    return late;
  });
}

/** Milliseconds from the first start to the last end of `count` jobs that take `jobMs` each, `limit` at once. */
export async function limited(databaseUrl: string, count: number, jobMs: number, limit: number): Promise<number> {
  const { finished, handler } = countdown(count);
  let began = Number.POSITIVE_INFINITY;
  const brief = async () => {
    began = Math.min(began, performance.now());
    await new Promise((resolve) => setTimeout(resolve, jobMs));
    await handler();
  };
  await addJobs(databaseUrl, 'brief', count, new Date());
  return withRunner(
    databaseUrl,
    { brief },
    async () => {
      await finished;
      return performance.now() - began;
    },
    limit,
  );
}

function countdown(count: number, each: () => void = () => {}) {
  let left = count;
  let done = (): void => {};
  const finished = new Promise<void>((resolve) => (done = resolve));
  const handler = async () => {
    each();
    if (--left === 0) done();
  };
  return { finished, handler };
}

async function addJobs(databaseUrl: string, identifier: string, count: number, runAt: Date): Promise<void> {
  const utils = await makeWorkerUtils({ connectionString: databaseUrl, logger: quiet });
  await utils.addJobs(Array.from({ length: count }, () => ({ identifier, payload: {}, runAt })));
  await utils.release();
}

async function withRunner<T>(
  databaseUrl: string,
  taskList: TaskList,
  work: (runner: Runner) => Promise<T>,
  concurrency = CONCURRENCY,
): Promise<T> {
  const runner = await run({
    connectionString: databaseUrl,
    concurrency,
    taskList,
    logger: quiet,
    noHandleSignals: true,
    pollInterval: 1_000,
  });
  try {
    return await work(runner);
  } finally {
    await runner.stop();
  }
}

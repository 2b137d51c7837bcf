/** pg-boss on the same Postgres: a job queue whose workers are woken by NOTIFY. */
import { PgBoss } from 'pg-boss';

/** Shown beside its figures; the version is pinned in package.json. */
export const PG_BOSS = 'pg-boss 12.38.0';

/** Milliseconds from `send` to the first line of the handler, one in flight. */
export function triggerLatencies(databaseUrl: string, samples: number): Promise<number[]> {
  return withBoss(databaseUrl, 'trigger', async (boss) => {
    let arrived = (_at: number): void => {};
    // Without a backlog one worker is the fastest: all are woken by each notice.
    await boss.work('trigger', { pollingIntervalSeconds: 0.5, notifyPollingIntervalSeconds: 5 }, async () => arrived(performance.now()));
    const latencies: number[] = [];
    for (let i = 0; i < samples; i++) {
      const at = new Promise<number>((resolve) => (arrived = resolve));
      const from = performance.now();
      await boss.send('trigger', {});
      latencies.push((await at) - from);
    }
    return latencies;
  });
}

/** Jobs a second from the first insert to the last completion: batches of 100 on eight workers, its best in our trials. */
export function throughput(databaseUrl: string, count: number): Promise<number> {
  return withBoss(databaseUrl, 'count', async (boss) => {
    let left = count;
    const from = performance.now();
    const finished = new Promise<void>((resolve) => {
      const options = { batchSize: 100, localConcurrency: 8, pollingIntervalSeconds: 0.5, burstWhenBatchFull: true };
      void boss.work('count', options, async (jobs) => {
        left -= jobs.length;
        if (left <= 0) resolve();
      });
    });
    for (let made = 0; made < count; made += 1_000) {
      await boss.insert(
        'count',
        Array.from({ length: Math.min(1_000, count - made) }, () => ({ data: {} })),
      );
    }
    await finished;
    return (count / (performance.now() - from)) * 1_000;
  });
}

async function withBoss<T>(databaseUrl: string, queue: string, work: (boss: PgBoss) => Promise<T>): Promise<T> {
  const boss = new PgBoss({ connectionString: databaseUrl, useListenNotify: true, supervise: false, schedule: false });
  boss.on('error', () => {});
  await boss.start();
  try {
    await boss.createQueue(queue, { notify: true });
    return await work(boss);
  } finally {
    await boss.stop({ graceful: false });
  }
}

/** DBOS on the same Postgres: workflows in this process whose steps are rows. It keeps history, as we do. */
import { DBOS } from '@dbos-inc/dbos-sdk';

/** Shown beside its figures; the version is pinned in package.json. */
export const DBOS_NAME = 'DBOS 5.3.0';

const AT_ONCE = 50;

const noStep = DBOS.registerWorkflow(async () => performance.now(), { name: 'bench-no-step' });
const oneStep = DBOS.registerWorkflow(() => DBOS.runStep(async () => 1, { name: 'one' }), { name: 'bench-one-step' });
const inARow = DBOS.registerWorkflow(
  async (steps: number) => {
    const from = performance.now();
    for (let i = 0; i < steps; i++) await DBOS.runStep(async () => i, { name: 'step' });
    return performance.now() - from;
  },
  { name: 'bench-in-a-row' },
);
const together = DBOS.registerWorkflow(
  async (steps: number) => {
    const from = performance.now();
    await Promise.all(Array.from({ length: steps }, (_, i) => DBOS.runStep(async () => i, { name: 'step' })));
    return performance.now() - from;
  },
  { name: 'bench-together' },
);

/** Milliseconds from the call to the first line of a workflow in the same process, one in flight: no queue, no second process. */
export function triggerLatencies(databaseUrl: string, samples: number): Promise<number[]> {
  return launched(databaseUrl, async () => {
    const latencies: number[] = [];
    for (let i = 0; i < samples; i++) {
      const from = performance.now();
      latencies.push((await noStep()) - from);
    }
    return latencies;
  });
}

/** Workflows of one step a second, fifty at once. */
export function throughput(databaseUrl: string, count: number): Promise<number> {
  return launched(databaseUrl, async () => {
    const from = performance.now();
    let left = count;
    const lane = async () => {
      while (left-- > 0) await oneStep();
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    return (count / (performance.now() - from)) * 1_000;
  });
}

/** Milliseconds that a workflow takes for so many steps, one after the other and all at once. */
export function steps(databaseUrl: string, count: number): Promise<{ inARowMs: number; togetherMs: number }> {
  return launched(databaseUrl, async () => ({ inARowMs: await inARow(count), togetherMs: await together(count) }));
}

async function launched<T>(systemDatabaseUrl: string, work: () => Promise<T>): Promise<T> {
  DBOS.setConfig({ name: 'bench', systemDatabaseUrl, systemDatabasePoolSize: 20, logLevel: 'error', tracingEnabled: false });
  await DBOS.launch();
  try {
    return await work();
  } finally {
    await DBOS.shutdown();
  }
}

/** Scenario 10, in short: work at a steady rate stays as fast at the end as at the beginning, under a long reader, and through kills; nothing lost or doubled. */
import pg from 'pg';
import type { System } from '../../test-support/system.ts';
import { createAtRate, createMany, deployBench, startsAfter, untilIdle } from '../deploy-noop.ts';
import { noop } from '../flows/noop.ts';
import { budgetRow, quantileRows, type Row, row } from '../row.ts';
import type { Scenario } from '../scenario.ts';

export const growth: Scenario = {
  about: 'a steady rate over time, under an idle-in-transaction reader, and how soon work goes on after kill -9',
  async run(bench): Promise<Row[]> {
    const seconds = bench.of(60, 10, 1);
    const perSecond = bench.of(50, 30, 5);
    await using system = await bench.system({ agents: 2, controlPlaneEnv: { SIGNALBOX_LEASE_MS: '15000' } });
    const deployment = await deployBench(system, noop, { name: 'growth', isolation: 'reuse', onLostAgent: 'requeue' });
    await createMany(system, deployment, 50); // warms the children
    await untilIdle(system);
    const stretch = async () => {
      const asked = await createAtRate(system, deployment, perSecond, seconds);
      await untilIdle(system);
      return startsAfter(system, asked);
    };
    const first = await stretch();
    await createMany(system, deployment, bench.of(20_000, 1_000, 20)); // an hour's worth lies between
    await untilIdle(system);
    const last = await stretch();

    const flood = bench.of(3_000, 500, 20);
    const rate = async () => {
      const from = performance.now();
      await createMany(system, deployment, flood);
      await untilIdle(system);
      return (flood / (performance.now() - from)) * 1_000;
    };
    const free = await rate();
    const reader = new pg.Client({
      connectionString: system.databaseUrl,
      options: '-c role=signalbox_system -c idle_in_transaction_session_timeout=0',
    });
    await reader.connect();
    await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await reader.query('SELECT count(*) FROM run_dispatch');
    await rate(); // leaves dead rows that the reader keeps from being cleaned
    const read = await rate();
    await reader.query('ROLLBACK');
    await reader.end();

    const plane = await resumesAfter(system, deployment, 'control-plane');
    const agent = await resumesAfter(system, deployment, 'agent');
    const nats = await resumesAfter(system, deployment, 'nats');
    const [line] = await system.sql<{ lost: number; doubled: number }>(
      `SELECT (SELECT count(*) FROM run WHERE state_type IS DISTINCT FROM 'COMPLETED')::int AS lost,
         (SELECT count(*) FROM holder)::int AS doubled`,
    );
    if (line?.lost !== 0) throw new Error(`${line?.lost} runs did not complete`);
    if (line.doubled !== 0) throw new Error(`${line.doubled} slots are still held`);
    const steady = `${perSecond}/s for ${seconds} s`;
    return [
      ...quantileRows(steady, 'ms', last, 'ours, at the beginning', first),
      row('under a reader idle in a transaction', 'rate', 'runs/s', read, 'ours, without', free),
      budgetRow('kill -9 of the control plane', 'ready again to first user code', 'ms', plane, 2_000),
      budgetRow('kill -9 of one of two agents', 'user code goes on after', 'ms', agent, 16_000),
      budgetRow('kill -9 of NATS', 'ready again to first user code', 'ms', nats, 2_000),
    ];
  },
};

/** Kills a part while runs wait, starts it again where nobody else goes on, and answers how long until user code was called. */
async function resumesAfter(system: System, deployment: string, part: string): Promise<number> {
  await system.kill(part);
  if (part !== 'agent') await system.start(part);
  const from = performance.timeOrigin + performance.now();
  const { id } = await untilAnswered(() => system.client.runs.create.mutate({ deployment }));
  await untilIdle(system);
  const { result } = await system.client.runs.get.query({ run: id });
  if (part === 'agent') await system.start(part);
  return Number(result?.body) - from;
}

async function untilAnswered<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (tries === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

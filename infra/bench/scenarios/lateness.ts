/** Scenario 2: how late after its scheduled instant user code starts, never early and never twice. */
import type { System } from '../../test-support/system.ts';
import { deployBench, untilIdle } from '../deploy-noop.ts';
import { noop } from '../flows/noop.ts';
import { GRAPHILE, latenesses } from '../peers/graphile-worker.ts';
import { budgetRow, quantileRows, type Row } from '../row.ts';
import type { Scenario } from '../scenario.ts';
import { quantile } from '../statistics.ts';

const EACH_SECOND = '* * * * * *';
/** A deployment takes that many schedules. */
const SCHEDULES_MOST = 50;

export const lateness: Scenario = {
  about: 'from the scheduled instant to the first line of user code: one a second, then a hundred',
  async run(bench): Promise<Row[]> {
    const seconds = bench.of(60, 10, 3);
    const crowd = bench.of(100, 20, 2);
    await using system = await bench.system();
    const one = await lateStarts(system, 1, seconds);
    const many = await lateStarts(system, crowd, seconds);
    await system.stop('agent');
    const peer = await latenesses(system.databaseUrl, seconds);
    const names = [`scheduled to user code, 1/s for ${seconds} s`, `scheduled to user code, ${crowd}/s for ${seconds} s`] as const;
    return [
      ...quantileRows(names[0], 'ms late', one, GRAPHILE, peer),
      budgetRow(names[0], 'p50', 'ms late', quantile(one, 0.5), 2),
      budgetRow(names[0], 'p99', 'ms late', quantile(one, 0.99), 10),
      budgetRow(names[1], 'p50', 'ms late', quantile(many, 0.5), 2),
      budgetRow(names[1], 'p99', 'ms late', quantile(many, 0.99), 10),
    ];
  },
};

async function lateStarts(system: System, schedules: number, seconds: number): Promise<number[]> {
  const name = (from: number) => `late-${schedules}-${from}`;
  const deployAll = async (active: boolean) => {
    for (let from = 0; from < schedules; from += SCHEDULES_MOST) {
      const list = Array.from({ length: active ? Math.min(SCHEDULES_MOST, schedules - from) : 0 }, (_, i) => ({
        slug: `s${i}`,
        cron: EACH_SECOND,
      }));
      await deployBench(system, noop, { name: name(from), isolation: 'reuse', schedules: list });
    }
  };
  await deployAll(true);
  // Two seconds more: children warm up in the first.
  await new Promise((resolve) => setTimeout(resolve, (seconds + 2) * 1_000));
  await deployAll(false);
  await untilIdle(system);
  const rows = await system.sql<{ late: number; schedule: string; due: string }>(
    `SELECT (r.result->>'body')::float8 - extract(epoch FROM r.due_at) * 1000 AS late, r.schedule_id AS schedule, r.due_at::text AS due
     FROM run r JOIN deployment d ON d.id = r.deployment_id WHERE d.name LIKE $1 AND r.state_type = 'COMPLETED' ORDER BY r.due_at OFFSET $2`,
    [`late-${schedules}-%`, schedules * 2],
  );
  if (rows.length < schedules * (seconds - 1)) throw new Error(`${schedules} schedules fired ${rows.length} times in ${seconds} s`);
  const early = rows.find(({ late }) => late < -1);
  if (early) throw new Error(`a run began ${-early.late} ms before its instant`);
  const fires = new Set(rows.map(({ schedule, due }) => `${schedule} ${due}`));
  if (fires.size !== rows.length) throw new Error(`${rows.length - fires.size} fires came twice`);
  return rows.map(({ late }) => late);
}

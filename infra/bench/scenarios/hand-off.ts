/** A freed slot starts the next waiter at once: how near a narrow limit comes to being full all the time. */
import { createMany, deployBench, untilIdle } from '../deploy-noop.ts';
import { brief } from '../flows/noop.ts';
import { BARE_HOPS, limited as bareLimited } from '../peers/bare-hops.ts';
import { GRAPHILE, limited as graphileLimited } from '../peers/graphile-worker.ts';
import { RAW_PG, limited as rawLimited } from '../peers/raw-pg.ts';
import { budgetRow, type Row, row } from '../row.ts';
import type { Scenario } from '../scenario.ts';

const LIMIT = 2;
const JOB_MS = 20;

export const handOff: Scenario = {
  about: '5,000 jobs of 20 ms through a limit of 2: share of the ideal rate',
  async run(bench): Promise<Row[]> {
    const count = bench.of(5_000, 500, 10);
    await using system = await bench.system();
    const deployment = await deployBench(system, brief, { name: 'hand-off', isolation: 'reuse', concurrencyLimit: LIMIT });
    await createMany(system, deployment, 20); // warms the children
    await untilIdle(system);
    await createMany(system, deployment, count);
    await untilIdle(system);
    // From the first user code to the last: the queue was full all the time between.
    const [line] = await system.sql<{ began: number; n: number; most: number }>(
      `WITH runs AS (SELECT (result->'body'->>0)::float8 AS began, (result->'body'->>1)::float8 AS ended FROM run
         WHERE deployment_id = (SELECT id FROM deployment WHERE name = 'hand-off') AND state_type = 'COMPLETED' ORDER BY id OFFSET 20)
       SELECT max(ended) - min(began) AS began, count(*)::int AS n,
         (SELECT max(at_once) FROM (SELECT sum(step) OVER (ORDER BY at, step) AS at_once FROM
           (SELECT began AS at, 1 AS step FROM runs UNION ALL SELECT ended, -1 FROM runs) s) m)::int AS most FROM runs`,
    );
    if (!line || line.n !== count) throw new Error(`${count} runs were made, ${line?.n} completed`);
    if (line.most > LIMIT) throw new Error(`${line.most} runs ran at once under a limit of ${LIMIT}`);
    const idealMs = (count * JOB_MS) / LIMIT;
    const share = (tookMs: number) => (idealMs / tookMs) * 100;
    const scenario = `limit ${LIMIT}, ${count.toLocaleString('en')} jobs of ${JOB_MS} ms`;
    await system.stop('agent');
    const theirs = await graphileLimited(system.databaseUrl, count, JOB_MS, LIMIT);
    const floor = await rawLimited(system.databaseUrl, count, JOB_MS, LIMIT);
    const bare = await bareLimited(system.databaseUrl, count, JOB_MS, LIMIT);
    const between = (tookMs: number) => (tookMs * LIMIT) / count - JOB_MS;
    const ours = share(line.began);
    return [
      row(scenario, 'share of the ideal rate', '%', ours, `${GRAPHILE}, concurrency ${LIMIT}`, share(theirs)),
      row(scenario, 'share of the ideal rate', '%', ours, RAW_PG, share(floor)),
      row(scenario, 'share of the ideal rate', '%', ours, BARE_HOPS, share(bare)),
      budgetRow(scenario, 'share of the ideal rate', '%', ours, 90),
      row(scenario, 'from one job to the next', 'ms', between(line.began), BARE_HOPS, between(bare)),
      budgetRow(scenario, 'from one job to the next', 'ms', between(line.began), JOB_MS / 9),
    ];
  },
};

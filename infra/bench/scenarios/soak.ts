/**
 * A month and more of history in minutes, under a retention of a week: days are made, filled and dropped as a clock would have it.
 * Once a week is kept, the disk must stop growing, and a claim must cost what it cost at the beginning.
 */
import { dropDays } from '../../../control-plane/src/features/retention/index.ts';
import type { Yard } from '../../../control-plane/test/dispatch.ts';
import type { System } from '../../test-support/system.ts';
import { claimLatencies, openYard } from '../claims.ts';
import { budgetRow, quantileRows, type Row, row } from '../row.ts';
import type { Scenario } from '../scenario.ts';
import { quantile } from '../statistics.ts';

const DAY_MS = 86_400_000;
const DAYS = 40;
/** From then on as much goes as comes: a week, the day that it closes on, and the one that is being written. */
const FULL_AFTER = 10;
/** Of a thousand runs, how many have not ended when their day goes: they are carried over. */
const LIVING_PER_MILLE = 1;

export const soak: Scenario = {
  about: 'forty days of runs under a retention of seven: disk and claims at the end beside those at the tenth day',
  async run(bench): Promise<Row[]> {
    await using system = await bench.system({ agents: 0 });
    await using opened = await openYard(system);
    const { yard, db } = opened;
    const [perDay, samples] = [bench.of(50_000, 5_000, 50), bench.of(1_000, 300, 5)];
    const [agentId, deploymentId] = [await yard.addAgent(), await yard.addDeployment()];
    await claimLatencies(yard, agentId, deploymentId, samples); // warms plans and caches
    const before = await claimLatencies(yard, agentId, deploymentId, samples);

    const first = Math.floor(Date.now() / DAY_MS) * DAY_MS - (DAYS + 1) * DAY_MS;
    const sizes: number[] = [];
    const dropMs: number[] = [];
    for (let day = 0; day < DAYS; day++) {
      const at = first + day * DAY_MS;
      await writeDay(system, yard, deploymentId, at, perDay);
      const from = performance.now();
      await dropDays(db.systemSql, new Date(at + DAY_MS + DAY_MS / 12));
      if (day >= FULL_AFTER) dropMs.push(performance.now() - from);
      sizes.push(await historyBytes(system));
      process.stderr.write(`\r  ${day + 1} of ${DAYS} days`);
    }
    process.stderr.write('\n');
    const after = await claimLatencies(yard, agentId, deploymentId, samples);
    const { kept } = (
      await system.sql<{ kept: number }>(
        `SELECT count(*)::int AS kept FROM run WHERE retention_class = 'd7' AND workspace_id = $1 AND ended_at IS NULL`,
        [yard.workspaceId],
      )
    )[0] ?? { kept: 0 };
    const expected = DAYS * Math.ceil((perDay * LIVING_PER_MILLE) / 1_000);
    if (kept !== expected) throw new Error(`${expected} runs had not ended when their days went, and ${kept} of them are there`);

    const scenario = `${DAYS} days of ${perDay.toLocaleString('en')} runs, kept for 7`;
    const [mb, tenth] = [(bytes = 0) => bytes / 1_048_576, sizes[FULL_AFTER]];
    return [
      ...quantileRows(scenario, 'ms', after, 'ours, empty history', before, 'claim '),
      row(scenario, 'disk', 'MB', mb(sizes.at(-1)), 'ours, the tenth day', mb(tenth)),
      budgetRow(scenario, 'dropping a day p99', 'ms', quantile(dropMs, 0.99), 1_000),
    ];
  },
};

/** Runs of one day under class `d7`, as the terminal transition leaves them; a few have not ended. */
async function writeDay(system: System, yard: Yard, deploymentId: string, at: number, count: number): Promise<void> {
  const day = new Date(at).toISOString();
  await system.sql(`SELECT signalbox_ensure_days(ARRAY['d7'], $1::timestamptz::date, 1)`, [day]);
  await system.sql(
    `WITH made AS (
       SELECT g, signalbox_uuidv7($1::timestamptz + (g % 86400) * interval '1 second') AS id, $1::timestamptz + interval '1 hour' AS at FROM generate_series(1, $2::int) g
     ), records AS (
       INSERT INTO run (retention_class, id, workspace_id, flow_id, deployment_id, version_id, pool_id, queue_id, name, parameters, created_by,
         due_at, created_at, state_type, state_name, attempt, epoch, started_at, ended_at, states)
       SELECT 'd7', m.id, $3, d.flow_id, d.id, d.version_id, d.pool_id, d.queue_id, 'past', '{"encoding":"json","body":{}}', 'api', m.at, m.at,
         CASE WHEN m.g % (1000 / $5::int) <> 1 THEN 'COMPLETED' END, CASE WHEN m.g % (1000 / $5::int) <> 1 THEN 'Completed' END, 1, 1, m.at,
         CASE WHEN m.g % (1000 / $5::int) <> 1 THEN m.at END, '[{"type":"SCHEDULED"},{"type":"RUNNING"},{"type":"COMPLETED"}]'
       FROM made m, deployment d WHERE d.id = $4
     )
     INSERT INTO attempt (retention_class, run_id, epoch, workspace_id, attempt, claimed_at, started_at, ended_at, state_type, state_name)
     SELECT 'd7', m.id, 1, $3, 1, m.at, m.at, m.at, 'COMPLETED', 'Completed' FROM made m`,
    [day, count, yard.workspaceId, deploymentId, LIVING_PER_MILLE],
  );
}

/** Of all leaves of runs, and of the dispatch rows. */
async function historyBytes(system: System): Promise<number> {
  const [line] = await system.sql<{ bytes: string }>(
    `SELECT sum(pg_total_relation_size(c.oid)) AS bytes FROM pg_class c
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND (c.relname ~ '_d7_' OR c.relname = 'run_dispatch')`,
  );
  return Number(line?.bytes ?? 0);
}

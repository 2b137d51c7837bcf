/** Runs that wait on a full limit must not slow down the others: p99 of claims beside a crowd that is parked. */
import { claimLatencies, openYard } from '../claims.ts';
import { budgetRow, quantileRows, type Row } from '../row.ts';
import type { Scenario } from '../scenario.ts';

const INSERTED_AT_ONCE = 1_000;

export const claimParked: Scenario = {
  about: 'claims with 100,000 runs parked on one full limit beside an empty backlog',
  async run(bench): Promise<Row[]> {
    await using system = await bench.system({ agents: 0 });
    await using opened = await openYard(system);
    const { yard } = opened;
    const count = bench.of(100_000, 20_000, 50);
    const samples = bench.of(1_000, 300, 5);
    const [agentId, free, full] = [await yard.addAgent(), await yard.addDeployment(), await yard.addDeployment({ limit: 0 })];
    await claimLatencies(yard, agentId, free, samples); // warms plans and caches
    const alone = await claimLatencies(yard, agentId, free, samples);

    for (let made = 0; made < count; made += INSERTED_AT_ONCE) await yard.addRuns(full, Math.min(INSERTED_AT_ONCE, count - made));
    // Nobody holds it: a claim that is never started would go back on a slow machine, and let another through.
    // Claims park what they meet, 200 at a time: until none is left in their way.
    for (let left = count; left > 0; ) {
      await yard.claim(agentId, 1);
      const [line] = await yard.q("SELECT count(*)::int AS n FROM run_dispatch WHERE state_type = 'SCHEDULED' AND parked_on IS NULL");
      left = line.n;
    }
    const crowded = await claimLatencies(yard, agentId, free, samples);
    const [parked] = await yard.q('SELECT count(*)::int AS n FROM run_dispatch WHERE parked_on = $1', [full]);
    if (parked.n !== count) throw new Error(`${count} runs should be parked, ${parked.n} are`);
    const scenario = `claim beside ${count.toLocaleString('en')} parked runs`;
    const rows = quantileRows(scenario, 'ms', crowded, 'ours, empty backlog', alone);
    return [...rows, budgetRow(scenario, 'p99 ratio', 'x', rows[1]?.ratio ?? Number.NaN, 1.5)];
  },
};

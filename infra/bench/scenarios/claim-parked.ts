/** Runs that wait on a full limit must not slow down the others: p99 of claims beside a crowd that is parked. */
import { claimLatencies, openYard } from '../claims.ts';
import { budgetRow, quantileRows, type Row } from '../row.ts';
import type { Scenario } from '../scenario.ts';

const INSERTED_AT_ONCE = 1_000;
const DAY_MS = 86_400_000;

export const claimParked: Scenario = {
  about: 'claims with 100,000 runs parked on one full limit beside an empty backlog',
  async run(bench): Promise<Row[]> {
    await using system = await bench.system({ agents: 0 });
    await using opened = await openYard(system);
    const { yard } = opened;
    const count = bench.of(100_000, 20_000, 50);
    const samples = bench.of(1_000, 300, 5);
    const [agentId, free, full] = [await yard.addAgent(), await yard.addDeployment(), await yard.addDeployment({ limit: 1 })];
    await claimLatencies(yard, agentId, free, samples); // warms plans and caches
    const alone = await claimLatencies(yard, agentId, free, samples);

    // Its one slot is held for longer than this takes, however slow the machine is.
    await yard.q("UPDATE agent SET lease_until = served_now() + interval '1 day' WHERE id = $1", [agentId]);
    await yard.addRuns(full, 1);
    const held = await yard.claim(agentId, 1, { startReportMs: DAY_MS, leaseMs: DAY_MS });
    if (held.runs.length !== 1) throw new Error(`the slot of the full limit should be held by one run, ${held.runs.length} were claimed`);

    for (let made = 0; made < count; made += INSERTED_AT_ONCE) await yard.addRuns(full, Math.min(INSERTED_AT_ONCE, count - made));
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

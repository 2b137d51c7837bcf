/** A claim must cost the same whatever lies in the past: p99 of claims at ten million ended runs beside none. */
import { claimLatencies, openYard } from '../claims.ts';
import { writeHistory } from '../history.ts';
import { budgetRow, quantileRows, type Row } from '../row.ts';
import type { Scenario } from '../scenario.ts';

export const claimHistory: Scenario = {
  about: 'claims at ten million historic runs beside an empty history, and lists of them',
  async run(bench): Promise<Row[]> {
    await using system = await bench.system({ agents: 0 });
    await using opened = await openYard(system);
    const { yard } = opened;
    const count = bench.of(10_000_000, 200_000, 500);
    const samples = bench.of(1_000, 300, 5);
    const [agentId, deploymentId] = [await yard.addAgent(), await yard.addDeployment()];
    await claimLatencies(yard, agentId, deploymentId, samples); // warms plans and caches
    const empty = await claimLatencies(yard, agentId, deploymentId, samples);
    await writeHistory(system, yard, deploymentId, count);
    const full = await claimLatencies(yard, agentId, deploymentId, samples);
    const scenario = `claim at ${count.toLocaleString('en')} historic runs`;
    const rows = quantileRows(scenario, 'ms', full, 'ours, empty history', empty);
    const ratio = (rows[1]?.ratio ?? Number.NaN) || Number.NaN;
    return [...rows, budgetRow(scenario, 'p99 ratio', 'x', ratio, 1.2)];
  },
};

/** Scenario 5: no-op tasks of a run under an agent, each recorded: mapped, submitted, and one after the other. */
import type { System } from '../../test-support/system.ts';
import { deployBench, untilIdle } from '../deploy-noop.ts';
import { inARow, mapped, submitted } from '../flows/noop.ts';
import * as dbos from '../peers/dbos.ts';
import * as restate from '../peers/restate.ts';
import { budgetRow, type Row, row } from '../row.ts';
import type { Scenario } from '../scenario.ts';

export const tasksRecorded: Scenario = {
  about: '1,000 and 10,000 mapped no-op tasks, 10,000 submitted and 1,000 in a row, recorded, under an agent',
  async run(bench): Promise<Row[]> {
    const [few, many] = [bench.of(1_000, 1_000, 20), bench.of(10_000, 3_000, 30)];
    await using system = await bench.system();
    const mapping = await deployBench(system, mapped, { name: 'mapped', isolation: 'reuse' });
    const walking = await deployBench(system, inARow, { name: 'in-a-row', isolation: 'reuse' });
    const submitting = await deployBench(system, submitted, { name: 'submitted', isolation: 'reuse' });
    for (const deployment of [mapping, walking, submitting]) await once(system, deployment, 10); // warms the child
    const [mappedMs, manyMs, rowMs, submittedMs] = [
      await once(system, mapping, few),
      await once(system, mapping, many),
      await once(system, walking, few),
      await once(system, submitting, many),
    ];
    await system.stop('agent');
    const peers = [
      [dbos.DBOS_NAME, await dbos.steps(system.databaseUrl, few)],
      [restate.RESTATE, await restate.steps(few)],
    ] as const;
    const names = [`${few.toLocaleString('en')} mapped tasks, recorded`, `${few.toLocaleString('en')} tasks in a row, recorded`] as const;
    const most = `${many.toLocaleString('en')} mapped tasks, recorded`;
    return [
      ...peers.map(([name, theirs]) => row(names[0], 'took', 'ms', mappedMs, name, theirs.togetherMs)),
      budgetRow(names[0], 'took', 'ms', mappedMs, few * 0.15),
      budgetRow(most, 'took', 'ms', manyMs, many * 0.15),
      ...peers.map(([name, theirs]) => row(names[1], 'took', 'ms', rowMs, name, theirs.inARowMs)),
      budgetRow(names[1], 'took', 'ms', rowMs, few * 0.9),
      budgetRow(`${many.toLocaleString('en')} tasks submitted, recorded`, 'per task', 'µs', (submittedMs * 1_000) / many, 150),
    ];
  },
};

/** Milliseconds of the tasks as the flow saw them. @throws when not each of them is recorded as completed. */
async function once(system: System, deployment: string, tasks: number): Promise<number> {
  const { id } = await system.client.runs.create.mutate({ deployment, parameters: { tasks } });
  await untilIdle(system);
  const { result, state } = await system.client.runs.get.query({ run: id });
  if (state.type !== 'COMPLETED') throw new Error(`a run of ${deployment} ended ${state.type}: ${state.message}`);
  const [line] = await system.sql<{ n: number }>(
    `SELECT count(*)::int AS n FROM task_run t WHERE state_type = 'COMPLETED' AND run_id = (SELECT max(id::text)::uuid FROM run)`,
  );
  if (line?.n !== tasks) throw new Error(`${tasks} tasks ran, ${line?.n} are recorded as completed`);
  return Number(result?.body);
}

/** Deploys a bench flow under a name of its own, makes runs of it, and reads when their code was called. */
import { toId } from '@signalbox/proto';
import { CREATE_RUNS_MAX } from '@signalbox/proto/api';
import { type AnyFlow, type DeploymentOptions, deploy, type Flow } from '@signalbox/sdk';
import type { System } from '../test-support/system.ts';

const FILE = new URL('./flows/noop.ts', import.meta.url);
/** A look walks what ended runs left behind: every 20 ms it cost 2 % of all that a run does. */
const IDLE_LOOK_MS = 50;

/** Unix milliseconds with a fraction, as the flows say theirs. */
export const unixMs = (): number => performance.timeOrigin + performance.now();

/** `flow/name` of the deployment. */
export async function deployBench(
  system: System,
  flow: Flow<never, unknown> | AnyFlow,
  options: Omit<DeploymentOptions<never>, 'pool'>,
): Promise<string> {
  const definition = (flow as Flow<never, unknown>).deployment({ pool: 'local', from: { url: FILE.href }, ...options });
  await deploy([definition], { client: system.client });
  return `${flow.name}/${options.name}`;
}

/** Makes `count` runs, a thousand a request. */
export async function createMany(system: System, deployment: string, count: number, dueAt?: string): Promise<void> {
  for (let from = 0; from < count; from += CREATE_RUNS_MAX) {
    const runs = Array.from({ length: Math.min(CREATE_RUNS_MAX, count - from) }, () => ({ dueAt }));
    await system.client.runs.createMany.mutate({ deployment, runs });
  }
}

/** Asks for a run at each beat, whatever became of those before; answers when each was asked for, Unix milliseconds by run. */
export async function createAtRate(system: System, deployment: string, perSecond: number, seconds: number): Promise<Map<string, number>> {
  const asked = new Map<string, number>();
  const began = performance.now();
  const one = async () => {
    const from = unixMs();
    const { id } = await system.client.runs.create.mutate({ deployment });
    asked.set(id, from);
  };
  const open: Promise<void>[] = [];
  for (let i = 0; i < perSecond * seconds; i++) {
    const waitMs = began + (i * 1_000) / perSecond - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    open.push(one());
  }
  await Promise.all(open);
  return asked;
}

/** Waits until no run is live. @throws after `mostMs`, so that a run that is stuck is told and not waited for. */
export async function untilIdle(system: System, mostMs = 280_000): Promise<void> {
  const deadline = performance.now() + mostMs;
  for (;;) {
    const [row] = await system.sql<{ live: boolean }>('SELECT EXISTS (SELECT 1 FROM run_dispatch) AS live');
    if (!row?.live) return;
    if (performance.now() > deadline) throw new Error(`runs are still live after ${mostMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, IDLE_LOOK_MS));
  }
}

/** When the code of each of these runs was called, in milliseconds after the instant given for it. @throws when one did not complete. */
export async function startsAfter(system: System, asked: ReadonlyMap<string, number>): Promise<number[]> {
  const began = new Map((await completed(system)).map(({ id, body }) => [id, body]));
  return [...asked].map(([id, at]) => {
    const body = began.get(id);
    if (body === undefined) throw new Error(`run ${id} did not complete`);
    return body - at;
  });
}

/** All completed runs of the no-op flow, and what they answered: when their code was called. */
async function completed(system: System): Promise<{ id: string; body: number }[]> {
  const rows = await system.sql<{ id: string; body: number }>(
    `SELECT id, (result->>'body')::float8 AS body FROM run WHERE state_type = 'COMPLETED' AND jsonb_typeof(result->'body') = 'number'`,
  );
  return rows.map(({ id, body }) => ({ id: toId('run', id), body }));
}

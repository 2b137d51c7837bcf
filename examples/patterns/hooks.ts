/** Functions that are told when a task run or the run enters a state. They run in its process; what they throw is only logged. */
import { writeFileSync } from 'node:fs';
import { cancelled, flow, type StateEvent, sleep, task } from '@signalbox/sdk';

const heard: string[] = [];
const hear = ({ name, state }: StateEvent) => void heard.push(`${name} ${state.name}`);

const flaky = task({ name: 'flaky', retries: 1, onRunning: hear, onCompletion: hear, onFailure: hear }, async () => {
  if (heard.length < 3) throw new Error('once');
  return 1;
});
const broken = task({ name: 'broken', onFailure: [hear, ({ error }) => void heard.push(String((error as Error).message))] }, async () => {
  throw new Error('no disk');
});

const stopped = task({ name: 'stopped', onCancellation: hear }, async () => cancelled({ message: 'not today' }));
const part = flow({ name: 'part', onCompletion: hear, onFailure: hear }, async ({ ok }: { ok: boolean }) => {
  if (!ok) throw new Error('no');
});

export const hooks = flow({ name: 'hooks', onRunning: hear, onCompletion: hear }, async () => {
  await flaky();
  await broken().catch(() => {});
  await stopped().catch(() => {});
  for (const ok of [true, false]) await part({ ok }).catch(() => {});
  return heard.splice(0);
});

const note = ({ run, error }: StateEvent) => writeFileSync(String(run.parameters.file), `crashed: ${(error as Error).message}`);
/** What nobody can catch ends its process, under an agent; without one it would end the program. */
export const crashing = flow({ name: 'crashing', onCrashed: note }, async (_parameters: { file: string }) => {
  setTimeout(() => {
    throw new Error('nobody catches it');
  });
  await sleep('1h');
});

export const deployments = [hooks, crashing].map((each) => each.deployment({ name: 'pattern', pool: 'local', tags: ['pattern'] }));
await hooks.cli(import.meta);

/** Functions that are told when a task run or the run enters a state. They run in its process; what they throw is only logged. */
import { cancelled, flow, type StateEvent, task } from '@signalbox/sdk';

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

export const hooks = flow({ name: 'hooks', onRunning: hear, onCompletion: hear, onCrashed: hear }, async () => {
  await flaky();
  await broken().catch(() => {});
  await stopped().catch(() => {});
  for (const ok of [true, false]) await part({ ok }).catch(() => {});
  return heard.splice(0);
});

export const deployments = [hooks.deployment({ name: 'pattern', pool: 'local', tags: ['pattern'] })];
await hooks.cli(import.meta);

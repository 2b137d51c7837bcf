/** Who runs, for whom, and keys that stay the same in every attempt. */
import { findRunContext, flow, runContext, tags, task } from '@signalbox/sdk';

const keys = new Set<string>();
const send = task({ name: 'send', tags: ['mail'], retries: 1 }, async (to: string) => {
  const { idempotencyKey, run, task: me, signal } = runContext();
  keys.add(idempotencyKey);
  if (me?.attempt === 1) throw new Error('once'); // the next attempt has the same key
  return { to, key: keys.size, fenced: run.fencingToken.length > 0, aborted: signal.aborted, attempt: me?.attempt };
});

export const context = flow('context', async (_parameters, { run }) => {
  keys.clear();
  const sent = await tags(['newsletter'], () => send('ada'));
  const { traceparent } = runContext(); // to send along with requests, so that one trace goes on
  return { ...sent, traceparent, flow: run.flow, parameters: run.parameters, inside: findRunContext() !== null };
});

export const deployments = [context.deployment({ name: 'pattern', pool: 'local', tags: ['pattern'], parameters: { who: 'ada' } })];
await context.cli(import.meta);

/** What a run reads of its workspace and tells it: variables, secrets by reference, blocks with a type, events. */
import { block, emitEvent, flow, logger, runContext, secret, secretProvider, task, variable } from '@signalbox/sdk';
import { z } from 'zod';

// Where secrets are kept; `env:NAME`, `file:/path` and plain names need no provider.
secretProvider('drawer', (name) => (name === 'mail/password' ? 'hunter2-in-the-drawer' : null));

// In the workspace: { "host": "mail.internal", "password": { "$secret": "drawer:mail/password" } }
const mailbox = block({
  type: 'mailbox',
  schema: z.object({ host: z.string(), port: z.number().default(587), password: z.string() }),
  secrets: ['password'],
});

const send = task('send', async (region: string) => {
  const { host, port, password } = await mailbox.load('pattern');
  logger.info(`sending with ${password}`); // masked: sending with ******
  await emitEvent('mail.sent', { resource: `region/${region}`, payload: { region, password } }); // masked here too
  return `${host}:${port} ${password.length}`;
});

const tells = task({ name: 'tells', retries: 1 }, async () => {
  await emitEvent('mail.told', { resource: 'mailbox/pattern' }); // once, however often the step is tried
  if (runContext().task?.attempt === 1) throw new Error('once');
});

export const workspace = flow('workspace', async () => {
  const regions = await variable<string[]>('pattern-regions', ['eu', 'us']);
  const sent = await send.map(regions);
  await tells();
  const missing = await secret('drawer:nothing').catch((error: Error) => error.message);
  return { regions, sent, missing };
});

export const deployments = [workspace.deployment({ name: 'pattern', pool: 'local', tags: ['pattern'] })];
await workspace.cli(import.meta);

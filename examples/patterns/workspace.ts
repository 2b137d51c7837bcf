/** What a run reads of its workspace and tells it: variables, secrets by reference, events. */
import { emitEvent, flow, logger, secret, secretProvider, task, variable } from '@signalbox/sdk';

// Where secrets are kept; `env:NAME`, `file:/path` and plain names need no provider.
secretProvider('drawer', (name) => (name === 'mail/password' ? 'hunter2-in-the-drawer' : null));

const send = task('send', async (region: string) => {
  const password = await secret('drawer:mail/password');
  logger.info(`sending with ${password}`); // masked: sending with ******
  await emitEvent('mail.sent', { resource: `region/${region}`, payload: { region, password } }); // masked here too
  return password.length;
});

export const workspace = flow('workspace', async () => {
  const regions = await variable<string[]>('pattern-regions', ['eu', 'us']);
  const lengths = await send.map(regions);
  const missing = await secret('drawer:nothing').catch((error: Error) => error.message);
  return { regions, lengths: await lengths, missing };
});

export const deployments = [workspace.deployment({ name: 'pattern', pool: 'local', tags: ['pattern'] })];
await workspace.cli(import.meta);

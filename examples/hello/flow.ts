import { flow, task } from '@signalbox/sdk';

const greet = task('greet', async (who: string) => `Hello, ${who}!`);

export const hello = flow('hello', async ({ who = 'world' }: { who?: string }, { logger }) => {
  logger.info(await greet(who));
});

export const deployments = [hello.deployment({ name: 'default', pool: 'local' })];

await hello.cli(import.meta);

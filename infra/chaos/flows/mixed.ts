/** What the load is made of. Each start and each end of user code is a line in a file that no fault touches. */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  concurrency,
  cron,
  defineDeployments,
  flow,
  interval,
  logger,
  pause,
  type RunContext,
  rrule,
  runContext,
  runDeployment,
  sleep,
  suspend,
  task,
} from '@signalbox/sdk';
import { z } from 'zod';

const folder = () => process.env['CHAOS_NOTES'] ?? '.';
/** One write of a line: appends of one process after another never mix. */
const note = (kind: string, ctx: RunContext, ...more: number[]) =>
  appendFileSync(join(folder(), kind), `${[ctx.run.id, ctx.run.epoch, ...more].join(' ')}\n`);

const parameters = z.object({
  tasks: z.int().min(0).max(200).default(3),
  ms: z.int().min(0).max(60_000).default(0),
  /** What limits and queues take turns by. */
  key: z.string().default('a'),
});

const step = task({ name: 'step' }, async (n: number) => {
  logger.info(`chaos line ${n}`);
  // A step whose result is kept is not run again in a later epoch: each epoch has the lines of what ran in it.
  note('lines', runContext());
  return n;
});

async function work({ tasks, ms }: z.output<typeof parameters>, ctx: RunContext): Promise<number> {
  note('starts', ctx);
  const done = await step.map(Array.from({ length: tasks }, (_, index) => index + 1));
  if (ms > 0) await sleep(ms);
  note('ends', ctx, done.length);
  return done.length;
}

const short = flow({ name: 'short', parameters }, work);
const requeued = flow({ name: 'requeued', parameters }, work);
const limited = flow({ name: 'limited', parameters }, work);

/** Fails on its first two attempts. */
const failing = flow({ name: 'failing', parameters, retries: 2, retryDelay: '200ms' }, async (given, ctx) => {
  note('starts', ctx);
  if (ctx.run.attempt <= 2) throw new Error(`attempt ${ctx.run.attempt} shall fail`);
  note('ends', ctx, 0);
  return given.tasks;
});

/** Two at once, whatever deployment asks. */
const named = flow({ name: 'named', parameters }, async (given, ctx) => {
  note('starts', ctx);
  const result = await concurrency('chaos-named', async () => {
    note('entered', ctx);
    await sleep(50 + given.ms);
    note('left', ctx);
    return 1;
  });
  note('ends', ctx, 0);
  return result;
});

/** Every instant becomes a run, however long no replica could make one. */
const owed = { catchUp: 'all', catchUpWindow: '1h' } as const;
const fired = flow({ name: 'fired', parameters }, work);
const keyed = flow({ name: 'keyed', parameters }, work);
const fair = flow({ name: 'fair', parameters }, work);

/** Waits for a person with its process, between two tasks. */
const asking = flow({ name: 'asking', parameters }, async (given, ctx) => {
  note('starts', ctx);
  await step(1);
  await pause({ message: 'Go on?', key: 'ask', timeout: '10m' });
  await step(2);
  note('ends', ctx, 2);
  return given.tasks;
});

/** The same without its process: another epoch carries on. */
const leaving = flow({ name: 'leaving', parameters }, async (given, ctx) => {
  note('starts', ctx);
  await step(1);
  await suspend({ message: 'Go on?', key: 'leave', timeout: '10m' });
  await step(2);
  note('ends', ctx, 2);
  return given.tasks;
});

/** Waits for two children, one of which is asked for while the other runs. What becomes of them is theirs. */
const parent = flow({ name: 'parent', parameters }, async ({ tasks, ms }, ctx) => {
  note('starts', ctx);
  const child = (deployment: string) => runDeployment(deployment, { parameters: { tasks, ms }, throwOnFailure: false });
  const children = await Promise.all([child('short/reuse'), sleep(ms / 2).then(() => child('requeued/requeue'))]);
  note('ends', ctx, children.length);
  return children.map(({ state }) => state.name);
});

export const deployments = defineDeployments([
  short.deployment({ name: 'fresh', pool: 'local' }),
  short.deployment({ name: 'reuse', pool: 'local', isolation: 'reuse' }),
  requeued.deployment({ name: 'requeue', pool: 'local', onLostAgent: 'requeue', isolation: 'reuse' }),
  limited.deployment({ name: 'one', pool: 'local', concurrencyLimit: 2, isolation: 'reuse', onLostAgent: 'requeue' }),
  failing.deployment({ name: 'retry', pool: 'local', isolation: 'reuse', onLostAgent: 'retry' }),
  named.deployment({ name: 'slots', pool: 'local', isolation: 'reuse' }),
  keyed.deployment({
    name: 'newest',
    pool: 'local',
    isolation: 'reuse',
    onLostAgent: 'requeue',
    concurrency: { limit: 1, key: '{{ parameters.key }}', strategy: 'CANCEL_OLD' },
  }),
  fair.deployment({ name: 'turns', pool: 'local', queue: 'fair', isolation: 'reuse', onLostAgent: 'requeue' }),
  asking.deployment({ name: 'person', pool: 'local', isolation: 'reuse', onLostAgent: 'requeue' }),
  leaving.deployment({ name: 'person', pool: 'local', isolation: 'reuse', onLostAgent: 'requeue' }),
  parent.deployment({ name: 'two', pool: 'local', isolation: 'reuse', onLostAgent: 'requeue' }),
  fired.deployment({
    name: 'always',
    pool: 'local',
    isolation: 'reuse',
    onLostAgent: 'requeue',
    schedules: [
      interval('1s', { slug: 'every-second', ...owed }),
      interval('7s', { slug: 'anchored', anchor: new Date('2026-01-01T00:00:03Z'), ...owed }),
      cron('*/5 * * * * *', { slug: 'cron', timezone: 'Australia/Lord_Howe', ...owed }),
      rrule('FREQ=MINUTELY;BYSECOND=0,20,40', { slug: 'rrule', timezone: 'Europe/Berlin', ...owed }),
    ],
  }),
]);

export { asking, failing, fair, fired, keyed, leaving, limited, named, parent, requeued, short };

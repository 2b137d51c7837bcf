import type { Channel, Delivery, DeliveryStatus } from '@signalbox/proto/api';
import { CliError } from '../../cli-error.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { EXIT } from '../../exit-code.ts';
import { relative } from '../../output/time.ts';

/** A test ends within this, or goes on being tried. */
const TEST_MS = 15_000;
const LOOK_EVERY_MS = 300;

export async function listChannels(context: Context): Promise<void> {
  const channels = await (await context.client()).notifications.channels.query();
  if (context.json) return context.printJson(channels);
  context.printTable(
    channels,
    [
      { header: 'CHANNEL', value: ({ name }) => name, min: 10 },
      { header: 'KIND', value: ({ kind }) => kind },
      { header: 'TO', value: ({ target }) => target, min: 10 },
      { header: 'FROM', value: ({ leastSeverity }) => leastSeverity, drop: 1 },
      {
        header: 'LAST',
        value: ({ isEnabled, last }) => (isEnabled ? (last ? `${last.status} ${relative(last.at, context.host.now())}` : 'never') : 'off'),
      },
    ],
    'No channels. Make one in the console, under Notifications.',
  );
}

export async function testChannel(context: Context, _options: GlobalOptions, ref: string): Promise<void> {
  const client = await context.client();
  const channel = await findChannel(context, ref);
  const { id } = await client.notifications.test.mutate({ channel: channel.id });
  const until = Date.now() + TEST_MS;
  let delivery: Delivery | undefined;
  do {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    delivery = (await client.notifications.deliveries.query({ channel: channel.id, limit: 20 })).items.find((each) => each.id === id);
  } while (delivery?.attempts.length === 0 && Date.now() < until);
  if (!delivery) throw new CliError('the test is not in the log any more');
  if (context.json) context.printJson(delivery);
  const error = delivery.attempts.at(-1)?.error;
  if (error) throw new CliError(`${channel.name} did not take it: ${error}`);
  if (delivery.status !== 'sent') throw new CliError(`${channel.name} is ${delivery.status} after ${TEST_MS / 1_000} s`);
  if (!context.json) context.print(`${channel.name} took it.`);
}

export async function showLog(
  context: Context,
  { channel: ref, status }: GlobalOptions & { channel?: string; status?: DeliveryStatus },
): Promise<void> {
  const channel = ref === undefined ? null : await findChannel(context, ref);
  const page = await (await context.client()).notifications.deliveries.query({
    limit: 50,
    ...(channel ? { channel: channel.id } : {}),
    ...(status ? { status } : {}),
  });
  if (context.json) return context.printJson(page);
  context.printTable(
    page.items,
    [
      { header: 'WHEN', value: ({ createdAt }) => relative(createdAt, context.host.now()) },
      { header: 'CHANNEL', value: ({ channel: { name } }) => name, min: 8 },
      { header: 'STATUS', value: (delivery) => statusOf(delivery, context) },
      { header: 'SUBJECT', value: ({ subject, isRecovery }) => (isRecovery ? `Over: ${subject}` : subject), min: 16 },
      { header: 'DELIVERY', value: ({ id }) => id, drop: 2 },
      { header: 'ERROR', value: ({ attempts }) => attempts.at(-1)?.error ?? '', drop: 1 },
    ],
    'Nothing was told.',
  );
}

export async function resendDelivery(context: Context, _options: GlobalOptions, delivery: string): Promise<void> {
  const reply = await (await context.client()).notifications.resend.mutate({ delivery: delivery as Delivery['id'] });
  if (context.json) return context.printJson(reply);
  context.print(`${reply.channel.name} is told again: ${reply.status}.`);
}

function statusOf({ status, attempts }: Delivery, { style }: Context): string {
  if (status === 'failed') return style.red(status);
  return status === 'queued' && attempts.length > 0 ? style.yellow(`tried ${attempts.length}`) : status;
}

async function findChannel(context: Context, ref: string): Promise<Channel> {
  const channels = await (await context.client()).notifications.channels.query();
  const found = channels.find(({ id, name }) => id === ref || name === ref);
  if (!found) throw new CliError(`no channel "${ref}"`, { exitCode: EXIT.notFound, hint: 'see them: signalbox notifications ls' });
  return found;
}

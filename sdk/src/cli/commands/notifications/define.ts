import { type Command, Option } from 'commander';
import { examples } from '../../examples.ts';
import type { Bind } from '../../verb.ts';

const REF = 'name or id of the channel';

export function defineNotifications(program: Command, bind: Bind): void {
  const notifications = program.command('notifications').description('Channels that tell people, and what was told by them');
  const ls = notifications
    .command('ls')
    .description('List channels')
    .action(bind(async () => (await import('./notifications.ts')).listChannels));
  examples(ls, 'signalbox notifications ls');
  const test = notifications
    .command('test')
    .description('Send a test by a channel, and wait for what becomes of it')
    .argument('<channel>', REF)
    .action(bind(async () => (await import('./notifications.ts')).testChannel));
  examples(test, 'signalbox notifications test ops');
  const log = notifications
    .command('log')
    .description('Show what was told, newest first')
    .option('--channel <channel>', REF)
    .addOption(new Option('--status <status>', 'those alone').choices(['queued', 'held', 'sent', 'failed']))
    .action(bind(async () => (await import('./notifications.ts')).showLog));
  const resend = notifications
    .command('resend')
    .description('Try one again that was given up')
    .argument('<delivery>', 'id of the delivery, as the log says')
    .action(bind(async () => (await import('./notifications.ts')).resendDelivery));
  examples(resend, 'signalbox notifications resend dlv_01h455vb4pex5vsknk084sn02q');
  examples(log, 'signalbox notifications log --status failed');
}

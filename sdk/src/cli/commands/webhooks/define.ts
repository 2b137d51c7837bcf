import { type Command, Option } from 'commander';
import { examples } from '../../examples.ts';
import { collect, wholeNumber } from '../../option-values.ts';
import type { Bind } from '../../verb.ts';

const REF = 'name or id of the webhook';
const PRESETS = ['generic', 'github', 'gitlab', 'stripe', 'aws', 'slack', 'alertmanager', 'cloudevents'];

export function defineWebhooks(program: Command, bind: Bind): void {
  const webhooks = program.command('webhooks').description('Addresses at which other systems tell of what happened there');
  const ls = webhooks
    .command('ls')
    .description('List webhooks')
    .action(bind(async () => (await import('./show-webhooks.ts')).listWebhooks));
  examples(ls, 'signalbox webhooks ls');
  const show = webhooks
    .command('show')
    .description('Show one with its template')
    .argument('<webhook>', REF)
    .action(bind(async () => (await import('./show-webhooks.ts')).showWebhook));
  examples(show, 'signalbox webhooks show orders');
  const apply = webhooks
    .command('apply')
    .description('Make webhooks as a file says, or change those of their names; prints the address of a new one, once')
    .requiredOption('-f, --file <file>', 'one, or a list, as YAML or JSON: name, preset, verify, template, isEnabled')
    .action(bind(async () => (await import('./apply-webhooks.ts')).applyWebhooks));
  examples(apply, 'signalbox webhooks apply -f webhooks.yaml');
  const rotate = webhooks
    .command('rotate')
    .description('Give one another address; the old one is taken for a while')
    .argument('<webhook>', REF)
    .option('--grace-hours <n>', 'how long the old address is taken, 0 to 168 (default: 24)', wholeNumber)
    .action(bind(async () => (await import('./change-webhook.ts')).rotateWebhook));
  examples(rotate, 'signalbox webhooks rotate orders --grace-hours 0');
  const test = webhooks
    .command('test')
    .description('Show the events that a request would become; nothing is written')
    .argument('[webhook]', `${REF}; without one, --preset alone`)
    .addOption(new Option('--preset <preset>', 'as this sender').choices(PRESETS))
    .requiredOption('--body <file>', 'body of the request; - reads standard input')
    .option('--header <name:value>', 'a header of it (repeatable)', collect, [])
    .action(bind(async () => (await import('./test-webhook.ts')).testWebhook));
  examples(
    test,
    'signalbox webhooks test orders --body order.json',
    'signalbox webhooks test --preset github --header "x-github-event: push" --body push.json',
  );
  const deliveries = webhooks
    .command('deliveries')
    .description('List the requests of the last seven days, newest first, and what became of each')
    .argument('<webhook>', REF)
    .action(bind(async () => (await import('./show-webhooks.ts')).listDeliveries));
  examples(deliveries, 'signalbox webhooks deliveries orders');
  for (const [name, does] of [
    ['enable', 'Take requests again'],
    ['disable', 'Take no requests; its address answers that there is nothing'],
  ] as const) {
    const command = webhooks
      .command(name)
      .description(does)
      .argument('<webhook>', REF)
      .action(bind(async () => (await import('./change-webhook.ts')).switchWebhook(name === 'enable')));
    examples(command, `signalbox webhooks ${name} orders`);
  }
  const remove = webhooks
    .command('delete')
    .description('Delete one: its address is gone for good')
    .argument('<webhook>', REF)
    .option('-y, --yes', 'do not ask')
    .action(bind(async () => (await import('./change-webhook.ts')).deleteWebhook));
  examples(remove, 'signalbox webhooks delete orders --yes');
}

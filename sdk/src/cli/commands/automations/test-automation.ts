import { CliError } from '../../cli-error.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { automationsIn } from './apply-automations.ts';

type Options = GlobalOptions & { file?: string; days?: number };

export async function testAutomation(context: Context, { file, days = 7 }: Options, automation?: string): Promise<void> {
  if ((automation === undefined) === (file === undefined)) throw new CliError('expected either the name of an automation or --file');
  const client = await context.client();
  const tested =
    file === undefined
      ? [{ name: automation ?? '', of: { automation: automation ?? '' } }]
      : (await automationsIn(file)).map(({ name, trigger }) => ({ name, of: { trigger } }));
  for (const { name, of } of tested) {
    const reply = await client.automations.test.query({ ...of, days });
    if (context.json) context.printJson(reply);
    else {
      for (const { at, event } of reply.firings)
        context.print([at, event?.name ?? 'nothing came', event?.resource.id].filter(Boolean).join('  '));
      context.print(`${name} would have fired ${reply.count} times on ${reply.events} events since ${reply.since}.`);
    }
  }
}

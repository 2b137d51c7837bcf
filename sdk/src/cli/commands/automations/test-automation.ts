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
      : (await automationsIn(context, file)).map(({ name, trigger }) => ({ name, of: { trigger } }));
  for (const { name, of } of tested) {
    const reply = await client.automations.test.query({ ...of, days });
    if (context.json) context.printJson(reply);
    else printReplay(context, name, reply);
  }
}

type Reply = Awaited<ReturnType<Awaited<ReturnType<Context['client']>>['automations']['test']['query']>>;

/** When it would have fired, oldest first as the answer has them, and how often in all. */
export function printReplay(context: Context, name: string, { firings, count, events, since }: Reply): void {
  for (const { at, event } of firings) context.print([at, event?.name ?? 'nothing came', event?.resource.id].filter(Boolean).join('  '));
  context.print(`${name} would have fired ${count === 1 ? 'once' : `${count} times`} on ${events} events since ${since}.`);
}

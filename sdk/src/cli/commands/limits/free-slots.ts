import { CliError } from '../../cli-error.ts';
import { confirm } from '../../confirm.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { findRun } from '../runs/find-run.ts';
import { takenOf } from './limit-text.ts';

export async function freeSlots(context: Context, options: GlobalOptions & { yes?: boolean }, ref: string, runRef: string): Promise<void> {
  const client = await context.client();
  const run = await findRun(client, runRef);
  const holders = await client.limits.holders.query({ of: ref, limit: 200 });
  const held = holders.items.filter((one) => one.run.id === run);
  if (held.length === 0) throw new CliError(`${runRef} holds no slot of ${ref}`, { hint: `see who does: signalbox limits show ${ref}` });
  await confirm(context, `Free what ${runRef} holds of ${ref}, though its code goes on?`, options);
  let limit = await client.limits.get.query({ limit: ref });
  for (const { request } of held) limit = await client.limits.freeSlots.mutate({ limit: ref, run, request });
  if (context.json) return context.printJson(limit);
  context.print(`Freed what ${runRef} held of ${limit.name}: ${takenOf(limit)} taken.`);
}

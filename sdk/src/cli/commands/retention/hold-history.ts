import { confirm } from '../../confirm.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { heldBy } from './show-retention.ts';

type HoldOptions = GlobalOptions & { reason: string; run?: string; deployment?: string };

export async function placeHold(context: Context, { reason, run, deployment }: HoldOptions): Promise<void> {
  const hold = await (await context.client()).retention.hold.mutate({ reason, run, deployment });
  if (context.json) return context.printJson(hold);
  context.print(`Held: ${heldBy(hold)} (${hold.id}).`);
}

export async function releaseHold(context: Context, options: GlobalOptions & { yes?: boolean }, id: string): Promise<void> {
  await confirm(context, `Release ${id}? What it keeps goes when its time is over, which may be today.`, options);
  const hold = await (await context.client()).retention.release.mutate({ hold: id });
  if (context.json) return context.printJson(hold);
  context.print(`Released: ${heldBy(hold)}.`);
}

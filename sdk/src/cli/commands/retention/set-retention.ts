import type { setRetentionInput } from '@signalbox/proto/api';
import type { z } from 'zod';
import { confirm } from '../../confirm.ts';
import type { Context, GlobalOptions } from '../../context.ts';

/** The server says which days there are. */
export async function setRetention(context: Context, options: GlobalOptions & { yes?: boolean }, days: number): Promise<void> {
  await confirm(context, `Keep runs that are created from now on for ${days} days?`, options);
  const input = { days } as z.input<typeof setRetentionInput>;
  const retention = await (await context.client()).retention.set.mutate(input);
  if (context.json) return context.printJson(retention);
  context.print(`Runs that are created from now on are kept for ${retention.days} days after their end.`);
}

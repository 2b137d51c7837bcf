import type { Context, GlobalOptions } from '../../context.ts';
import { instant } from '../../output/time.ts';

/** The command alone goes to standard output, so that it can be piped to the machine that shall run it. */
export async function createJoinCode(context: Context, options: GlobalOptions & { expiresIn?: number }, pool: string): Promise<void> {
  const join = await (await context.client()).agents.createJoinCode.mutate({ pool, expiresInMinutes: options.expiresIn });
  if (context.json) return context.printJson(join);
  context.note(
    `Run this on the machine that shall serve pool ${pool}. It works once, until ${instant(join.expiresAt, context.host.now())}:`,
    '',
  );
  context.print(join.command);
}

import { isTerminal } from '@signalbox/proto';
import type { Blocker } from '@signalbox/proto/api';
import type { Context, GlobalOptions } from '../../context.ts';
import { instant } from '../../output/time.ts';
import { harmless } from '../../output/width.ts';
import { findRun } from './find-run.ts';

export async function explainRun(context: Context, _options: GlobalOptions, ref: string): Promise<void> {
  const client = await context.client();
  const explanation = await client.runs.explain.query({ run: await findRun(client, ref) });
  if (context.json) return context.printJson(explanation);
  const { blockers, state } = explanation;
  if (blockers.length === 0) return context.print(unblocked(state));
  for (const blocker of blockers) printBlocker(context, blocker);
}

function unblocked(state: { type: string; name: string }): string {
  if (state.type === 'SCHEDULED') return 'Nothing is in its way: the next claim of an agent takes it.';
  return isTerminal(state.type as Parameters<typeof isTerminal>[0]) ? `It has ended: ${state.name}.` : `It is ${state.name}.`;
}

function printBlocker(context: Context, { message, since, holders, holderCount, frees }: Blocker): void {
  const { style, host } = context;
  context.print(`${style.yellow('!')} ${harmless(message)}`);
  if (since) context.print(style.dim(`  since ${instant(since, host.now())}`));
  for (const holder of holders) {
    const where = holder.agent ? `on ${holder.agent}, ` : '';
    context.print(`  - ${harmless(holder.name)}  ${style.dim(`${holder.deployment}, ${where}since ${instant(holder.since, host.now())}`)}`);
  }
  if (holderCount > holders.length) context.print(style.dim(`    and ${holderCount - holders.length} more`));
  context.print(style.dim(`  frees it: ${harmless(frees)}`));
}

import type { TerminalStateType } from '@signalbox/proto';
import type { RunSummary, setRunStateInput } from '@signalbox/proto/api';
import type { z } from 'zod';
import type { Audited } from '../../platform/audit.ts';
import type { CommandCtx } from '../../platform/services.ts';
import { actorName, moveRun } from './move-run.ts';

/** Names of the states themselves. */
export const TITLE: { readonly [T in TerminalStateType]: string } = {
  COMPLETED: 'Completed',
  FAILED: 'Failed',
  CRASHED: 'Crashed',
  CANCELLED: 'Cancelled',
};

/**
 * A person says how a run ended: one that has ended is called otherwise (result and failure stay), one that waits, is
 * suspended or lost ends here. Nothing else can be forced: no claim, no permit, no slot.
 * @throws CONFLICT while an agent holds it: its process would go on.
 */
export async function setRunState(ctx: CommandCtx, input: z.output<typeof setRunStateInput>): Promise<Audited<RunSummary>> {
  const { type, name = TITLE[type], reason } = input;
  return moveRun(ctx, input, { kind: 'force', by: actorName(ctx), to: { type, name, reason } });
}

/** Waits that the state itself tells of. */
import type { Blocker } from '@signalbox/proto/api';
import { blocker, type LiveRun } from './blocker-source.ts';

export async function stateBlockers(_ctx: unknown, run: LiveRun): Promise<Blocker[]> {
  const { state, stateAt } = run;
  if (state.type === 'PENDING') {
    const message = `Agent "${run.agent?.name ?? 'unknown'}" has it and prepares to start it.`;
    return [blocker('starting', message, 'Its code is loaded and the permit is given; past its start timeout it goes back.', stateAt)];
  }
  if (state.type === 'PAUSED') return [blocker('paused', 'It is paused until somebody resumes it.', 'Resume it, or cancel it.', stateAt)];
  return [];
}

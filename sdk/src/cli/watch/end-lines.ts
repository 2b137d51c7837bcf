import { isTerminal } from '@signalbox/proto';
import type { RunDetail } from '@signalbox/proto/api';
import { formatMs } from '../../duration.ts';
import { stateLabel } from '../output/run-state.ts';
import type { Style } from '../output/style.ts';
import { harmless } from '../output/width.ts';

/** What is said once a run has ended: how, how long it took, and why if it failed. Empty while it lives. */
export function endLines(run: RunDetail, style: Style): string[] {
  if (!isTerminal(run.state.type)) return [];
  const took = run.durationMs === null ? '' : ` in ${formatMs(run.durationMs)}`;
  const lines = [`${stateLabel(run.state, style)}${took}`];
  if (run.failure) {
    const { kind, name, message } = run.failure;
    lines.push(...`${name ?? kind}: ${message}`.split('\n').map((line) => `  ${style.red(harmless(line))}`));
  } else if (run.state.type !== 'COMPLETED' && run.state.message) lines.push(`  ${harmless(run.state.message)}`);
  return lines;
}

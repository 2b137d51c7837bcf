import type { Limit } from '@signalbox/proto/api';
import type { Style } from '../../output/style.ts';

/** The limit's status as a colored word. */
export function limitStatus(limit: Limit, style: Style): string {
  if (!limit.active) return style.dim('off');
  if (limit.slots === 0) return style.red('closed');
  return limit.taken + 1 > limit.slots + 1e-9 ? style.yellow('full') : style.green('open');
}

/** `2 of 5`; of a rate what is taken of it now, rounded up. */
export function takenOf({ taken, slots }: Limit): string {
  return `${Math.max(0, Math.ceil(taken - 1e-9))} of ${slots}`;
}

/** `slots`, or `2/s`. */
export function kindOf({ decayPerSecond }: Limit): string {
  return decayPerSecond === null ? 'slots' : `${decayPerSecond}/s`;
}

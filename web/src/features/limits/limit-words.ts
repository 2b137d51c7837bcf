/** What a limit is and does now, in words. Pure. */
import type { Limit } from '@signalbox/proto/api';
import { plural } from '../../lib/format.ts';

export type LimitState = 'open' | 'full' | 'closed' | 'off';

export function limitState({ active, slots, taken }: Pick<Limit, 'active' | 'slots' | 'taken'>): LimitState {
  if (!active) return 'off';
  if (slots === 0) return 'closed';
  // The last billionth is the arithmetic's of a rate.
  return taken + 1 > slots + 1e-9 ? 'full' : 'open';
}

/** Slots taken as a whole number: what is left of a rate's slot counts as taken. */
export function takenSlots({ taken }: Pick<Limit, 'taken'>): number {
  return Math.max(0, Math.ceil(taken - 1e-9));
}

/** What it limits. */
export function limitScope({ name, slots, decayPerSecond }: Pick<Limit, 'name' | 'slots' | 'decayPerSecond'>): string {
  const tag = name.startsWith('tag:') ? name.slice(4) : null;
  const what = tag === null ? 'concurrency() and rateLimit() in code' : `task runs with the tag ${tag}`;
  if (decayPerSecond === null) return `${plural(slots, 'slot')} for ${what}`;
  return `${slots} at once, then ${decayPerSecond} a second, for ${what}`;
}

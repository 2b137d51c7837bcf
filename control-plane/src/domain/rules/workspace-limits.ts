/** What a workspace may use: the words of configuration and of the operator. Absent and 0 alike mean unlimited. */
import { METERED, type Metered, type UsageSpan } from '@signalbox/proto/api';

export type UsageKind = Metered | 'agents';
/** `apiCalls.minute`, `agents.now` ... */
export type UsageLimitName = `${Metered}.minute` | `${Metered}.day` | 'agents.now';
/** Those that have a number; a number above 0, or 0 where an operator lifts a default. */
export type WorkspaceLimits = Partial<Readonly<Record<UsageLimitName, number>>>;

export const USAGE_LIMIT_NAMES: readonly UsageLimitName[] = [
  ...METERED.flatMap((kind) => [`${kind}.minute`, `${kind}.day`] as const),
  'agents.now',
];

/** `apiCalls.minute` is (`apiCalls`, `minute`). */
export function partsOf(name: UsageLimitName): { readonly kind: UsageKind; readonly span: UsageSpan } {
  const [kind, span] = name.split('.') as [UsageKind, UsageSpan];
  return { kind, span };
}

/**
 * Reads `apiCalls.minute=6000,agents.now=50`. @throws RangeError naming what is wrong and what may be said.
 */
export function parseWorkspaceLimits(text: string): WorkspaceLimits {
  const limits: Partial<Record<UsageLimitName, number>> = {};
  for (const item of text.split(',').map((each) => each.trim())) {
    if (item === '') continue;
    const [name = '', value = ''] = item.split('=').map((each) => each.trim());
    if (!isLimitName(name)) throw new RangeError(`"${name}" is no limit: expected one of ${USAGE_LIMIT_NAMES.join(', ')}`);
    if (!/^\d{1,15}$/.test(value)) throw new RangeError(`${name}: expected a whole number, 0 for unlimited, got "${value}"`);
    limits[name] = Number(value);
  }
  return limits;
}

function isLimitName(name: string): name is UsageLimitName {
  return (USAGE_LIMIT_NAMES as readonly string[]).includes(name);
}

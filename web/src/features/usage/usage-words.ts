import type { Usage } from '@signalbox/proto/api';
import { formatBytes, formatCount } from '../../lib/format.ts';

export type Kind = Usage['kinds'][number]['kind'];
export type Bound = Usage['kinds'][number]['limits'][number];

export const KIND_WORDS: Readonly<Record<Kind, string>> = {
  apiCalls: 'API calls',
  events: 'Events of your own',
  logBytes: 'Logs',
  runs: 'New runs',
  agents: 'Agents',
};

export const SPAN_WORDS: Readonly<Record<Bound['span'], string>> = { minute: 'this minute', day: 'today', now: 'now' };

export function amount(kind: Kind, value: number): string {
  return kind === 'logBytes' ? formatBytes(value) : formatCount(value);
}

/** How near the end of it: from four fifths on it deserves a look. */
export function levelOf({ used, most }: Bound): 'open' | 'fine' | 'near' | 'over' {
  if (most === null) return 'open';
  if (used >= most) return 'over';
  return used >= most * 0.8 ? 'near' : 'fine';
}

import type { Limit } from '@signalbox/proto/api';
import { CircleCheck, CircleOff, CirclePause, Hourglass } from 'lucide-react';
import { type LimitState, limitState } from './limit-words.ts';

const LOOK = {
  open: { word: 'Open', color: 'text-good', icon: CircleCheck },
  full: { word: 'Full', color: 'text-warn', icon: Hourglass },
  closed: { word: 'Closed', color: 'text-late', icon: CirclePause },
  off: { word: 'Off', color: 'text-ink-3', icon: CircleOff },
} as const satisfies Record<LimitState, object>;

/** Color, icon and word for what it does to who comes now. */
export function LimitStatus({ limit }: { limit: Limit }) {
  const { word, color, icon: Icon } = LOOK[limitState(limit)];
  return (
    <span className={`inline-flex items-center gap-2 whitespace-nowrap text-sm font-medium ${color}`}>
      <Icon aria-hidden className="size-4" strokeWidth={1.75} />
      {word}
    </span>
  );
}

/** Color, icon and word of every state, of runs and task runs: the only place that knows them. */
import type { RunStateType, TaskRunStateType } from '@signalbox/proto';
import {
  AlarmClock,
  Ban,
  CalendarClock,
  CircleCheck,
  CircleDashed,
  CirclePause,
  CirclePlay,
  CircleSlash,
  CircleX,
  type LucideIcon,
  Unplug,
  Zap,
} from 'lucide-react';
import { cn } from '../../lib/class-names.ts';

interface StateLook {
  readonly icon: LucideIcon;
  readonly word: string;
  /** Sets the text color; bars and tints are mixed from `currentColor`. */
  readonly color: string;
}

const LOOK: Record<RunStateType, StateLook> = {
  SCHEDULED: { icon: CalendarClock, word: 'Scheduled', color: 'text-(--state-scheduled)' },
  PENDING: { icon: CircleDashed, word: 'Pending', color: 'text-(--state-pending)' },
  RUNNING: { icon: CirclePlay, word: 'Running', color: 'text-(--state-running)' },
  PAUSED: { icon: CirclePause, word: 'Paused', color: 'text-(--state-paused)' },
  CANCELLING: { icon: CircleSlash, word: 'Cancelling', color: 'text-(--state-cancelling)' },
  COMPLETED: { icon: CircleCheck, word: 'Completed', color: 'text-(--state-completed)' },
  FAILED: { icon: CircleX, word: 'Failed', color: 'text-(--state-failed)' },
  CRASHED: { icon: Zap, word: 'Crashed', color: 'text-(--state-crashed)' },
  CANCELLED: { icon: Ban, word: 'Cancelled', color: 'text-(--state-cancelled)' },
};

/** Names that read better apart. A flow may give its end any other name; it is shown as given. */
const WORD: Record<string, string> = {
  AwaitingRetry: 'Awaiting retry',
  InfrastructurePending: 'Starting',
  AwaitingChild: 'Awaiting child',
  TimedOut: 'Timed out',
  NotReady: 'Not ready',
  RolledBack: 'Rolled back',
};

type AnyState = { readonly type: RunStateType | TaskRunStateType; readonly name?: string | undefined };

export function stateLook({ type, name }: AnyState): StateLook {
  const look = LOOK[type];
  if (name === 'Lost') return { ...look, icon: Unplug, word: 'Lost', color: 'text-(--state-late)' };
  return name ? { ...look, word: WORD[name] ?? name } : look;
}

/** Icon and word; `isTinted` gives it a ground of its own, for headers. */
export function RunStateBadge({ state, isTinted = false }: { state: AnyState; isTinted?: boolean }) {
  const { icon: Icon, word, color } = stateLook(state);
  return (
    <span
      className={cn(
        'inline-flex items-center gap-1.5 whitespace-nowrap text-sm font-medium',
        color,
        isTinted && 'rounded-full bg-[color-mix(in_oklch,currentColor_12%,transparent)] py-0.5 pl-2 pr-2.5',
      )}
    >
      <Icon aria-hidden className={cn('size-4', state.type === 'RUNNING' && state.name !== 'Lost' && 'animate-lamp')} strokeWidth={2} />
      {word}
    </span>
  );
}

/** Due over 15 s ago and not yet taken by an agent. */
export function LateBadge() {
  return (
    <span className="inline-flex items-center gap-1 rounded-full border border-current px-1.5 text-2xs font-medium text-late">
      <AlarmClock aria-hidden className="size-3" />
      Late
    </span>
  );
}

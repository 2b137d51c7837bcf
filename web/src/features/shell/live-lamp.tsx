'use client';
import { Lamp } from '../../components/ui/lamp.tsx';
import { type LiveStatus, useLiveStatus } from '../../lib/live/live.tsx';

const LOOK: Record<LiveStatus, { className: string; text: string }> = {
  connecting: { className: 'text-ink-3', text: 'Connecting' },
  live: { className: 'text-good', text: 'Live' },
  lost: { className: 'text-late', text: 'Reconnecting' },
};

/** Whether what is on screen follows by itself. */
export function LiveLamp() {
  const status = useLiveStatus();
  const { className, text } = LOOK[status];
  return (
    <p role="status" className="flex h-7 items-center gap-2.5 px-3 text-xs text-ink-2">
      <Lamp className={`!size-[7px] ${className}`} isLit={status !== 'connecting'} isBlinking={status === 'lost'} />
      {text}
    </p>
  );
}

import type { WorkPool } from '@signalbox/proto/api';
import { Lamp } from '../../components/ui/lamp.tsx';

const LOOK: Record<WorkPool['status'], { word: string; color: string }> = {
  ready: { word: 'Ready', color: 'text-good' },
  'not-ready': { word: 'Not ready', color: 'text-late' },
  paused: { word: 'Paused', color: 'text-ink-3' },
};

/** The pool's signal: what dispatch itself would answer. */
export function PoolStatus({ status }: { status: WorkPool['status'] }) {
  const { word, color } = LOOK[status];
  return (
    <span className={`inline-flex items-center gap-2.5 whitespace-nowrap text-sm font-medium ${color}`}>
      <Lamp isLit={status !== 'paused'} className="ml-[3px]" />
      {word}
    </span>
  );
}

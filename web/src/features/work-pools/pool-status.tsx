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

/** Why, in words. */
export function statusReason(pool: WorkPool): string {
  if (pool.status === 'paused') return 'Paused by hand: its runs wait until it is resumed.';
  if (pool.status === 'not-ready')
    return pool.agents.total === 0 ? 'No agent serves it yet: install one.' : 'None of its agents accepts work now.';
  return `${pool.agents.online} of ${pool.agents.total} agents accept work.`;
}

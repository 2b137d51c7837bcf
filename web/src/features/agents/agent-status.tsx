import type { Agent } from '@signalbox/proto/api';
import { Lamp } from '../../components/ui/lamp.tsx';

const LOOK: Record<Agent['status'], { word: string; color: string; isLit: boolean }> = {
  online: { word: 'Online', color: 'text-good', isLit: true },
  draining: { word: 'Draining', color: 'text-warn', isLit: true },
  offline: { word: 'Offline', color: 'text-ink-3', isLit: false },
  quarantined: { word: 'Quarantined', color: 'text-danger', isLit: true },
  revoked: { word: 'Revoked', color: 'text-danger', isLit: false },
};

/** Lamp and word: lit while the agent renews its lease. */
export function AgentStatus({ status }: { status: Agent['status'] }) {
  const { word, color, isLit } = LOOK[status];
  return (
    <span className={`inline-flex items-center gap-2.5 whitespace-nowrap text-sm font-medium ${color}`}>
      <Lamp isLit={isLit} className="ml-[3px]" />
      {word}
    </span>
  );
}

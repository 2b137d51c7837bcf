import type { EffectiveValue } from '@signalbox/proto/api';
import { CalendarClock, Circle, Code, Play, TrainTrack, UserPen } from 'lucide-react';

const LOOK: Record<EffectiveValue['from'], { word: string; color: string; Icon: typeof Code; title: string }> = {
  default: { word: 'Default', color: 'text-ink-3', Icon: Circle, title: 'Nobody set it' },
  pool: { word: 'Pool', color: 'text-ink-2', Icon: TrainTrack, title: "The work pool's template" },
  code: { word: 'Code', color: 'text-ink-2', Icon: Code, title: 'What was deployed' },
  overlay: { word: 'Override', color: 'text-warn', Icon: UserPen, title: 'Set by a person over code; a deploy does not undo it' },
  schedule: { word: 'Schedule', color: 'text-ink-2', Icon: CalendarClock, title: 'The schedule that made the run' },
  run: { word: 'Run', color: 'text-ink-2', Icon: Play, title: 'The run itself' },
};

/** Which layer a value comes from: icon, color and word. */
export function LayerBadge({ from }: { from: EffectiveValue['from'] }) {
  const { word, color, Icon, title } = LOOK[from];
  return (
    <span title={title} className={`inline-flex items-center gap-1.5 whitespace-nowrap text-xs font-medium ${color}`}>
      <Icon aria-hidden className="size-3.5" />
      {word}
    </span>
  );
}

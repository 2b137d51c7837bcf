import type { RunStateType, TaskRunStateType } from '@signalbox/proto';
import type { Style } from './style.ts';

type Paint = keyof Style & ('green' | 'red' | 'magenta' | 'gray' | 'blue' | 'cyan' | 'yellow');

const LOOK: Record<RunStateType | TaskRunStateType, { icon: string; color: Paint }> = {
  SCHEDULED: { icon: '◷', color: 'yellow' },
  PENDING: { icon: '○', color: 'cyan' },
  RUNNING: { icon: '●', color: 'blue' },
  PAUSED: { icon: '‖', color: 'yellow' },
  CANCELLING: { icon: '◌', color: 'gray' },
  COMPLETED: { icon: '✓', color: 'green' },
  FAILED: { icon: '✗', color: 'red' },
  CRASHED: { icon: '!', color: 'magenta' },
  CANCELLED: { icon: '⊘', color: 'gray' },
};

/** A state as word, icon and color; the word alone where there are no colors, so that `grep Completed` works. */
export function stateLabel(state: { type: RunStateType | TaskRunStateType; name: string }, style: Style): string {
  const look = LOOK[state.type];
  return style.isColorSupported ? style[look.color](`${look.icon} ${state.name}`) : state.name;
}

/** The state's icon alone. */
export function stateIcon(type: RunStateType | TaskRunStateType, style: Style): string {
  const look = LOOK[type];
  return style[look.color](look.icon);
}

import type { RunPause } from '@signalbox/proto/api';

/** What stands above a question: whether it waits already, and whether a process waits with it. */
export function pauseTitle({ how, inEffect }: Pick<RunPause, 'how' | 'inEffect'>): string {
  if (how === 'pause') return inEffect ? 'Paused: it waits for a person, with its process' : 'It is to pause before its next task';
  return inEffect ? 'Suspended: it waits for a person, and holds no process and no slot' : 'Its process is leaving, to be suspended';
}

/** `ada@example.com and the team finance`. */
export function approverNames({ people, teams }: NonNullable<RunPause['approvers']>): string {
  const names = [...people, ...teams.map((team) => `the team ${team}`)];
  return names.length === 1 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** Runs that wait for each other for ever. Pure. */
import type { BlockingRun } from '@signalbox/proto/api';

/** What a run waits for: its children, room for a process beside those of others, a slot of a named limit that others hold. */
export type Waits = { readonly for: readonly string[] } & (
  | { readonly kind: 'child' }
  | { readonly kind: 'process'; readonly name: string }
  | { readonly kind: 'limit'; readonly name: string }
);

/**
 * A run and everybody it waits for, however far. Every one of them waits: had one been able to go on, there would be
 * nothing to explain. So whatever a run needs one of several for, it gets none.
 */
export type Family = ReadonlyMap<string, { readonly run: BlockingRun; readonly waits: Waits | null }>;

export type Deadlock = { readonly sentences: readonly string[]; readonly holders: readonly BlockingRun[]; readonly frees: string };

/** The shortest circle that the run waits in or for; null when there is none. */
export function findDeadlock(family: Family, runId: string): Deadlock | null {
  if ([...family.values()].some(({ waits }) => waits === null)) return null;
  const circle = circleFrom(family, runId);
  if (!circle) return null;
  const nameOf = (id: string) => family.get(id)?.run.name ?? id;
  const sentences = circle.map((id, index) => {
    const waits = family.get(id)?.waits as Waits;
    const next = nameOf(circle[(index + 1) % circle.length] as string);
    return `${nameOf(id)} waits for ${whatOf(waits, next)}.`;
  });
  const holders = circle.flatMap((id) => family.get(id)?.run ?? []);
  return { sentences, holders, frees: freesOf(circle.map((id) => family.get(id)?.waits as Waits)) };
}

function whatOf(waits: Waits, next: string): string {
  if (waits.kind === 'child') return `its child ${next}`;
  if (waits.kind === 'process') return `room for a process in work pool "${waits.name}", where ${next} keeps one while it waits`;
  return `a slot of limit "${waits.name}", which ${next} holds while it waits`;
}

function freesOf(all: readonly Waits[]): string {
  const tight = all.find(({ kind }) => kind !== 'child');
  if (tight?.kind === 'process')
    return `More room in work pool "${tight.name}": another agent, or a higher --max-processes. Or cancel one of these runs.`;
  if (tight?.kind === 'limit') return `A higher limit "${tight.name}". Or cancel one of these runs.`;
  return 'Cancel one of these runs.';
}

/** Breadth first from each run in reach of `from`, so that the circle told is a short one; `from` itself is tried first. */
function circleFrom(family: Family, from: string): string[] | null {
  const reached = [from];
  for (const id of reached) for (const next of edges(family, id)) if (!reached.includes(next)) reached.push(next);
  for (const start of reached) {
    const circle = wayBack(family, start);
    if (circle) return circle;
  }
  return null;
}

function wayBack(family: Family, start: string): string[] | null {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (const id of queue) {
    for (const next of edges(family, id)) {
      if (next === start) {
        const way = [id];
        while (way[0] !== start) way.unshift(cameFrom.get(way[0] as string) as string);
        return way;
      }
      if (!cameFrom.has(next)) {
        cameFrom.set(next, id);
        queue.push(next);
      }
    }
  }
  return null;
}

function edges(family: Family, id: string): readonly string[] {
  return family.get(id)?.waits?.for ?? [];
}

/** Priorities of a pool's queues: 1, 2, 3 ... without gaps, each once; 1 goes first. */

/** Queues after one was put at a place: ids in order, first the one of priority 1. A place past the end is the end. */
export function placeQueue(ordered: readonly string[], id: string, priority: number): string[] {
  const others = ordered.filter((each) => each !== id);
  const index = Math.max(0, Math.min(Math.trunc(priority) - 1, others.length));
  return [...others.slice(0, index), id, ...others.slice(index)];
}

/** Queues after one was moved by a place towards the first (`up`) or the last (`down`); at the end it stays. */
export function moveQueue(ordered: readonly string[], id: string, direction: 'up' | 'down'): string[] {
  const place = ordered.indexOf(id) + 1;
  return placeQueue(ordered, id, Math.max(1, direction === 'up' ? place - 1 : place + 1));
}

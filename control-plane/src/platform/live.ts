/** "Look at this again", for live pages on all replicas. What is told within a moment goes in one message a workspace. */
import type { NatsConnection } from '@nats-io/transport-node';
import { suffixToUuid, uuidToSuffix } from '@signalbox/proto';
import type { LiveEvent } from '@signalbox/proto/api';
import { platformSubjects } from '@signalbox/proto/subjects';
import type { Log } from './log.ts';

export type LiveListener = (event: LiveEvent) => void;

/** A run changes its state several times in a few milliseconds, and hundreds of runs do. */
const TOGETHER_MS = 15;
const MOST_TOGETHER = 500;

/** One subscription a replica; listeners by workspace. */
export function openLive(nc: Pick<NatsConnection, 'publish' | 'subscribe'>, log: Pick<Log, 'error'>) {
  const listeners = new Map<string, Set<LiveListener>>();
  // A thing of a kind once, by workspace.
  const untold = new Map<string, Map<string, LiveEvent>>();
  let timer: NodeJS.Timeout | undefined;

  const hear = (subject: string) =>
    nc.subscribe(subject, {
      callback: (error, message) => {
        if (error) return log.error({ error }, 'live updates stopped');
        const interested = listeners.get(suffixToUuid(message.subject.split('.')[2] ?? ''));
        if (!interested) return;
        const events = [message.json<LiveEvent | LiveEvent[]>()].flat();
        for (const event of events) for (const listener of interested) listener(event);
      },
    });
  hear(platformSubjects.lives);
  hear(platformSubjects.oneLive);

  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    for (const [workspaceId, events] of untold) {
      const all = [...events.values()];
      for (let i = 0; i < all.length; i += MOST_TOGETHER)
        nc.publish(platformSubjects.live(uuidToSuffix(workspaceId)), JSON.stringify(all.slice(i, i + MOST_TOGETHER)));
    }
    untold.clear();
  };

  return {
    live(workspaceId: string, event: LiveEvent): void {
      const events = untold.get(workspaceId) ?? new Map<string, LiveEvent>();
      untold.set(workspaceId, events);
      const key = `${event.kind} ${event.id}`;
      const known = events.get(key);
      events.set(key, known?.what && event.what ? { ...event, what: [...new Set([...known.what, ...event.what])] } : event);
      timer ??= setTimeout(flush, TOGETHER_MS);
    },
    onLive(workspaceId: string, listener: LiveListener): () => void {
      const set = listeners.get(workspaceId) ?? new Set();
      listeners.set(workspaceId, set.add(listener));
      return () => {
        set.delete(listener);
        if (set.size === 0) listeners.delete(workspaceId);
      };
    },
    /** Tells what waits. */
    flush,
  };
}

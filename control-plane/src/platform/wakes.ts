/**
 * "Look now" for loops that events go through, told to all replicas: ours at once, the others by NATS. Nobody counts on it: each loop
 * also looks by itself.
 */
import type { NatsConnection } from '@nats-io/transport-node';
import { platformSubjects } from '@signalbox/proto/subjects';
import type { Log } from './log.ts';

/** `appended`: events were committed and have no position yet. `sequenced`: they have. */
export type WakeTopic = Parameters<typeof platformSubjects.wake>[0];

/** Other replicas are told of what came within so long, as one: that message stands in nobody's way who waits for an answer now. */
const TOGETHER_MS = 5;

/** `replica` names this one among the others. */
export function openWakes(nc: Pick<NatsConnection, 'publish' | 'subscribe'>, replica: string, log: Pick<Log, 'error'>) {
  const listeners = new Map<string, Set<() => void>>();
  const hear = (subject: string) => {
    for (const listener of listeners.get(subject) ?? []) listener();
  };
  nc.subscribe(platformSubjects.wakes, {
    callback: (error, message) => {
      if (error) return log.error({ error }, 'wakes stopped');
      if (message.string() !== replica) hear(message.subject);
    },
  });
  const untold = new Set<string>();
  const tell = (subject: string): void => {
    untold.delete(subject);
    // A connection that is being closed takes nothing any more.
    try {
      nc.publish(subject, replica);
    } catch (error) {
      log.error({ err: error, subject }, 'other replicas were not woken; they look by themselves');
    }
  };
  const tellSoon = (subject: string): void => {
    if (untold.has(subject)) return;
    untold.add(subject);
    setTimeout(tell, TOGETHER_MS, subject).unref();
  };
  return {
    wake(topic: WakeTopic): void {
      const subject = platformSubjects.wake(topic);
      hear(subject);
      tellSoon(subject);
    },
    onWake(topic: WakeTopic, listener: () => void): () => void {
      const subject = platformSubjects.wake(topic);
      const own = listeners.get(subject) ?? new Set();
      listeners.set(subject, own.add(listener));
      return () => void own.delete(listener);
    },
  };
}

/**
 * "This pool has newly due work", told to all replicas. Ours hears it at once, and its own word not a second time: the way
 * through the server and back would be part of every start.
 */
import type { NatsConnection } from '@nats-io/transport-node';
import { suffixToUuid, uuidToSuffix } from '@signalbox/proto';
import { platformSubjects } from '@signalbox/proto/subjects';
import type { Log } from './log.ts';

export type Nudge = { readonly workspaceId: string; readonly poolId: string };
type Message = { readonly workspaceId: string; readonly from?: string };

/** `replica` names this one among the others. */
export function openNudges(nc: Pick<NatsConnection, 'publish' | 'subscribe'>, replica: string, log: Pick<Log, 'error'>) {
  const listeners = new Set<(nudge: Nudge) => void>();
  let taker: (nudge: Nudge) => boolean = () => false;
  const hear = (nudge: Nudge) => {
    for (const listener of listeners) listener(nudge);
  };
  nc.subscribe(platformSubjects.nudges, {
    callback: (error, message) => {
      if (error) return log.error({ error }, 'nudges stopped');
      const { workspaceId, from } = message.json<Message>();
      if (from !== replica) hear({ workspaceId, poolId: suffixToUuid(message.subject.slice('int.nudge.'.length)) });
    },
  });
  return {
    nudge(workspaceId: string, poolId: string): void {
      if (taker({ workspaceId, poolId })) return;
      nc.publish(platformSubjects.nudge(uuidToSuffix(poolId)), JSON.stringify({ workspaceId, from: replica } satisfies Message));
      hear({ workspaceId, poolId });
    },
    takeNudges(by: (nudge: Nudge) => boolean): void {
      taker = by;
    },
    onNudge(listener: (nudge: Nudge) => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

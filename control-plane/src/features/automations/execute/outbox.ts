/**
 * Works off what is due, some at a time. A turn starts what there is room for and waits for none of it: an address that answers slowly
 * holds up no other action.
 */
import { toId } from '@signalbox/proto';
import type { Services } from '../../../platform/services.ts';
import { sqlOfClient } from '../../../platform/sql.ts';
import { kindOf } from '../actions/index.ts';
import type { Templates } from '../templates/render.ts';
import { executeAction } from './execute-action.ts';
import { type ActionRef, readDueActions } from './store.ts';

/** Actions that one turn looks at. */
const LOOKED_AT = 64;
/** Under way at once: each of ours takes a connection of requests, each of others a socket. */
const ROOM = { inside: 4, outside: 16 } as const;
type Lane = keyof typeof ROOM;

export type Outbox = {
  /** Starts what is due and fits; answers how many. */
  turn(): Promise<number>;
  /** Resolves when nothing is under way here. */
  settled(): Promise<void>;
};

/** `hasRoom`: told when an action ended and others may wait. */
export function openOutbox(services: Services, templates: Templates, hasRoom: () => void = () => {}): Outbox {
  const underWay = new Map<string, Promise<void>>();
  const taken: Record<Lane, number> = { inside: 0, outside: 0 };
  let isMore = false;

  const execute = async (ref: ActionRef, lane: Lane): Promise<void> => {
    taken[lane]++;
    const { outcome } = await executeAction(services, templates, ref).catch((err: unknown) => {
      services.log.error({ err, action: ref.id }, 'what came of an action could not be written down; it is tried again');
      return { outcome: 'taken' as const };
    });
    taken[lane]--;
    underWay.delete(ref.id);
    // Another replica has it, or the database is away: the next turn is soon enough.
    if (outcome === 'taken') return;
    services.bus.live(ref.workspaceId, { kind: 'automation', id: toId('automation', ref.automationId) });
    if (isMore || ref.isOfEdge) hasRoom();
  };

  return {
    async turn() {
      const due = await readDueActions(sqlOfClient(services.db.systemSql), [...underWay.keys()], LOOKED_AT);
      let started = 0;
      for (const ref of due) {
        const lane: Lane = 'inside' in kindOf(ref) ? 'inside' : 'outside';
        if (taken[lane] >= ROOM[lane]) continue;
        underWay.set(ref.id, execute(ref, lane));
        started++;
      }
      isMore = started < due.length || due.length === LOOKED_AT;
      return started;
    },
    settled: async () => void (await Promise.all(underWay.values())),
  };
}

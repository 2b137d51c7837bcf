/**
 * `GET /api/live`: "look at this again", as server-sent events. A stream goes open -> closed when its reader leaves or
 * falls behind, when its credential ends (asked again at every second heartbeat), or when we shut down. Nothing is
 * repeated: a reader reads everything once its stream stands. No transaction is open while it does.
 */
import type { LiveEvent } from '@signalbox/proto/api';
import type { Identity } from '../../platform/actor.ts';
import { AppError, limitExceeded } from '../../platform/errors.ts';
import type { RequestBus } from '../../platform/services.ts';

const HEARTBEAT_MS = 15_000;
/** Streams of one actor: a person with many tabs, a program with many watched runs. */
const MAX_PER_ACTOR = 100;
/** Streams of this replica. */
const MAX_STREAMS = 5_000;
/** Events a reader may be behind; then it is cut off, connects again and reads everything. */
const MAX_BEHIND = 1_000;
const encoder = new TextEncoder();

export type LiveRequest = {
  readonly identity: Identity;
  /** Events of these workspaces. */
  readonly workspaceIds: readonly string[];
  /** Full id: only this run. Null: everything. */
  readonly run: string | null;
  /** Asks again who it is. Null or UNAUTHENTICATED: not any more. */
  reidentify(): Promise<Identity | null>;
};

export type LiveStreams = {
  open(request: LiveRequest): Response;
  /** Ends all streams; readers connect again, to another replica. */
  close(): void;
  readonly count: number;
};

export function openLiveStreams(bus: RequestBus, options: { heartbeatMs?: number } = {}): LiveStreams {
  const heartbeatMs = options.heartbeatMs ?? HEARTBEAT_MS;
  const streams = new Map<() => void, string>();

  function open(request: LiveRequest): Response {
    const actor = `${request.identity.actor.kind}:${request.identity.actor.id}`;
    const own = [...streams.values()].filter((other) => other === actor).length;
    if (own >= MAX_PER_ACTOR) throw limitExceeded(`You have ${own} live streams open; close some.`, { retryAfterMs: 5_000 });
    if (streams.size >= MAX_STREAMS) throw new AppError('UNAVAILABLE', 'Too many live streams are open here.', { retryAfterMs: 5_000 });

    let end = () => {};
    const body = new ReadableStream<Uint8Array>(
      {
        start(controller) {
          const send = (text: string) => {
            if ((controller.desiredSize ?? 0) <= 0) return end();
            controller.enqueue(encoder.encode(text));
          };
          const unsubscribe = request.workspaceIds.map((id) => bus.onLive(id, (event) => concerns(request, event) && send(frame(event))));
          const stopBeating = beat(request, heartbeatMs, send, () => end());
          end = () => {
            if (!streams.delete(end)) return;
            stopBeating();
            for (const stop of unsubscribe) stop();
            controller.close();
          };
          streams.set(end, actor);
          send('retry: 2000\n: open\n\n');
        },
        cancel: () => {
          try {
            end();
          } catch {
            // The reader has left: there is nobody to close it for.
          }
        },
      },
      { highWaterMark: MAX_BEHIND },
    );
    return new Response(body, {
      headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-accel-buffering': 'no' },
    });
  }

  return {
    open,
    close: () => {
      for (const end of [...streams.keys()]) end();
    },
    get count() {
      return streams.size;
    },
  };
}

function concerns({ run }: LiveRequest, event: LiveEvent): boolean {
  return run === null || (event.kind === 'run' && event.id === run);
}

function frame(event: LiveEvent): string {
  return `event: change\ndata: ${JSON.stringify(event)}\n\n`;
}

/** A comment each interval, so that a dead line is noticed on both sides; every second one asks for the credential again. */
function beat(request: LiveRequest, everyMs: number, send: (text: string) => void, end: () => void): () => void {
  let beats = 0;
  const timer = setInterval(async () => {
    send(': beat\n\n');
    if (++beats % 2 === 1) return;
    if (await hasEnded(request)) end();
  }, everyMs);
  return () => clearInterval(timer);
}

async function hasEnded(request: LiveRequest): Promise<boolean> {
  try {
    const identity = await request.reidentify();
    if (!identity) return true;
    const mine = new Set(identity.workspaces.map((workspace) => workspace.id));
    return request.workspaceIds.some((id) => !mine.has(id));
  } catch (error) {
    // A database that is away ends no stream: it ends no session either.
    return error instanceof AppError && (error.code === 'UNAUTHENTICATED' || error.code === 'FORBIDDEN');
  }
}

/**
 * NATS as the control plane uses it: requests from agents in, offers and hints out, nudges between replicas.
 * It carries and wakes; nothing here is a truth. Everything made on the server is made again after it lost its disk.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  AckPolicy,
  DiscardPolicy,
  type JetStreamClient,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
} from '@nats-io/jetstream';
import { connect, jwtAuthenticator, type Msg, type NatsConnection, nanos, type Subscription } from '@nats-io/transport-node';
import { type ErrorBody, suffixToUuid, uuidToSuffix, uuidv7 } from '@signalbox/proto';
import type { LiveEvent } from '@signalbox/proto/api';
import { type AgentVerb, type CommandVerb, parseRequestSubject, platformSubjects } from '@signalbox/proto/subjects';
import { classifyError } from './classify-error.ts';
import { AppError, toErrorBody } from './errors.ts';
import { type LiveListener, openLive } from './live.ts';
import type { Log } from './log.ts';
import { agentRequests, agentSeconds } from './metrics.ts';
import type { NatsAccounts } from './nats-accounts.ts';
import type { NatsTrust } from './nats-trust.ts';
import { openNudges } from './nudges.ts';
import { openWakes, type WakeTopic } from './wakes.ts';

/** Who sent a request; the server vouches for the account, and with it for the workspace. */
export type AgentAddress = { readonly workspaceId: string; readonly agentId: string; readonly account: string };
/** `bytes`: how long the message was. */
export type AgentHandler = (from: AgentAddress, body: unknown, bytes: number) => Promise<unknown>;

export type Bus = {
  /** Answers a verb; replicas share the work. What the handler returns is sent as `{ ok }`, what it throws as `{ error }`. */
  serve(verb: AgentVerb, handler: AgentHandler): void;
  /** Stores "this pool has work" until an agent takes it. A repeat of `messageId` within two minutes is dropped. */
  publishOffer(offer: { workspaceId: string; poolId: string; messageId: string }): Promise<void>;
  /** Where a pool's agents pull offers; made if it is missing. */
  ensurePoolConsumer(workspaceId: string, poolId: string): Promise<{ stream: string; consumer: string }>;
  /** A hint to one agent; it may be lost, since every renewal repeats it. */
  command(workspaceId: string, agentId: string, verb: CommandVerb, body: unknown): Promise<void>;
  /** A pool has newly due work: told to who takes nudges here, else to whichever replica dispatches. */
  nudge(workspaceId: string, poolId: string): void;
  /** Asked first of this replica's own nudges; true: it sees to the work. */
  takeNudges(taker: (nudge: { workspaceId: string; poolId: string }) => boolean): void;
  onNudge(listener: (nudge: { workspaceId: string; poolId: string }) => void): () => void;
  /** The connection to NATS was lost: answers to what was asked before reach nobody. */
  onLost(listener: () => void): void;
  /** Tells loops on all replicas that they have something to do. */
  wake(topic: WakeTopic): void;
  onWake(topic: WakeTopic, listener: () => void): () => void;
  /** "Look at this again", to live pages on all replicas. What changed a run has appended its event. */
  live(workspaceId: string, event: LiveEvent): void;
  onLive(workspaceId: string, listener: LiveListener): () => void;
  /** A round trip through the server to ourselves. @throws when NATS is not there within 2 s. */
  prove(): Promise<void>;
  /** Takes no request any more, answers those it took, and goes. */
  close(): Promise<void>;
};

const SHARD = 0;
const QUEUE_GROUP = 'control-plane';
const RESTORE_EVERY_MS = 500;
/** How long a stop waits for a server that may be away. */
const DRAIN_MS = 2_000;
const decoder = new TextDecoder();

export async function openBus(deps: {
  readonly url: string;
  readonly trust: NatsTrust;
  readonly accounts: NatsAccounts;
  readonly log: Log;
}): Promise<Bus> {
  const { trust, accounts, log } = deps;
  const nc = await connect({
    servers: deps.url.split(','),
    name: 'signalbox control plane',
    authenticator: jwtAuthenticator(trust.platform.user.jwt, new TextEncoder().encode(trust.platform.user.seed)),
    maxReconnectAttempts: -1,
    reconnectTimeWait: 100,
    reconnectJitter: 200,
    ignoreAuthErrorAbort: true,
    waitOnFirstConnect: true,
  });
  const manager = await jetstreamManager(nc, { checkAPI: false });
  const js = jetstream(nc);
  const replica = uuidToSuffix(uuidv7(Date.now()));
  await ensureOfferStream(manager);
  await accounts.pushAll();
  const lost = new Set<() => void>();
  restoreAfterReconnect(
    nc,
    () => {
      for (const listener of lost) listener();
    },
    async () => {
      await ensureOfferStream(manager);
      await accounts.pushAll();
    },
    log,
  );

  const nudges = openNudges(nc, replica, log);
  const wakes = openWakes(nc, replica, log);
  const live = openLive(nc, log);
  nc.subscribe(platformSubjects.proof(replica), { callback: (_error, message) => void message.respond(message.data) });

  const requests = new Set<Subscription>();
  const answering = new Set<Promise<void>>();

  return {
    serve(verb, handler) {
      const subscription = nc.subscribe(platformSubjects.requests(verb), {
        queue: QUEUE_GROUP,
        callback: (error, message) => {
          if (error) return log.error({ error, verb }, 'requests stopped');
          const answered = answer(message, handler, accounts, log).finally(() => answering.delete(answered));
          answering.add(answered);
        },
      });
      requests.add(subscription);
    },
    async publishOffer({ workspaceId, poolId, messageId }) {
      const account = await accounts.accountOf(workspaceId);
      const pool = uuidToSuffix(poolId);
      await publishWithStream(js, manager, platformSubjects.offer(SHARD, account, pool), JSON.stringify({ v: 1, pool }), messageId);
    },
    async ensurePoolConsumer(workspaceId, poolId) {
      const account = await accounts.ensureAccount(workspaceId);
      const pool = uuidToSuffix(poolId);
      const stream = platformSubjects.offerStream(SHARD);
      await manager.consumers.add(stream, {
        durable_name: pool,
        filter_subject: platformSubjects.offer(SHARD, account, pool),
        ack_policy: AckPolicy.Explicit,
        ack_wait: nanos(10_000),
        max_deliver: -1,
        max_ack_pending: 500,
        // Cannot be changed on a consumer that is there.
        max_waiting: 512,
        max_batch: 64,
        max_expires: nanos(600_000),
        inactive_threshold: nanos(3_600_000),
      });
      return { stream, consumer: pool };
    },
    async command(workspaceId, agentId, verb, body) {
      const account = await accounts.accountOf(workspaceId);
      nc.publish(platformSubjects.command(account, uuidToSuffix(agentId), verb), JSON.stringify(body));
    },
    ...nudges,
    ...wakes,
    onLost: (listener) => void lost.add(listener),
    live(workspaceId, event) {
      live.live(workspaceId, event);
      if (event.kind === 'run') wakes.wake('appended');
    },
    onLive: live.onLive,
    async prove() {
      const token = randomUUID();
      const reply = await nc.request(platformSubjects.proof(replica), token, { timeout: 2_000 });
      if (reply.string() !== token) throw new Error('NATS answered something else than was sent');
    },
    async close() {
      const drained = Promise.allSettled([...requests].map((subscription) => subscription.drain()));
      await Promise.race([drained, delay(DRAIN_MS, undefined, { ref: false })]);
      // The connection does not wait for them by itself: an answer after its end is lost.
      await Promise.all(answering);
      live.flush();
      await nc.drain().catch(() => nc.close());
    },
  };
}

/** Work-queue stream of offers: an hour at most, 64 a pool, memory of message ids for two minutes. */
async function ensureOfferStream(manager: JetStreamManager): Promise<void> {
  const config = {
    name: platformSubjects.offerStream(SHARD),
    subjects: [platformSubjects.offers(SHARD)],
    retention: RetentionPolicy.Workqueue,
    discard: DiscardPolicy.New,
    discard_new_per_subject: true,
    storage: StorageType.File,
    num_replicas: 1,
    max_age: nanos(3_600_000),
    max_msgs: 200_000,
    max_msgs_per_subject: 64,
    max_consumers: 1_000,
    duplicate_window: nanos(120_000),
  };
  await manager.streams.add(config).catch(async (error: unknown) => {
    // 10058: there already, with other settings from an older build.
    if ((error as { code?: number }).code !== 10058) throw error;
    await manager.streams.update(config.name, config);
  });
}

/** Publishes an offer; a full subject is no error (the pool has offers enough), a lost stream is made again. */
async function publishWithStream(
  js: JetStreamClient,
  manager: JetStreamManager,
  subject: string,
  payload: string,
  messageId: string,
): Promise<void> {
  try {
    await js.publish(subject, payload, { msgID: messageId, timeout: 2_000 });
  } catch (error) {
    const { code, name } = error as { code?: number; name?: string };
    if (code === 10077) return;
    if (name !== 'JetStreamNotEnabled') throw error;
    await ensureOfferStream(manager);
    await js.publish(subject, payload, { msgID: messageId, timeout: 2_000 });
  }
}

async function answer(message: Msg, handler: AgentHandler, accounts: NatsAccounts, log: Log): Promise<void> {
  // A redirected pull arrives under another subject: not ours to answer.
  const sender = parseRequestSubject(message.subject);
  if (!sender) return;
  const stopTimer = agentSeconds.startTimer({ verb: sender.verb });
  try {
    const workspaceId = await accounts.workspaceOf(sender.account);
    if (!workspaceId) return;
    const from = { workspaceId, agentId: suffixToUuid(sender.agent), account: sender.account };
    message.respond(JSON.stringify({ ok: await handler(from, parse(message.data), message.data.byteLength) }));
    agentRequests.inc({ verb: sender.verb, outcome: 'ok' });
  } catch (error) {
    const requestId = randomUUID();
    const known = classifyError(error);
    const body = toErrorBody(known ?? error, requestId);
    const facts = { err: error, requestId, verb: sender.verb, agent: sender.agent };
    if (body.code === 'INTERNAL') log.error(facts, 'a request of an agent failed');
    if (known?.code === 'UNAVAILABLE' && known !== error) log.warn(facts, 'a dependency is away');
    refuse(message, body, log);
    agentRequests.inc({ verb: sender.verb, outcome: body.code });
  } finally {
    stopTimer();
  }
}

/** Never throws: nobody is there to hear it. Whoever asked gets no answer, and asks again. */
function refuse(message: Msg, error: ErrorBody, log: Log): void {
  try {
    message.respond(JSON.stringify({ error }));
  } catch (err) {
    log.warn({ err, refusal: error.code }, 'an answer could not be sent');
  }
}

function parse(data: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(data));
  } catch {
    throw new AppError('INVALID_INPUT', 'the message is not JSON');
  }
}

/** A server that came back may have lost its folders: accounts and streams are made again, until it works. */
function restoreAfterReconnect(nc: NatsConnection, onLost: () => void, restore: () => Promise<void>, log: Log): void {
  let isRestoring = false;
  const untilItWorks = async () => {
    while (!nc.isClosed()) {
      try {
        return await restore();
      } catch (error) {
        log.warn({ err: error }, 'NATS came back; its accounts and streams are not restored yet, trying again');
        await delay(RESTORE_EVERY_MS);
      }
    }
  };
  void (async () => {
    for await (const status of nc.status()) {
      if (status.type === 'disconnect') {
        log.warn('NATS connection lost');
        onLost();
      }
      if (status.type !== 'reconnect') continue;
      log.info('NATS connection is back');
      if (isRestoring) continue;
      isRestoring = true;
      void untilItWorks().finally(() => {
        isRestoring = false;
      });
    }
  })();
}

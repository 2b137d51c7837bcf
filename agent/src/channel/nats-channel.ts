/**
 * The channel over NATS (TCP, TLS or WebSocket).
 *
 * Offers are pulled with plain requests to the consumer's NEXT subject and one standing subscription: the client's own
 * `next()` asks CONSUMER.INFO after each reconnection and stalls without a word when it may not. A plain subscription
 * comes back by itself, and a pull that was lost with its connection is made again (`nextOffer` returns null at once).
 */
import { hostname } from 'node:os';
import { type Authenticator, connect, type Msg, type NatsConnection, nanos, nuid, wsconnect } from '@nats-io/transport-node';
import { answerCommandSchema } from '@signalbox/proto/messages';
import { type AgentVerb, agentSubjects, type CommandVerb } from '@signalbox/proto/subjects';
import type { Logger } from 'pino';
import { Bell } from '../bell.ts';
import { jittered } from './backoff.ts';
import { type Channel, type ChannelStatus, type Command, type Offer, RefusedError, SilenceError } from './channel.ts';

export interface NatsCredential {
  readonly publicKey: string;
  /** The newest JWT; read anew at each connection. Empty: none is asked for (a private server of tests). */
  jwt(): string;
  sign(bytes: Uint8Array): Uint8Array;
}

export interface NatsChannelOptions {
  readonly servers: readonly string[];
  /** Bare id suffix of the agent. */
  readonly agent: string;
  readonly credential: NatsCredential;
  readonly log: Logger;
}

const encoder = new TextEncoder();
/** A server that is restarted is found as soon as it serves; one that stays away is asked less often, and by no two agents at one instant. */
const RECONNECT_SOON_MS = { min: 100, max: 300 };
const RECONNECT_LATER_MS = { min: 500, max: 2_000 };
/** Some three seconds. */
const SOON_TRIES = 15;
const NEVER = new AbortController().signal;
/** Made once: Node's own reason comes with a trace of the stack. */
const OVER = new Error('no offer is waited for');
/** How a pull ends without an offer: none there, time over, consumer deleted or full, nobody listens. */
const NORMAL_ENDS = [404, 408, 409, 503];

export class NatsChannel implements Channel {
  readonly #options: NatsChannelOptions;
  readonly #closing = new Bell();
  #connection: NatsConnection | null = null;
  #isClosed = false;
  readonly #moved = new Bell();
  #tries = 0;
  readonly #offers = new Map<string, (offer: Offer | null) => void>();
  readonly #standing = new Map<string, (ok: unknown) => void>();
  readonly #commandListeners: Array<(command: Command) => void> = [];
  readonly #statusListeners: Array<(status: ChannelStatus) => void> = [];
  #status: ChannelStatus = { isConnected: false, detail: 'dialing' };

  /** Begins to dial, and never gives up by itself; until a server takes us, requests fail as silence. */
  constructor(options: NatsChannelOptions) {
    this.#options = options;
    void this.#dial();
  }

  async #dial(): Promise<void> {
    const { servers, agent, credential, log } = this.#options;
    const dial = servers.some((server) => /^wss?:/.test(server)) ? wsconnect : connect;
    while (!this.#isClosed) {
      try {
        // The client's own patience at the first connection would hide what is wrong; here it is seen and shown.
        const connection = await dial({
          servers: [...servers],
          name: `signalbox-agent ${hostname()}`,
          authenticator: natsAuthenticator(credential),
          inboxPrefix: agentSubjects.inboxPrefix(agent),
          ignoreAuthErrorAbort: true,
          maxReconnectAttempts: -1,
          reconnectDelayHandler: () => this.#reconnectMs(),
          timeout: 10_000,
          pingInterval: 10_000,
          maxPingOut: 2,
          noAsyncTraces: true,
        });
        if (this.#isClosed) return await connection.close();
        this.#connection = connection;
        this.#subscribe(connection);
        this.#turn({ isConnected: true, detail: 'connected' });
        await this.#watch(connection);
        this.#connection = null;
      } catch (error) {
        log.warn({ error: describe(error) }, 'no NATS server took the connection');
        this.#turn({ isConnected: false, detail: describe(error) });
      }
      await this.#closing.wait(NEVER, this.#reconnectMs());
    }
  }

  #reconnectMs(): number {
    return jittered(this.#tries++ < SOON_TRIES ? RECONNECT_SOON_MS : RECONNECT_LATER_MS);
  }

  get status(): ChannelStatus {
    return this.#status;
  }

  async request(verb: AgentVerb, body: object | Buffer, timeoutMs: number): Promise<unknown> {
    const connection = this.#connection;
    if (!connection || !this.#status.isConnected) throw new SilenceError(`not connected: ${this.#status.detail}`);
    const payload = Buffer.isBuffer(body) ? body : encoder.encode(JSON.stringify(body));
    let text: string;
    try {
      const message = await connection.request(agentSubjects.request(this.#options.agent, verb), payload, { timeout: timeoutMs });
      text = message.string();
    } catch (error) {
      throw new SilenceError(`${verb}: ${describe(error)}`, { cause: error });
    }
    const reply = JSON.parse(text) as { ok?: unknown; error?: RefusedError['body'] };
    if (reply.error) throw new RefusedError(reply.error);
    return reply.ok;
  }

  async nextOffer(where: { stream: string; consumer: string }, timeoutMs: number, signal: AbortSignal): Promise<Offer | null> {
    const connection = this.#connection;
    if (!connection || !this.#status.isConnected) {
      await this.#moved.wait(signal, timeoutMs);
      return null;
    }
    const id = nuid.next();
    const stop = new AbortController();
    const arrival = new Promise<Offer | null>((resolve) => this.#offers.set(id, resolve));
    const subject = `${agentSubjects.jetstreamApiPrefix}.CONSUMER.MSG.NEXT.${where.stream}.${where.consumer}`;
    try {
      // Whole nanoseconds: the server refuses a request with a fraction in it.
      const expires = nanos(Math.ceil(timeoutMs));
      connection.publish(subject, encoder.encode(JSON.stringify({ batch: 1, expires })), { reply: `${this.#offerInbox()}.${id}` });
      const over = this.#moved.wait(AbortSignal.any([signal, stop.signal]), timeoutMs + 1_000).then(() => null);
      return await Promise.race([arrival, over]);
    } finally {
      stop.abort(OVER);
      this.#offers.delete(id);
    }
  }

  stand(body: object, answerBy: 'command' | 'reply', onAnswer: (ok: unknown) => void): (() => void) | null {
    const connection = this.#connection;
    if (!connection || !this.#status.isConnected) return null;
    const id = nuid.next();
    this.#standing.set(id, onAnswer);
    const subject = agentSubjects.request(this.#options.agent, 'stand');
    const publish = (message: object, options?: { reply: string }) =>
      connection.publish(subject, encoder.encode(JSON.stringify(message)), options);
    // The server keeps the way back of a request until it is answered, which of most claims would be never.
    if (answerBy === 'command') publish({ ...body, answerTo: id });
    else publish(body, { reply: `${this.#standInbox()}.${id}` });
    return () => void this.#standing.delete(id);
  }

  onCommand(listener: (command: Command) => void): void {
    this.#commandListeners.push(listener);
  }

  onStatus(listener: (status: ChannelStatus) => void): void {
    this.#statusListeners.push(listener);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#closing.ring();
    await this.#connection?.close();
  }

  #offerInbox(): string {
    return `${agentSubjects.inboxPrefix(this.#options.agent)}.offer`;
  }

  #standInbox(): string {
    return `${agentSubjects.inboxPrefix(this.#options.agent)}.stand`;
  }

  /** Callbacks, not iterators: a refused subscription rejects its iterator, which would end the process. */
  #subscribe(connection: NatsConnection): void {
    const { agent } = this.#options;
    const hear = (subject: string, handle: (message: Msg) => void) =>
      connection.subscribe(subject, {
        callback: (error, message) => {
          if (error) this.#options.log.error({ error: error.message, subject }, 'a subscription was refused');
          else handle(message);
        },
      });
    hear(`${this.#offerInbox()}.*`, (message) => this.#ring(message));
    hear(`${this.#standInbox()}.*`, (message) => this.#answerStanding(message));
    hear(agentSubjects.commands(agent), (message) => this.#command((message.subject.split('.')[2] ?? '') as CommandVerb, message.data));
    hear(agentSubjects.commandsToAll, (message) => this.#command('all', message.data));
  }

  /** An offer keeps the stream's subject and may be acknowledged; a status ("404 no messages", "408 expired") comes to our inbox. */
  #ring(message: Msg): void {
    if (message.reply?.startsWith('$JS.ACK.')) {
      this.#deliver({ acknowledge: () => message.respond(encoder.encode('+ACK')) });
      return;
    }
    if (!message.headers) return;
    const { code, description } = message.headers;
    // So many pulls stand that others hear of an offer: this one counts as one of them.
    if (code === 409 && /maxwaiting/i.test(description)) return;
    if (!NORMAL_ENDS.includes(code)) this.#options.log.warn({ status: `${code} ${description}` }, 'a pull for offers was refused');
    this.#offers.get(message.subject.split('.').at(-1) ?? '')?.(null);
  }

  /** A refusal, or a status of the server, is no answer: the claim is asked for later. */
  #answerStanding(message: Msg): void {
    if (message.data.length > 0) this.#stood(message.subject.split('.').at(-1) ?? '', message.json<{ ok?: unknown }>().ok);
  }

  #stood(id: string, ok: unknown): void {
    const onAnswer = this.#standing.get(id);
    this.#standing.delete(id);
    if (ok) onAnswer?.(ok);
  }

  /** One doorbell rings at a time; an offer nobody waits for comes again after its ack wait. */
  #deliver(offer: Offer): void {
    const [waiting] = this.#offers.values();
    waiting?.(offer);
  }

  #command(verb: Command['verb'], data: Uint8Array): void {
    let body: unknown = null;
    try {
      body = data.length > 0 ? JSON.parse(new TextDecoder().decode(data)) : null;
    } catch {
      this.#options.log.warn({ verb }, 'a command that is no JSON was ignored');
      return;
    }
    const answer = verb === 'answer' ? answerCommandSchema.safeParse(body).data : undefined;
    if (answer) this.#stood(answer.answerTo, answer.ok);
    else for (const listener of this.#commandListeners) listener({ verb, body });
  }

  async #watch(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) {
      if (status.type === 'disconnect') this.#turn({ isConnected: false, detail: 'disconnected' });
      if (status.type === 'reconnect') this.#turn({ isConnected: true, detail: 'connected' });
      if (status.type === 'error') {
        this.#options.log.warn({ error: status.error.message }, 'nats');
        if (!this.#status.isConnected) this.#turn({ isConnected: false, detail: status.error.message });
      }
    }
    this.#turn({ isConnected: false, detail: 'closed' });
  }

  #turn(status: ChannelStatus): void {
    if (status.isConnected) this.#tries = 0;
    this.#status = status;
    this.#moved.ring();
    for (const listener of this.#statusListeners) listener(status);
  }
}

/** Signs the server's nonce with `node:crypto`; the newest JWT is read at each dial. */
export function natsAuthenticator(credential: NatsCredential): Authenticator {
  return (nonce) => {
    const jwt = credential.jwt();
    if (jwt === '' || !nonce) return undefined;
    return { jwt, nkey: credential.publicKey, sig: Buffer.from(credential.sign(encoder.encode(nonce))).toString('base64url') };
  };
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

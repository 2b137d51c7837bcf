/** The steps of a connection to NATS one by one, for the doctor. It takes no session and no work. */
import { connect, type NatsConnection, wsconnect } from '@nats-io/transport-node';
import { type AgentVerb, agentSubjects } from '@signalbox/proto/subjects';
import { type NatsCredential, natsAuthenticator } from './nats-channel.ts';

const TIMEOUT_MS = 5_000;

export class NatsProbe {
  readonly #agent: string;
  #connection: NatsConnection | null = null;

  /** `agent`: bare id suffix. */
  constructor(agent: string) {
    this.#agent = agent;
  }

  /** Resolves with the server's version. */
  async signIn(servers: readonly string[], credential: NatsCredential): Promise<string> {
    const dial = servers.some((server) => server.startsWith('ws')) ? wsconnect : connect;
    this.#connection = await dial({
      servers: [...servers],
      authenticator: natsAuthenticator(credential),
      inboxPrefix: agentSubjects.inboxPrefix(this.#agent),
      timeout: TIMEOUT_MS,
      reconnect: false,
    });
    return this.#connection.info?.version ?? 'unknown';
  }

  /** @throws the server's refusal to let commands or answers be heard. */
  async subscribe(): Promise<void> {
    const connection = this.#open();
    const refusals: Error[] = [];
    for (const subject of [agentSubjects.commands(this.#agent), `${agentSubjects.inboxPrefix(this.#agent)}.>`]) {
      connection.subscribe(subject, { callback: (error) => void (error && refusals.push(error)) });
    }
    await connection.flush();
    if (refusals[0]) throw refusals[0];
  }

  /** The answer as it came. @throws when there is none. */
  async request(verb: AgentVerb, body: object): Promise<unknown> {
    const reply = await this.#open().request(agentSubjects.request(this.#agent, verb), JSON.stringify(body), { timeout: TIMEOUT_MS });
    return reply.json();
  }

  async close(): Promise<void> {
    await this.#connection?.close();
  }

  #open(): NatsConnection {
    if (!this.#connection) throw new Error('not connected');
    return this.#connection;
  }
}

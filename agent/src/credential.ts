/** The JWT this agent shows to NATS: kept in the data folder, renewed by a signature of the key that never leaves it. */
import { type TokenRequest, tokenReplySchema } from '@signalbox/proto/messages';
import type { Channel } from './channel/channel.ts';
import { postJson } from './http.ts';
import { type AgentKey, type Enrolled, saveEnrolled } from './identity.ts';
import type { ServerClock } from './server-clock.ts';

const TIMEOUT_MS = 5_000;
const SOON_MS = 1_000;

export class Credential {
  readonly #key: AgentKey;
  readonly #dataDir: string;
  readonly #url: string;
  #enrolled: Enrolled;

  constructor(key: AgentKey, enrolled: Enrolled, dataDir: string, url: string) {
    this.#key = key;
    this.#enrolled = enrolled;
    this.#dataDir = dataDir;
    this.#url = url;
  }

  get publicKey(): string {
    return this.#key.publicKey;
  }

  readonly jwt = (): string => this.#enrolled.jwt;
  readonly sign = (bytes: Uint8Array): Uint8Array => this.#key.sign(bytes);

  get expiresAtMs(): number {
    return Date.parse(this.#enrolled.expiresAt);
  }

  /** Milliseconds until a third of its life is over. */
  renewInMs(nowMs: number = Date.now()): number {
    const { issuedAtMs } = readJwt(this.#enrolled.jwt);
    const lifeMs = this.expiresAtMs - issuedAtMs;
    return Math.max(SOON_MS, issuedAtMs + lifeMs / 3 - nowMs);
  }

  /** A new one, from whichever way answers first. Resolves with when it ends. */
  async renew(channel: Channel, clock: ServerClock, signal: AbortSignal): Promise<string> {
    const request = this.#challenge(clock.now());
    const ways = [channel.request('token', request, TIMEOUT_MS), postJson(`${this.#url}/api/agents/token`, request, TIMEOUT_MS, signal)];
    return this.#keep(await firstAnswer(ways));
  }

  /** Over HTTPS alone, before there is a connection. The server's own clock, from its answer, mends a wrong one here. */
  async renewByHttp(signal: AbortSignal, now: Date = new Date()): Promise<string> {
    try {
      return this.#keep(await postJson(`${this.#url}/api/agents/token`, this.#challenge(now), TIMEOUT_MS, signal));
    } catch (error) {
      const serverDate = (error as { serverDate?: Date | null }).serverDate;
      const isOff = serverDate && Math.abs(serverDate.getTime() - now.getTime()) > 60_000;
      if (!isOff) throw error;
      return this.#keep(await postJson(`${this.#url}/api/agents/token`, this.#challenge(serverDate), TIMEOUT_MS, signal));
    }
  }

  #challenge(now: Date): TokenRequest {
    const nonce = String(Math.floor(now.getTime() / 1000));
    const { agent } = this.#enrolled;
    const signature = this.#key.sign(Buffer.from(`signalbox-token:${agent}:${nonce}`)).toString('base64url');
    return { v: 1, agent, nonce, signature };
  }

  #keep(reply: unknown): string {
    const { jwt, expiresAt } = tokenReplySchema.parse(reply);
    this.#enrolled = { ...this.#enrolled, jwt, expiresAt };
    saveEnrolled(this.#dataDir, this.#enrolled);
    return expiresAt;
  }
}

async function firstAnswer(ways: Array<Promise<unknown>>): Promise<unknown> {
  try {
    return await Promise.any(ways);
  } catch (error) {
    const reasons = error instanceof AggregateError ? error.errors : [error];
    throw new Error(reasons.map(String).join('; '));
  }
}

/** When a JWT was issued, without checking it: the server does. */
function readJwt(jwt: string): { issuedAtMs: number } {
  try {
    const claims = JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()) as { iat?: number };
    return { issuedAtMs: (claims.iat ?? 0) * 1000 };
  } catch {
    return { issuedAtMs: 0 };
  }
}

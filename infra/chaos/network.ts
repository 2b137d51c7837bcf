/** TCP proxies between named parts, so that a network can fail without privileges. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { LOOPBACK } from '../dev/ports.ts';

/** `open`: bytes flow. `cut`: connections are closed and refused. `silent`: they stay, and nothing arrives. */
export type LinkState = 'open' | 'cut' | 'silent';

export class Link {
  readonly from: string;
  readonly to: string;
  readonly #target: { host: string; port: number };
  readonly #pairs = new Set<[Socket, Socket]>();
  readonly #server: Server;
  #state: LinkState = 'open';

  private constructor(from: string, to: string, target: { host: string; port: number }) {
    this.from = from;
    this.to = to;
    this.#target = target;
    this.#server = createServer((near) => this.#accept(near));
  }

  /** A link to where `url` points, and the same address by way of it. */
  static async open(from: string, to: string, url: string): Promise<{ link: Link; url: string }> {
    const target = new URL(url);
    const link = new Link(from, to, { host: target.hostname, port: Number(target.port) });
    await new Promise<void>((listening) => link.#server.listen(0, LOOPBACK, listening));
    target.port = String((link.#server.address() as { port: number }).port);
    return { link, url: to === 'nats' ? target.href.replace(/\/$/, '') : target.href };
  }

  set(state: LinkState): void {
    this.#state = state;
    for (const pair of [...this.#pairs]) {
      // Silence loses bytes: what comes after it on the same connection would make no sense.
      if (state !== 'silent') for (const socket of pair) socket.destroy();
      else for (const socket of pair) socket.pause();
    }
  }

  close(): void {
    this.set('cut');
    this.#server.close();
  }

  #accept(near: Socket): void {
    if (this.#state === 'cut') return void near.destroy();
    const far = connect(this.#target);
    const pair: [Socket, Socket] = [near, far];
    this.#pairs.add(pair);
    const end = () => {
      this.#pairs.delete(pair);
      near.destroy();
      far.destroy();
    };
    for (const socket of pair) {
      socket.setNoDelay(true);
      socket.on('error', end);
      socket.on('close', end);
    }
    near.on('data', (bytes) => this.#state === 'open' && far.write(bytes));
    far.on('data', (bytes) => this.#state === 'open' && near.write(bytes));
  }
}

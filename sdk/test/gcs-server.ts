/** Google Cloud Storage as far as a storage of results asks it: in memory, on a port of its own. */
import { createVerify, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** The JSON API of a bucket `results`, as Google documents it: https://cloud.google.com/storage/docs/json_api/v1/objects */
export class GcsServer implements AsyncDisposable {
  readonly objects = new Map<string, Buffer>();
  /** So many requests are answered that it is busy. */
  busy = 0;
  /** How many it gave. */
  tokens = 0;
  readonly #account: KeyObject | null;
  readonly #server = createServer((request, response) => {
    void this.#answer(request).then(([status, body]) => {
      response.writeHead(status).end(Buffer.isBuffer(body) ? body : body && JSON.stringify(body));
    });
  });

  /** @param account the public key of `results@project`; null: an emulator, which asks for no credentials */
  constructor(account: KeyObject | null = null) {
    this.#account = account;
  }

  async listen(): Promise<this> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#server[Symbol.asyncDispose]();
  }

  async #answer(request: IncomingMessage): Promise<[status: number, body: Buffer | object | null]> {
    const url = new URL(request.url ?? '', 'http://x');
    const body = await buffer(request);
    if (url.pathname === '/token') return [200, this.#grant(new URLSearchParams(body.toString()))];
    if (this.busy-- > 0) return [503, { error: { message: 'busy' } }];
    if (this.#account && request.headers.authorization !== `Bearer token-${this.tokens}`)
      return [401, { error: { message: 'Invalid Credentials' } }];
    const name = decodeURIComponent(url.pathname.split('/o/')[1] ?? '');
    const error = { error: { message: `No such object: results/${name}` } };
    if (url.pathname === '/upload/storage/v1/b/results/o') {
      const key = url.searchParams.get('name') ?? '';
      if (url.searchParams.get('ifGenerationMatch') === '0' && this.objects.has(key))
        return [412, { error: { message: 'conditionNotMet' } }];
      this.objects.set(key, body);
      return [200, { name: key }];
    }
    if (url.pathname === '/storage/v1/b/results/o') {
      // Two a page: whoever reads one page sees half.
      const all = [...this.objects.keys()].filter((key) => key.startsWith(url.searchParams.get('prefix') ?? '')).sort();
      const from = Number(url.searchParams.get('pageToken') ?? 0);
      const more = from + 2 < all.length ? { nextPageToken: String(from + 2) } : {};
      return [200, { items: all.slice(from, from + 2).map((key) => ({ name: key })), ...more }];
    }
    if (!url.pathname.startsWith('/storage/v1/b/results/o/')) return [404, { error: { message: 'The specified bucket does not exist.' } }];
    const found = this.objects.get(name);
    if (!found) return [404, error];
    if (request.method === 'DELETE') return [this.objects.delete(name) ? 204 : 404, null];
    return [200, url.searchParams.get('alt') === 'media' ? found : { name }];
  }

  /** Gives a token for a claim that this account's key signed. */
  #grant(form: URLSearchParams): object {
    const account = this.#account;
    if (!account) return {};
    const [head = '', claim = '', signature = ''] = (form.get('assertion') ?? '').split('.');
    const isSigned = createVerify('RSA-SHA256').update(`${head}.${claim}`).verify(account, signature, 'base64url');
    const { iss, aud, exp } = JSON.parse(Buffer.from(claim, 'base64url').toString()) as { iss: string; aud: string; exp: number };
    if (!isSigned || iss !== 'results@project' || aud !== `${this.endpoint}/token` || exp * 1_000 < Date.now()) return {};
    return { access_token: `token-${++this.tokens}`, expires_in: 3_600 };
  }
}

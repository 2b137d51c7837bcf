/** Azure Blob as far as a storage of results asks it: in memory, on a port of its own. */
import { createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** The key of the account `team`. */
export const ACCOUNT_KEY = randomBytes(64).toString('base64');

/** The Blob API of the account `team` with a container `results`: https://learn.microsoft.com/rest/api/storageservices/blob-service-rest-api */
const blobs = new Map<string, Buffer>();

async function answer(request: IncomingMessage): Promise<[status: number, body: Buffer | string]> {
  const url = new URL(request.url ?? '', 'http://x');
  const body = await buffer(request);
  const isSigned = request.headers.authorization === `SharedKey team:${signatureOf(request, url)}`;
  const mayPass = isSigned || url.searchParams.get('sig') === 'shared' || request.headers.authorization === 'Bearer of-entra';
  if (!mayPass) return [403, problem('AuthenticationFailed', 'Server failed to authenticate the request.\nRequestId:1')];
  if (url.searchParams.get('comp') === 'list') return [200, list(url.searchParams)];
  const [, container, ...rest] = url.pathname.split('/');
  const name = rest.map(decodeURIComponent).join('/');
  if (container !== 'results') return [404, problem('ContainerNotFound', 'The specified container does not exist.')];
  if (request.method === 'PUT') {
    if (request.headers['x-ms-blob-type'] !== 'BlockBlob') return [400, problem('MissingRequiredHeader', 'x-ms-blob-type')];
    if (request.headers['if-none-match'] === '*' && blobs.has(name)) return [409, problem('BlobAlreadyExists', 'It exists.')];
    blobs.set(name, body);
    return [201, ''];
  }
  const found = blobs.get(name);
  if (!found) return [404, problem('BlobNotFound', 'The specified blob does not exist.')];
  if (request.method === 'DELETE') blobs.delete(name);
  return request.method === 'DELETE' ? [202, ''] : [200, found];
}

/** From what came over the wire: https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key */
function signatureOf({ method, headers }: IncomingMessage, url: URL): string {
  const length = headers['content-length'] === '0' ? '' : headers['content-length'];
  const standard = ['content-encoding', 'content-language', null, 'content-md5', 'content-type', 'date', 'if-modified-since', 'if-match'];
  const lines = [...standard, 'if-none-match', 'if-unmodified-since', 'range'].map((key) => (key === null ? length : headers[key]) ?? '');
  const own = Object.keys(headers).filter((key) => key.startsWith('x-ms-'));
  const queries = [...url.searchParams.keys()].sort().map((key) => `${key}:${url.searchParams.get(key)}`);
  const resource = [`/team${url.pathname}`, ...queries].join('\n');
  const text = [method, ...lines, ...own.sort().map((key) => `${key}:${String(headers[key])}`), resource].join('\n');
  return createHmac('sha256', Buffer.from(ACCOUNT_KEY, 'base64')).update(text).digest('base64');
}

const problem = (code: string, message: string) => `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;

/** Two a page: whoever reads one page sees half. */
function list(query: URLSearchParams): string {
  const all = [...blobs.keys()].filter((key) => key.startsWith(query.get('prefix') ?? '')).sort();
  const from = Number(query.get('marker') ?? 0);
  const page = all.slice(from, from + 2).map((key) => `<Blob><Name>${key.replaceAll('&', '&amp;')}</Name><Properties/></Blob>`);
  return `<EnumerationResults><Blobs>${page.join('')}</Blobs><NextMarker>${from + 2 < all.length ? from + 2 : ''}</NextMarker></EnumerationResults>`;
}

/** Takes the account's key, the shared access signature `sig=shared`, or the token `of-entra`. */
export async function openAzure(): Promise<AsyncDisposable & { endpoint: string }> {
  const server = createServer((request, response) => {
    void answer(request).then(([status, body]) => response.writeHead(status).end(body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { endpoint, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

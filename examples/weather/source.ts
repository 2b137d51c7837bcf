/**
 * A small HTTP source on this machine, so that the example needs no network: it serves the daily weather of Seattle
 * from the package `vega-datasets` and, like real sources, is not always there: its first answer is 503.
 */
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** 1,461 days, 2012 to 2015. The package exports its program only; the data lies beside it. */
const CSV = new URL('../data/seattle-weather.csv', import.meta.resolve('vega-datasets'));

export interface Source {
  readonly url: string;
  readonly stop: () => void;
}

export async function startSource(): Promise<Source> {
  let requests = 0;
  const server = createServer((_request, response) => {
    requests++;
    if (requests === 1) {
      response.writeHead(503, { 'content-type': 'text/plain' }).end('busy, try again');
      return;
    }
    response.writeHead(200, { 'content-type': 'text/csv' });
    createReadStream(CSV).pipe(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/seattle-weather.csv`,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

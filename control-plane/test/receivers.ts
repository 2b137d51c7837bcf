/** What others run, for tests: a server that takes HTTP requests, and one that takes mail. Both keep what they were sent. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';

export type Received = { readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: string };

export type HttpReceiver = AsyncDisposable & {
  readonly url: string;
  readonly received: Received[];
  /** What it answers from now on; 200 at first. */
  answer: { status: number; body?: string; headers?: Record<string, string> };
};

export async function openHttpReceiver(): Promise<HttpReceiver> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    received.push({ path: request.url ?? '', headers: request.headers, body });
    const { status, body: text = '', headers = {} } = receiver.answer;
    response.writeHead(status, headers).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const receiver: HttpReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answer: { status: 200 },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return receiver;
}

export type MailReceiver = AsyncDisposable & {
  /** For SIGNALBOX_SMTP_URL. */
  readonly url: string;
  /** Messages as they were sent: headers, an empty line, text. */
  readonly received: { readonly to: string[]; readonly data: string }[];
};

/** Speaks as much of SMTP as a client without TLS or a password asks for. */
export async function openMailReceiver(): Promise<MailReceiver> {
  const received: MailReceiver['received'] = [];
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    let [buffer, to, inData] = ['', [] as string[], false];
    const say = (line: string) => socket.write(`${line}\r\n`);
    say('220 receiver');
    socket.on('data', (chunk) => {
      buffer += chunk;
      for (;;) {
        if (inData) {
          const end = buffer.indexOf('\r\n.\r\n');
          if (end < 0) return;
          received.push({ to, data: buffer.slice(0, end) });
          [buffer, to, inData] = [buffer.slice(end + 5), [], false];
          say('250 taken');
          continue;
        }
        const end = buffer.indexOf('\r\n');
        if (end < 0) return;
        const line = buffer.slice(0, end);
        buffer = buffer.slice(end + 2);
        const verb = line.slice(0, 4).toUpperCase();
        if (verb === 'RCPT') to.push(/<(.*)>/.exec(line)?.[1] ?? '');
        if (verb === 'DATA') inData = true;
        say(verb === 'DATA' ? '354 go on' : verb === 'QUIT' ? '221 bye' : '250 ok');
      }
    });
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/**
 * Server-sent events over `fetch`: unlike `EventSource` it carries headers (the workspace), and a silent
 * connection is found by the server's heartbeat.
 */

/** Splits text of an event stream into the `data` of whole events and what remains of an unfinished one. */
export function readEvents(buffer: string): { data: string[]; rest: string } {
  const blocks = buffer.replaceAll('\r\n', '\n').split('\n\n');
  const rest = blocks.pop() ?? '';
  const data: string[] = [];
  for (const block of blocks) {
    const lines = block.split('\n').filter((line) => line.startsWith('data:'));
    if (lines.length > 0) data.push(lines.map((line) => line.slice(5).replace(/^ /, '')).join('\n'));
  }
  return { data, rest };
}

interface StreamOptions {
  readonly url: string;
  readonly headers: () => Record<string, string>;
  readonly signal: AbortSignal;
  readonly onOpen: () => void;
  readonly onData: (data: string) => void;
}

/** The stream was answered otherwise than with events. */
export class NotStreamed extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`live updates: status ${status}`);
    this.status = status;
  }
}

/** Reads one connection until it ends, falls silent, or is aborted. @throws NotStreamed, or when nobody answered. */
export async function readEventStream({ url, headers, signal, onOpen, onData }: StreamOptions): Promise<void> {
  const silence = new AbortController();
  // The server says something every 15 s; two missed heartbeats mean that nobody is there.
  const silentAfterMs = 40_000;
  let timer = setTimeout(() => silence.abort(), silentAfterMs);
  try {
    const response = await fetch(url, {
      headers: { accept: 'text/event-stream', ...headers() },
      cache: 'no-store',
      signal: AbortSignal.any([signal, silence.signal]),
    });
    if (!response.ok || !response.body) throw new NotStreamed(response.status);
    onOpen();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let buffer = '';
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), silentAfterMs);
      const { data, rest } = readEvents(buffer + value);
      buffer = rest;
      for (const item of data) onData(item);
    }
  } finally {
    clearTimeout(timer);
  }
}

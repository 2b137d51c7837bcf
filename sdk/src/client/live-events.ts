import type { LiveEvent } from '@signalbox/proto/api';
import type { HttpOptions } from './links/http.ts';
import { parseLiveEvent } from './parse-wire.ts';
import { strangeAnswer, toSignalboxError } from './to-signalbox-error.ts';

/** The server writes a comment every 15 s; two missed ones and a bit mean that the line is dead. */
const SILENCE_MS = 40_000;

/**
 * Hints that something changed, as they happen: `{ kind: 'open' }` once the stream stands (read everything then: what
 * happened before is not repeated), then each event. Ends when the server closes the stream.
 * @throws SignalboxError when the stream cannot be opened, breaks or falls silent.
 */
export async function* liveEvents(
  http: HttpOptions,
  options: { run?: string; signal: AbortSignal },
): AsyncGenerator<{ kind: 'open' } | LiveEvent> {
  const silence = new AbortController();
  const signal = AbortSignal.any([options.signal, silence.signal]);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(new Error(`nothing heard for ${SILENCE_MS / 1_000} s`)), SILENCE_MS);
  };
  try {
    heard();
    const query = options.run === undefined ? '' : `?run=${encodeURIComponent(options.run)}`;
    const headers = { ...http.headers(), accept: 'text/event-stream' };
    const response = await http.fetch(`${http.url}/api/live${query}`, { headers, signal });
    if (!response.ok || !response.body || !response.headers.get('content-type')?.startsWith('text/event-stream')) {
      throw (await strangeAnswer(response, http.url)) ?? new Error('the answer is no stream of events');
    }
    yield { kind: 'open' };
    for await (const text of eventData(response.body, heard)) {
      const event = parseLiveEvent(text);
      // An event of a newer server is no reason to fail: hints are repeated by reading.
      if (event) yield event;
    }
  } catch (thrown) {
    if (options.signal.aborted) return;
    throw toSignalboxError(thrown, http.url);
  } finally {
    clearTimeout(timer);
    silence.abort();
  }
}

/** The `data:` of each event. @see https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream */
async function* eventData(body: ReadableStream<Uint8Array>, heard: () => void): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  let data: string[] = [];
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    heard();
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r\n|\n|\r/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith('data:')) data.push(line.slice(5).replace(/^ /, ''));
      if (line !== '' || data.length === 0) continue;
      yield data.join('\n');
      data = [];
    }
  }
}

/** A client of the API in a thread of its own: what it costs to ask is not paid by who answers. */
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

/** How it asks: with these keys by turns, so many calls a sample, so many of them at once. */
type How = { readonly keys: readonly string[]; readonly calls: number; readonly atOnce: number };
type Asked = { readonly port: number; readonly procedure: string; readonly input: object; readonly writes: boolean };
type Answer = { readonly msPerCall: number } | { readonly failed: string };

/** @throws by `calls`, when a call is refused. */
export function openClient(how: How) {
  const worker = new Worker(new URL(import.meta.url), { workerData: how });
  return {
    /** Milliseconds a call of one sample. */
    async calls(asked: Asked): Promise<number> {
      const answered = once(worker, 'message');
      worker.postMessage(asked);
      const [answer] = (await answered) as [Answer];
      if ('failed' in answer) throw new Error(answer.failed);
      return answer.msPerCall;
    },
    close: async () => void (await worker.terminate()),
  };
}

function work({ keys, calls, atOnce }: How): void {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  let turn = 0;
  const ask = ({ port, procedure, input, writes }: Asked): Promise<void> => {
    const query = writes ? '' : `?input=${encodeURIComponent(JSON.stringify(input))}`;
    const headers = { authorization: `Bearer ${keys[turn++ % keys.length]}`, 'content-type': 'application/json' };
    return new Promise((resolve, reject) => {
      const sent = request({
        host: '127.0.0.1',
        port,
        path: `/trpc/${procedure}${query}`,
        method: writes ? 'POST' : 'GET',
        headers,
        agent,
      });
      sent.once('error', reject);
      sent.once('response', (response) => {
        response.once('end', () => (response.statusCode === 200 ? resolve() : reject(new Error(`${procedure}: ${response.statusCode}`))));
        response.resume();
      });
      sent.end(writes ? JSON.stringify(input) : undefined);
    });
  };
  const sample = async (asked: Asked): Promise<Answer> => {
    let left = calls;
    const one = async () => {
      while (left-- > 0) await ask(asked);
    };
    const from = performance.now();
    await Promise.all(Array.from({ length: atOnce }, one));
    return { msPerCall: (performance.now() - from) / calls };
  };
  parentPort?.on('message', async (asked: Asked) => {
    parentPort?.postMessage(await sample(asked).catch((error: Error): Answer => ({ failed: error.message })));
  });
}

if (!isMainThread) work(workerData as How);

/** Downloads as JSON lines: to a file, or to standard output. */
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { strangeAnswer, toSignalboxError } from '../client/to-signalbox-error.ts';
import { CliError } from './cli-error.ts';
import type { Context } from './context.ts';

/**
 * A file appears whole or not at all. @throws SignalboxError when it is refused or breaks off.
 * @returns lines that came
 */
export async function download(context: Context, path: string, output: string | undefined): Promise<number> {
  const { url, apiKey, workspace } = await context.settings();
  const headers = {
    'x-signalbox-client': 'cli',
    ...(apiKey ? { authorization: `Bearer ${apiKey}` } : {}),
    ...(workspace ? { 'x-signalbox-workspace': workspace } : {}),
  };
  let lines = 0;
  const count = async function* (chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      for (const byte of chunk) if (byte === 10) lines += 1;
      yield chunk;
    }
  };
  const part = output === undefined ? undefined : `${output}.part`;
  try {
    const response = await fetch(`${url}${path}`, { headers, signal: context.host.signal });
    if (!response.ok || !response.body) throw (await strangeAnswer(response, url)) ?? new Error('the answer is no download');
    const body = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]);
    if (output === undefined || part === undefined) await pipeline(body, count, context.host.stdout, { end: false });
    else {
      await pipeline(body, count, createWriteStream(part));
      await rename(part, output);
    }
    return lines;
  } catch (thrown) {
    if (part !== undefined) await rm(part, { force: true });
    // The file's own fault, such as a folder that is not there.
    if ((thrown as NodeJS.ErrnoException).path !== undefined) throw new CliError(`--output: ${(thrown as Error).message}`);
    throw toSignalboxError(thrown, url);
  }
}

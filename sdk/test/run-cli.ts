import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import type { Host, OutputStream } from '../src/cli/host.ts';
import { runCli } from '../src/cli/main.ts';

/** What one call of the command printed, and its exit code. */
export interface CliResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  env?: Record<string, string>;
  stdin?: string;
  /** Cells of the terminal; absent: output is no terminal. */
  columns?: number;
  signal?: AbortSignal;
  now?: number;
  opened?: string[];
}

/** A home of its own for a suite, and the command run in it; gone when disposed of. */
export async function createCliHome(): Promise<
  AsyncDisposable & { config: string; run: (args: string[], options?: CliOptions) => Promise<CliResult> }
> {
  const home = await mkdtemp(path.join(tmpdir(), 'sbx-cli-'));
  return {
    config: path.join(home, 'signalbox', 'config.json'),
    run: async (args, options = {}) => {
      const stdout = new Collector(options.columns);
      const stderr = new Collector(options.columns);
      const host: Host = {
        env: { XDG_CONFIG_HOME: home, ...options.env },
        stdin: options.stdin === undefined ? new PassThrough().end() : Readable.from([options.stdin]),
        stdout,
        stderr,
        now: () => options.now ?? Date.now(),
        signal: options.signal ?? new AbortController().signal,
        openBrowser: (url) => void options.opened?.push(url),
      };
      const exitCode = await runCli(args, host);
      return { exitCode, stdout: stdout.text, stderr: stderr.text };
    },
    [Symbol.asyncDispose]: () => rm(home, { recursive: true, force: true }),
  };
}

class Collector extends Writable implements OutputStream {
  text = '';
  readonly isTTY: boolean;
  readonly columns: number | undefined;

  constructor(columns: number | undefined) {
    super();
    this.isTTY = columns !== undefined;
    this.columns = columns;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

import type { Readable, Writable } from 'node:stream';

/** A stream that may be a terminal. */
export type OutputStream = Writable & { isTTY?: boolean; columns?: number; rows?: number };

/** What surrounds the command. Tests give their own; nothing else in the CLI touches `process`. */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: Readable & { isTTY?: boolean };
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Aborts on Ctrl-C. */
  readonly signal: AbortSignal;
  /** Opens an address in the person's browser, as well as the machine allows. */
  readonly openBrowser: (url: string) => void;
}

/** What a person may say to `npm start`: arguments and environment. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { StartError } from './start-error.ts';

export type Options = {
  /** Wait for the demo run, print a summary, stop. */
  readonly once: boolean;
  /** Begin from nothing: data of the embedded stack is deleted first. */
  readonly reset: boolean;
  /** Start programs again when their sources change, and serve the console from source. */
  readonly watch: boolean;
  readonly help: boolean;
  readonly dataDir: string | undefined;
  /** Of the control plane; all else listens where it finds room. */
  readonly port: number;
  /** An own Postgres; the embedded one is not started. */
  readonly databaseUrl: string | undefined;
  /** An own NATS in operator mode with the trust file that made its configuration; the embedded one is not started. */
  readonly nats: { readonly url: string; readonly trustFile: string } | undefined;
};

export const HELP = `npm start -- [options]

  --once            wait for the demo run, print a one-line JSON summary, stop
  --reset           begin from nothing: delete the data of the embedded stack first
  --watch           for development: restart on changes (the same as npm run dev)
  --data-dir DIR    keep data in DIR (default .signalbox)
  --help            print this

Environment: SIGNALBOX_PORT (4200), DATABASE_URL, NATS_URL with SIGNALBOX_NATS_TRUST_FILE`;

const DEFAULT_PORT = '4200';

export function readOptions(args: string[], env: NodeJS.ProcessEnv): Options {
  const values = parse(args);
  return {
    once: values.once ?? false,
    reset: values.reset ?? false,
    watch: values.watch ?? false,
    help: values.help ?? false,
    dataDir: values['data-dir'] === undefined ? undefined : resolve(values['data-dir']),
    port: portOf(env['SIGNALBOX_PORT'] || DEFAULT_PORT),
    databaseUrl: env['DATABASE_URL'] || undefined,
    nats: natsOf(env['NATS_URL'] || undefined, env['SIGNALBOX_NATS_TRUST_FILE'] || undefined),
  };
}

function parse(args: string[]) {
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({ args, options: { once: flag, reset: flag, watch: flag, help: flag, 'data-dir': { type: 'string' } } }).values;
  } catch (error) {
    throw new StartError(`${(error as Error).message.split('. ')[0]}. See npm start -- --help`);
  }
}

function portOf(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new StartError(`SIGNALBOX_PORT is "${text}": expected a number from 1 to 65535`);
  return port;
}

function natsOf(url: string | undefined, trustFile: string | undefined): Options['nats'] {
  if (url === undefined) return undefined;
  if (trustFile === undefined)
    throw new StartError('NATS_URL is set: SIGNALBOX_NATS_TRUST_FILE must name the trust file that its configuration was made with');
  return { url, trustFile };
}

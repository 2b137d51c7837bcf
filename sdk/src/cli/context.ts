import type { Client } from '../client/index.ts';
import { readConfig } from './config/config-file.ts';
import type { SettingFlags, Settings } from './config/settings.ts';
import { resolveSettings } from './config/settings.ts';
import type { Host } from './host.ts';
import type { Style } from './output/style.ts';
import { styleFor } from './output/style.ts';
import type { Column } from './output/table.ts';
import { fields, table } from './output/table.ts';
import { harmless } from './output/width.ts';

/** Options that every command takes. */
export interface GlobalOptions extends SettingFlags {
  readonly json?: boolean;
  readonly debug?: boolean;
  readonly color?: boolean;
}

/** What a verb of the command line works with. Made per call; nothing is read before it is asked for. */
export interface Context {
  readonly host: Host;
  readonly options: GlobalOptions;
  readonly style: Style;
  /** Cells across; Infinity when the output is not a terminal. */
  readonly width: number;
  readonly json: boolean;
  settings(): Promise<Settings>;
  client(): Promise<Client>;
  print(...lines: string[]): void;
  /** Beside the result: on standard error, and not at all with `--json`. */
  note(...lines: string[]): void;
  /** The API's answer as it is, indented for people; `data` on one line with `compact`. */
  printJson(data: unknown, layout?: 'compact'): void;
  printTable<Row>(rows: readonly Row[], columns: readonly Column<Row>[], empty: string): void;
  printFields(pairs: readonly (readonly [name: string, value: string | null])[]): void;
}

export function createContext(host: Host, options: GlobalOptions): Context {
  const style = styleFor(host.stdout, host.env, options.color !== false);
  const width = host.stdout.isTTY ? (host.stdout.columns ?? 80) : Number.POSITIVE_INFINITY;
  let settings: Promise<Settings> | undefined;
  let client: Promise<Client> | undefined;
  // The last gate before the terminal: whatever name or message found its way into a line cannot steer it.
  const text = (lines: string[]) => lines.map((line) => `${harmless(line, style.isColorSupported)}\n`).join('');
  const print = (...lines: string[]) => void host.stdout.write(text(lines));

  const context: Context = {
    host,
    options,
    style,
    width,
    json: options.json === true,
    settings: () => (settings ??= readConfig(host.env).then((config) => resolveSettings(options, host.env, config))),
    client: () => (client ??= context.settings().then(connect)),
    print,
    note: (...lines) => void (options.json || host.stderr.write(text(lines))),
    printJson: (data, layout) => void host.stdout.write(`${JSON.stringify(data, null, layout === 'compact' ? 0 : 2)}\n`),
    printTable: (rows, columns, empty) => {
      if (rows.length === 0) context.note(empty);
      else print(...table(rows, columns, { maxWidth: width, header: style.bold }));
    },
    printFields: (pairs) => print(...fields(pairs, style.dim)),
  };
  return context;
}

async function connect(settings: Settings): Promise<Client> {
  const { createClient } = await import('../client/index.ts');
  return createClient({
    url: settings.url,
    apiKey: settings.apiKey ?? undefined,
    workspace: settings.workspace ?? undefined,
    headers: { 'x-signalbox-client': 'cli' },
    // A person waits: say soon that nobody answers.
    retry: { retries: 2, minDelayMs: 150, maxDelayMs: 2_000 },
  });
}

/** The only reader of the agent's environment. Command-line options win over variables, variables over defaults. */
import { cpus, homedir, hostname } from 'node:os';
import { join, resolve } from 'node:path';

export const ON_STOP = ['leave', 'wait', 'kill'] as const;
export type OnStop = (typeof ON_STOP)[number];

export interface AgentConfig {
  /** Address of the control plane. Needed to enroll and to renew over HTTPS; remembered in the data folder. */
  readonly url: string;
  /** Where to dial NATS instead of where the control plane said at enrollment: behind a proxy or another name. Empty: as it said. */
  readonly natsUrls: readonly string[];
  /** Single use; needed once. */
  readonly joinCode: string | null;
  /** Of a service account that may enroll agents, with `pool`: needed once, in place of a join code. Taken from the environment alone. */
  readonly apiKey: string | null;
  readonly pool: string | null;
  readonly name: string;
  readonly dataDir: string;
  /** Runs at once. Default: processors. */
  readonly slots: number;
  /**
   * Processes at once, warm ones included: what bounds memory, since a run that waits for a child uses a process and no
   * slot. Default: four times the slots, and warm.
   */
  readonly maxProcesses: number;
  /** Children kept warm. Default: as many as slots, at most 4. */
  readonly maxWarm: number;
  /**
   * What TERM does with runs that go on: `leave` them to be taken up by the restarted agent (default: a deploy of the
   * agent costs users nothing), `wait` for them up to `drainMs` and then leave, or `kill` them (where no process may stay).
   */
  readonly onStop: OnStop;
  readonly drainMs: number;
  /** Where runs keep results: SIGNALBOX_RESULTS_DIR, which agents of one machine may share, else in the data folder. */
  readonly resultsDir: string;
  /** Results that nobody has written to for so many days are removed; 0: never. */
  readonly resultsKeepDays: number;
  readonly logLevel: string;
  readonly faultDir: string | undefined;
  /** What children inherit from. */
  readonly environment: NodeJS.ProcessEnv;
}

export interface AgentOptions {
  url?: string;
  natsUrl?: string;
  joinCode?: string;
  pool?: string;
  name?: string;
  dataDir?: string;
  slots?: string;
  maxProcesses?: string;
  warm?: string;
}

const DEFAULT_URL = 'http://127.0.0.1:4200';
/** Processes by default for each slot: one that runs, and some whose run waits for a child, and that for another. */
const WAITING_A_SLOT = 4;
/** Longer than runs are suspended as a rule: a run that is resumed later runs its tasks again. */
const DEFAULT_KEEP_DAYS = 30;
const DEFAULT_DRAIN_MS = 10 * 60_000;

/** @throws ConfigError that names the option, the value and what was expected. */
export function readConfig(options: AgentOptions, environment: NodeJS.ProcessEnv = process.env): AgentConfig {
  const text = (option: string | undefined, variable: string) => option ?? (environment[variable] || undefined);
  const slots = count('--slots', text(options.slots, 'SIGNALBOX_AGENT_SLOTS'), Math.max(1, cpus().length), 1);
  const maxWarm = count('--warm', text(options.warm, 'SIGNALBOX_AGENT_WARM'), Math.min(slots, 4), 0);
  const dataDir = resolve(text(options.dataDir, 'SIGNALBOX_AGENT_DATA_DIR') ?? join(homedir(), '.signalbox', 'agent'));
  const onStop = text(undefined, 'SIGNALBOX_AGENT_ON_STOP') ?? 'leave';
  if (!(ON_STOP as readonly string[]).includes(onStop))
    throw new ConfigError(`SIGNALBOX_AGENT_ON_STOP: expected ${ON_STOP.join(', ')}, got ${onStop}`);
  return {
    url: httpUrl(text(options.url, 'SIGNALBOX_URL') ?? DEFAULT_URL),
    natsUrls: natsUrls(text(options.natsUrl, 'SIGNALBOX_NATS_URL')),
    joinCode: text(options.joinCode, 'SIGNALBOX_JOIN_CODE') ?? null,
    apiKey: environment.SIGNALBOX_API_KEY || null,
    pool: text(options.pool, 'SIGNALBOX_POOL') ?? null,
    name: text(options.name, 'SIGNALBOX_AGENT_NAME') ?? hostname(),
    dataDir,
    slots,
    maxProcesses: count(
      '--max-processes',
      text(options.maxProcesses, 'SIGNALBOX_AGENT_MAX_PROCESSES'),
      WAITING_A_SLOT * slots + maxWarm,
      1,
    ),
    maxWarm,
    onStop: onStop as OnStop,
    drainMs: count('SIGNALBOX_AGENT_DRAIN_MS', environment.SIGNALBOX_AGENT_DRAIN_MS || undefined, DEFAULT_DRAIN_MS, 0),
    resultsDir: resolve(environment.SIGNALBOX_RESULTS_DIR || join(dataDir, 'results')),
    resultsKeepDays: count('SIGNALBOX_RESULTS_KEEP_DAYS', environment.SIGNALBOX_RESULTS_KEEP_DAYS || undefined, DEFAULT_KEEP_DAYS, 0),
    logLevel: environment.SIGNALBOX_LOG_LEVEL || 'info',
    faultDir: environment.SIGNALBOX_FAULT_DIR,
    environment,
  };
}

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

function count(name: string, text: string | undefined, fallback: number, least: number): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < least) throw new ConfigError(`${name}: expected a whole number from ${least}, got ${text}`);
  return value;
}

function natsUrls(text: string | undefined): string[] {
  const urls = (text ?? '')
    .split(',')
    .map((url) => url.trim())
    .filter(Boolean);
  const odd = urls.find((url) => !URL.canParse(url) || !/^(nats|tls|wss?):$/.test(new URL(url).protocol));
  if (odd !== undefined) throw new ConfigError(`--nats-url: expected nats://, tls://, ws:// or wss://, got ${odd}`);
  return urls;
}

function httpUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !['http:', 'https:'].includes(url.protocol)) throw new ConfigError(`--url: expected http://... or https://..., got ${text}`);
  return url.href.replace(/\/+$/, '');
}

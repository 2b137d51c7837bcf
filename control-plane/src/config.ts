/** The only reader of the environment. Each variable has its unit, default and reason here. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { parseWorkspaceLimits, type WorkspaceLimits } from './domain/rules/workspace-limits.ts';
import type { NatsTrust } from './platform/nats-trust.ts';

const ms = (byDefault: number, min: number, max: number) => z.coerce.number().int().min(min).max(max).default(byDefault);

const environment = z.object({
  /** Login that owns the database; the other roles are worn by `options=-c role=`. */
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  /** Connections a role (app, report, system). */
  SIGNALBOX_DB_CONNECTIONS: z.coerce.number().int().min(2).max(200).default(10),
  /** Comma-separated. */
  NATS_URL: z.string().min(1),
  /** JSON of `createNatsTrust()`, readable by this process alone. */
  SIGNALBOX_NATS_TRUST_FILE: z.string().min(1),
  /** What agents are told to dial; default NATS_URL. Comma-separated, most preferred first. */
  SIGNALBOX_AGENT_NATS_URLS: z.string().min(1).optional(),
  SIGNALBOX_HOST: z.string().min(1).default('127.0.0.1'),
  SIGNALBOX_PORT: z.coerce.number().int().min(0).max(65_535).default(4200),
  /** How people and agents reach us; cookies are Secure when it is https. */
  SIGNALBOX_PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** Seals secrets at rest and signs sessions. 32 characters or more; losing it loses sealed secrets. */
  SIGNALBOX_SECRET: z.string().min(32, 'expected 32 characters or more'),
  /** Loopback address of the console; absent: API only. */
  SIGNALBOX_WEB_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** Proxies in front that add their peer to X-Forwarded-For; 0: that header is believed from nobody. */
  SIGNALBOX_TRUSTED_PROXIES: z.coerce.number().int().min(0).max(10).default(0),
  /** Bearer token of `/metrics`; absent: only programs on this machine read it. */
  SIGNALBOX_METRICS_TOKEN: z.string().min(16, 'expected 16 characters or more').optional(),
  /** Mail server: `smtp://user:password@host:587` or `smtps://host:465`; absent: no mail is sent. */
  SIGNALBOX_SMTP_URL: z.url({ protocol: /^smtps?$/ }).optional(),
  /** Sender of mail. */
  SIGNALBOX_MAIL_FROM: z.string().min(3).max(200).default('Signalbox <signalbox@localhost>'),
  /** DNS servers asked about domains of organizations, `address` or `address:port`, comma-separated; absent: the machine's own. */
  SIGNALBOX_DNS_SERVERS: z.string().min(1).optional(),
  /** Lets identity providers be in private networks, and without TLS: an owner of an organization then makes us ask any address. */
  SIGNALBOX_PRIVATE_PROVIDERS: z.enum(['allow', 'refuse']).default('refuse'),
  /** Lets notifications and webhooks go to private networks: who may make channels then makes us send to any address. */
  SIGNALBOX_PRIVATE_TARGETS: z.enum(['allow', 'refuse']).default('refuse'),
  /** How long a claim lives without renewal, served time. */
  SIGNALBOX_LEASE_MS: ms(60_000, 1_000, 3_600_000),
  /** How long a run stays Lost before `onLostAgent` acts. */
  SIGNALBOX_LOST_GRACE_MS: ms(300_000, 1_000, 86_400_000),
  /** How often agents renew; a sixth of the lease leaves room for five lost renewals. */
  SIGNALBOX_RENEW_MS: ms(10_000, 200, 600_000),
  /** How long before its due instant a run may be claimed, so that its code is loaded when it is due. */
  SIGNALBOX_PREFETCH_MS: ms(2_000, 0, 60_000),
  /** What a workspace may use, `apiCalls.minute=6000,agents.now=50`; absent or 0: unlimited. */
  SIGNALBOX_WORKSPACE_LIMITS: z.string().default('').transform(readLimits),
  SIGNALBOX_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

export type Config = {
  readonly databaseUrl: string;
  readonly dbConnections: number;
  readonly natsUrl: string;
  readonly natsTrust: NatsTrust;
  readonly agentNatsUrls: readonly string[];
  readonly host: string;
  readonly port: number;
  readonly publicUrl: string;
  readonly secret: string;
  readonly webUrl: string | null;
  readonly metricsToken: string | null;
  readonly trustedProxies: number;
  readonly dnsServers: readonly string[];
  readonly privateProviders: boolean;
  readonly privateTargets: boolean;
  readonly smtpUrl: string | null;
  readonly mailFrom: string;
  readonly leaseMs: number;
  readonly lostGraceMs: number;
  readonly renewMs: number;
  readonly prefetchMs: number;
  readonly workspaceLimits: WorkspaceLimits;
  readonly logLevel: string;
};

/** The configuration. @throws ConfigError naming every variable that is wrong and what was expected. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const parsed = environment.safeParse(env);
  if (!parsed.success) {
    // The value is left out: it may hold a password.
    throw new ConfigError(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  }
  const e = parsed.data;
  return {
    databaseUrl: e.DATABASE_URL,
    dbConnections: e.SIGNALBOX_DB_CONNECTIONS,
    natsUrl: e.NATS_URL,
    natsTrust: readTrust(e.SIGNALBOX_NATS_TRUST_FILE),
    agentNatsUrls: (e.SIGNALBOX_AGENT_NATS_URLS ?? e.NATS_URL).split(',').map((url) => url.trim()),
    host: e.SIGNALBOX_HOST,
    port: e.SIGNALBOX_PORT,
    publicUrl: (e.SIGNALBOX_PUBLIC_URL ?? `http://localhost:${e.SIGNALBOX_PORT}`).replace(/\/$/, ''),
    secret: e.SIGNALBOX_SECRET,
    webUrl: e.SIGNALBOX_WEB_URL ?? null,
    metricsToken: e.SIGNALBOX_METRICS_TOKEN ?? null,
    trustedProxies: e.SIGNALBOX_TRUSTED_PROXIES,
    dnsServers: e.SIGNALBOX_DNS_SERVERS?.split(',').map((server) => server.trim()) ?? [],
    privateProviders: e.SIGNALBOX_PRIVATE_PROVIDERS === 'allow',
    privateTargets: e.SIGNALBOX_PRIVATE_TARGETS === 'allow',
    smtpUrl: e.SIGNALBOX_SMTP_URL ?? null,
    mailFrom: e.SIGNALBOX_MAIL_FROM,
    leaseMs: e.SIGNALBOX_LEASE_MS,
    lostGraceMs: e.SIGNALBOX_LOST_GRACE_MS,
    renewMs: e.SIGNALBOX_RENEW_MS,
    prefetchMs: e.SIGNALBOX_PREFETCH_MS,
    workspaceLimits: e.SIGNALBOX_WORKSPACE_LIMITS,
    logLevel: e.SIGNALBOX_LOG_LEVEL,
  };
}

/** What is wrong with the environment, one line a variable. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  constructor(problems: readonly string[]) {
    super(`the configuration is incomplete or wrong:\n  ${problems.join('\n  ')}`);
  }
}

function readLimits(text: string, ctx: z.RefinementCtx): WorkspaceLimits {
  try {
    return parseWorkspaceLimits(text);
  } catch (error) {
    ctx.addIssue({ code: 'custom', message: (error as Error).message });
    return {};
  }
}

function readTrust(path: string): NatsTrust {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as NatsTrust;
  } catch (cause) {
    throw new ConfigError([`SIGNALBOX_NATS_TRUST_FILE: ${path} could not be read: ${(cause as Error).message}`]);
  }
}

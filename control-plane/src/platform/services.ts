/** What requests are served with. Made once by main.ts (or a test) and passed down; nothing reaches for a global. */
import type { LiveEvent } from '@signalbox/proto/api';
import type { CommandVerb } from '@signalbox/proto/subjects';
import type { OrganizationScope } from '../domain/permissions.ts';
import type { WorkspaceLimits } from '../domain/rules/workspace-limits.ts';
import type { Actor, Identity, OrganizationAccess, WorkspaceAccess } from './actor.ts';
import type { Db, Tx } from './db.ts';
import type { Log } from './log.ts';
import type { Mail } from './mail.ts';
import type { Sql } from './sql.ts';
import type { UsageMeter } from './usage.ts';
import type { WakeTopic } from './wakes.ts';

/** What requests need of the bus; platform/bus.ts has it. */
export type RequestBus = {
  live(workspaceId: string, event: LiveEvent): void;
  onLive(workspaceId: string, listener: (event: LiveEvent) => void): () => void;
  nudge(workspaceId: string, poolId: string): void;
  wake(topic: WakeTopic): void;
  onWake(topic: WakeTopic, listener: () => void): () => void;
  command(workspaceId: string, agentId: string, verb: CommandVerb, body: unknown): Promise<void>;
  prove(): Promise<void>;
};

/** What requests need of the workspaces' NATS accounts; platform/nats-accounts.ts has it. */
export type AgentCredentials = {
  ensureAccount(workspaceId: string): Promise<string>;
  issueAgentJwt(agent: {
    workspaceId: string;
    agentId: string;
    poolId: string;
    publicKey: string;
  }): Promise<{ jwt: string; expiresAt: Date }>;
  revokeAgent(workspaceId: string, publicKey: string): Promise<void>;
};

export type Settings = {
  /** Where people and agents reach us, without a slash at the end. */
  readonly publicUrl: string;
  /** At least 32 characters; signs sessions. */
  readonly secret: string;
  /** Loopback address of the console, or null: none is configured. */
  readonly webUrl: string | null;
  /** Where agents dial NATS, most preferred first. */
  readonly agentNatsUrls: readonly string[];
  /** What `/metrics` asks for; null: only programs on this machine read it. */
  readonly metricsToken: string | null;
  /** DNS servers that are asked about domains; empty: the machine's own. */
  readonly dnsServers: readonly string[];
  /** Whether identity providers may be in private networks, and without TLS. */
  readonly privateProviders: boolean;
  /** Whether notifications and webhooks may go to private networks. */
  readonly privateTargets: boolean;
  /** How many proxies of ours stand in front, each of which adds its peer to `x-forwarded-for`. */
  readonly trustedProxies: number;
  /** What a workspace may use where its operator set nothing else. */
  readonly workspaceLimits: WorkspaceLimits;
};

export type Services = {
  readonly db: Db;
  readonly bus: RequestBus;
  readonly credentials: AgentCredentials;
  readonly mail: Mail;
  readonly usage: UsageMeter;
  readonly log: Log;
  readonly settings: Settings;
  /** Absent: what is made waits for its commit to be given. features/dispatch has it. */
  readonly giveAtOnce?: GiveAtOnce;
};

/** Takes a claim that stands for this pool here, to be carried out in the transaction that makes work for it; null: none stands. */
export type GiveAtOnce = (work: { readonly workspaceId: string; readonly poolId: string }) => WithCommit | null;

/** What goes to Postgres with the commit of a command, behind all that its verb does. */
export type WithCommit = {
  /** As the role of requests, in the workspace; leaves the transaction so. Every statement is on its way when it returns. */
  send(sql: Sql): Promise<unknown>;
  /** Said once, as soon as it is known; before all other effects. */
  settled(isCommitted: boolean): void;
};

/** One request, before anything is known of who asks. */
export type Request = {
  readonly services: Services;
  readonly id: string;
  /** Address of the peer, for rate limits. */
  readonly address: string;
  /** `x-signalbox-host`: the machine of a command line, as it calls itself. */
  readonly clientHost?: string | null;
  /** How the request came: `console`, `cli`, `sdk` or `api`. */
  readonly origin: string;
  /** W3C trace context of the request, when it has one: runs that it makes go on under it. */
  readonly traceparent?: string | null;
  /** `x-signalbox-workspace`, or null. */
  readonly workspaceRef: string | null;
  /** `x-signalbox-organization`, or null. */
  readonly organizationRef: string | null;
  /** Told which workspace a call counts for. */
  counted?(workspaceId: string): void;
  /** Who asks, or null for nobody; asked of the database at most once a request. @throws UNAUTHENTICATED for a bad credential. */
  identify(): Promise<Identity | null>;
};

/** What a verb of a feature gets: one actor in one workspace, inside one transaction that sees that workspace alone. */
export type Ctx = Services & {
  readonly actor: Actor;
  readonly workspace: WorkspaceAccess;
  /** When the API key that asks ends: nothing made with it lives longer. Null: a person, or a key without an end. */
  readonly credentialExpiresAt: Date | null;
  /** It sees single things alone, and makes none beside them. */
  readonly isNarrowed: boolean;
  /** What the actor may in the organization of the workspace. */
  readonly organizationScopes: ReadonlySet<OrganizationScope>;
  readonly requestId: string;
  readonly origin: string;
  readonly traceparent?: string | null;
  /** Hand-written SQL of the same transaction. */
  readonly sql: Sql;
  readonly tx: Tx;
};

/** What reads on the hot path get: plain SQL, no Prisma. Any other context will do for them as well. */
export type SqlCtx = Omit<Ctx, 'tx'>;

/** A verb that writes also says what is to follow once it is committed. */
export type CommandCtx = Ctx & Effects;

/** The same on the hot path: plain SQL, no Prisma. `withCommit`: absent where the transaction is another's. */
export type SqlCommandCtx = SqlCtx & Effects & { withCommit?(last: WithCommit): void };

/** What a verb about an organization gets: a transaction that sees the rows of that organization alone. */
export type OrganizationCtx = Services & {
  readonly actor: Actor;
  readonly organization: OrganizationAccess;
  readonly identity: Identity;
  readonly requestId: string;
  /** Of the peer, as the trusted proxies saw it. */
  readonly address: string;
  readonly tx: Tx;
};

export type OrganizationCommandCtx = OrganizationCtx & Effects;

type Effects = {
  /** Runs after the commit, in order; its failure is logged and does not undo the command. */
  afterCommit(effect: () => void | Promise<void>): void;
};

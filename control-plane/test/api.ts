/** The API on a database of its own, with tenants to act as. The bus is a recorder at its port: what was sent is looked at. */
import { randomBytes } from 'node:crypto';
import { uuidv7 } from '@signalbox/proto';
import type { BuiltInRole, LiveEvent, OrganizationRole } from '@signalbox/proto/api';
import { type App, createApp } from '../src/app.ts';
import type { Access } from '../src/domain/access.ts';
import { organizationScopesOf, RUN_SCOPES, RUN_SCOPES_ON_OWN_DEPLOYMENT, scopesOf } from '../src/domain/permissions.ts';
import { createUser } from '../src/features/identity/index.ts';
import { type Meter, openMeter } from '../src/features/usage/index.ts';
import { ensureWorkPool } from '../src/features/work-pools/index.ts';
import type { Actor, Identity, WorkspaceAccess } from '../src/platform/actor.ts';
import { type Db, openDb } from '../src/platform/db.ts';
import { AppError } from '../src/platform/errors.ts';
import { openLog } from '../src/platform/log.ts';
import type { Message } from '../src/platform/mail.ts';
import type { AgentCredentials, RequestBus, Services, Settings } from '../src/platform/services.ts';
import { createCaller } from '../src/router.ts';
import { createTestDatabase } from './database.ts';

export type Caller = ReturnType<typeof createCaller>;
export const PASSWORD = 'correct horse battery';

export type TestApi = AsyncDisposable & {
  readonly db: Db;
  readonly databaseUrl: string;
  readonly app: App;
  readonly services: Services & { readonly usage: Meter };
  readonly sent: Sent;
  /** A workspace of an organization of its own, with a pool `local`. */
  tenant(as?: Services): Promise<Tenant>;
};

export type Sent = {
  readonly live: LiveEvent[];
  readonly nudges: string[];
  readonly commands: { agentId: string; verb: string; body: unknown }[];
  readonly revoked: string[];
  readonly mails: Message[];
};

/** What a request's headers name; nothing: the first that the one who asks has. */
export type Place = { readonly workspaceRef?: string; readonly organizationRef?: string };

export type Tenant = {
  readonly workspaceId: string;
  readonly organizationId: string;
  readonly slug: string;
  readonly poolId: string;
  /** Acts as a person of this role; the owner's email is known to sign-in with PASSWORD. */
  as(role: BuiltInRole, at?: Place): Caller;
  /** Acts as a running flow of a deployment, with the token of its run. */
  asRun(deploymentId: string): Caller;
  /** Acts as the same person with this access in the workspace, and no role in the organization. */
  withAccess(access: Access): Caller;
  /** Acts as the same person with a role in the organization, and none in its workspaces. */
  asOrganization(role: OrganizationRole, at?: Place): Caller;
  /** Acts as whoever this is. */
  acting(identity: Identity | null, at?: Place): Caller;
  readonly owner: Caller;
  readonly ownerEmail: string;
  /** Audit rows of an action, oldest first. */
  audit(action: string): Promise<{ actorName: string; targetKind: string; targetId: string | null; before: unknown; after: unknown }[]>;
};

export async function openTestApi(settings: Partial<Settings> = {}): Promise<TestApi> {
  const database = await createTestDatabase();
  const db = openDb({ url: database.url, maxConnections: 8 });
  const sent: Sent = { live: [], nudges: [], commands: [], revoked: [], mails: [] };
  const services: TestApi['services'] = {
    db,
    bus: recordingBus(sent),
    credentials: recordingCredentials(sent),
    mail: { isConfigured: true, send: async (message) => void sent.mails.push(message) },
    usage: openMeter({ db, defaults: settings.workspaceLimits ?? {} }),
    log: openLog('silent', 'test'),
    settings: {
      publicUrl: 'http://localhost:4200',
      secret: 'a secret of the tests, 32 characters long',
      webUrl: null,
      agentNatsUrls: ['nats://127.0.0.1:4222'],
      metricsToken: null,
      trustedProxies: 0,
      workspaceLimits: {},
      dnsServers: [],
      privateProviders: false,
      privateTargets: false,
      ...settings,
    },
  };
  return {
    db,
    databaseUrl: database.url,
    app: createApp(services),
    services,
    sent,
    tenant: (as = services) => createTenant(as),
    [Symbol.asyncDispose]: async () => {
      await db.close();
      await database[Symbol.asyncDispose]();
    },
  };
}

/** The code and message of what a call threw, as its requester sees them. */
export async function refusal(call: Promise<unknown>): Promise<{ code: string; message: string; issues?: readonly unknown[] }> {
  try {
    await call;
  } catch (thrown) {
    const error = (thrown as { cause?: unknown }).cause;
    if (!(error instanceof AppError)) throw thrown;
    return { code: error.code, message: error.message, ...(error.issues ? { issues: error.issues } : {}) };
  }
  throw new Error('the call was expected to be refused');
}

async function createTenant(services: Services): Promise<Tenant> {
  const { system } = services.db;
  const slug = `t-${randomBytes(5).toString('hex')}`;
  const [organizationId, workspaceId] = [uuidv7(Date.now()), uuidv7(Date.now())];
  const ownerEmail = `${slug}@example.com`;
  const organization = await system.organization.create({ data: { id: organizationId, slug, name: slug } });
  const workspace = await system.workspace.create({ data: { id: workspaceId, organizationId, slug, name: slug } });
  const owner = await createUser(system, { email: ownerEmail, password: PASSWORD, name: 'Owner' });
  await system.organizationMember.create({ data: { organizationId, userId: owner.id, role: 'owner' } });
  await system.workspaceMember.create({ data: { workspaceId, userId: owner.id, role: 'owner' } });
  const { id: poolId } = await ensureWorkPool(system, workspaceId, { name: 'local' });

  const actor: Actor = { kind: 'user', id: owner.id, name: 'Owner', email: ownerEmail };
  const place = {
    id: workspaceId,
    slug,
    name: slug,
    retentionClass: workspace.retentionClass,
    createdAt: workspace.createdAt,
    purgeAt: null,
    organization,
  };
  const as = (role: BuiltInRole, at?: Place) => {
    const access: WorkspaceAccess = { ...place, role, scopes: new Set(scopesOf(role)), objects: [] };
    return callerOf(services, { actor, workspaces: [access], organizations: [inOrganization('owner')], expiresAt: null }, at);
  };
  const asRun = (deploymentId: string) => {
    const run: Actor = { kind: 'run', id: uuidv7(Date.now()), name: 'run', epoch: 1 };
    const own = { kind: 'deployment', id: deploymentId, scopes: new Set(RUN_SCOPES_ON_OWN_DEPLOYMENT) } as const;
    const access: WorkspaceAccess = { ...place, role: 'run', scopes: new Set(RUN_SCOPES), objects: [own] };
    return callerOf(services, { actor: run, workspaces: [access], organizations: [], expiresAt: null });
  };
  const inOrganization = (role: OrganizationRole) => ({
    id: organizationId,
    slug,
    name: slug,
    role,
    scopes: new Set(organizationScopesOf(role)),
    everywhere: new Set(role === 'member' ? [] : scopesOf('owner')),
    purgeAt: null,
  });
  return {
    workspaceId,
    organizationId,
    slug,
    poolId,
    asOrganization: (role, at) => callerOf(services, { actor, workspaces: [], organizations: [inOrganization(role)], expiresAt: null }, at),
    withAccess: (access) => callerOf(services, { actor, workspaces: [{ ...place, ...access }], organizations: [], expiresAt: null }),
    asRun,
    acting: (identity, at) => callerOf(services, identity, at),
    as,
    owner: as('owner'),
    ownerEmail,
    audit: (action) =>
      system.auditEntry.findMany({
        // Of the workspace, and of its organization as a whole.
        where: { action, OR: [{ workspaceId }, { workspaceId: null, organizationId }] },
        orderBy: { id: 'asc' },
        select: { actorName: true, targetKind: true, targetId: true, before: true, after: true },
      }),
  };
}

function callerOf(services: Services, identity: Identity | null, at: Place = {}): Caller {
  return createCaller({
    services,
    id: 'test-request',
    address: '192.0.2.1',
    origin: 'api',
    workspaceRef: at.workspaceRef ?? null,
    organizationRef: at.organizationRef ?? null,
    identify: async () => identity,
  });
}

function recordingBus(sent: Sent): RequestBus {
  const listeners = new Map<string, Set<(event: LiveEvent) => void>>();
  return {
    live(workspaceId, event) {
      sent.live.push(event);
      for (const listener of listeners.get(workspaceId) ?? []) listener(event);
    },
    onLive(workspaceId, listener) {
      const own = listeners.get(workspaceId) ?? new Set();
      listeners.set(workspaceId, own.add(listener));
      return () => own.delete(listener);
    },
    wake() {},
    onWake: () => () => {},
    nudge: (_workspaceId, poolId) => void sent.nudges.push(poolId),
    command: async (_workspaceId, agentId, verb, body) => void sent.commands.push({ agentId, verb, body }),
    prove: async () => {},
  };
}

function recordingCredentials(sent: Sent): AgentCredentials {
  return {
    ensureAccount: async () => 'A'.repeat(56),
    issueAgentJwt: async ({ agentId }) => ({ jwt: `jwt of ${agentId}`, expiresAt: new Date(Date.now() + 86_400_000) }),
    revokeAgent: async (_workspaceId, publicKey) => void sent.revoked.push(publicKey),
  };
}

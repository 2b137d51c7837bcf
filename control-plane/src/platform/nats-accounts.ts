/**
 * One NATS account a workspace, and the credentials of its agents.
 *
 * A workspace's account imports five things from PLATFORM and may nothing else; its agents are signed with a scoped
 * key whose template is deny-by-default, so that even we cannot sign a wider one by mistake.
 */
import { type Account, decode, encodeAccount, encodeUser, newScopedSigner, type User } from '@nats-io/jwt';
import { createAccount, fromPublic, type KeyPair } from '@nats-io/nkeys';
import { connect, jwtAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import { isSuffix, uuidToSuffix } from '@signalbox/proto';
import { MESSAGE_MAX_BYTES } from '@signalbox/proto/messages';
import { agentSubjects } from '@signalbox/proto/subjects';
import type { PrismaClient } from '../generated/prisma/client.ts';
import { keyPairOf, seedOf } from './nats-keys.ts';
import type { NatsTrust } from './nats-trust.ts';
import type { Seal } from './seal.ts';

/** Life of an agent's credential, seconds. Revocation, not expiry, is the control. */
const AGENT_JWT_SECONDS = 24 * 3_600;
const MAX_PAYLOAD_BYTES = 256 * 1024;
/** Of a workspace's account: what one tenant may take of the server. An agent has one connection and at most 64 subscriptions. */
const MAX_CONNECTIONS = 1_000;
const AGENT_SUBSCRIPTIONS = 64;

export type NatsAccounts = {
  /** Makes the account of a workspace if it has none, and pushes it to the server. Idempotent. */
  ensureAccount(workspaceId: string): Promise<string>;
  /** The same without a look at the database once it is known: it never changes. */
  accountOf(workspaceId: string): Promise<string>;
  /** A credential for one agent of one pool. */
  issueAgentJwt(agent: {
    workspaceId: string;
    agentId: string;
    poolId: string;
    publicKey: string;
  }): Promise<{ jwt: string; expiresAt: Date }>;
  /** Closes the agent's socket within seconds and refuses every credential issued to that key before now. */
  revokeAgent(workspaceId: string, publicKey: string): Promise<void>;
  /**
   * A new key signs the workspace's agents from now on. Credentials of the old one stay good until each was renewed, which
   * every agent does within its life; `atOnce` (the key leaked) closes their sockets within seconds, and they renew over HTTPS.
   */
  rotateSigningKey(workspaceId: string, how: { readonly atOnce: boolean }): Promise<{ publicKey: string; retiredUntil: Date | null }>;
  /** Version and listener of the server that answers. */
  readonly server: { readonly version: string; readonly listenHost: string };
  /** A hint: the connection of this agent (its bare suffix) has just gone. */
  onAgentGone(listener: (agent: string) => void): void;
  /** Pushes every account again: after the server lost its folder. */
  pushAll(): Promise<number>;
  /** Told of each connection that the server refused though we signed its credential: it is over, or was revoked. One replica is. */
  onRefused(listener: (refused: RefusedConnection) => void): void;
  /** Workspace of an account's public key, or null. */
  workspaceOf(account: string): Promise<string | null>;
  close(): Promise<void>;
};

export type RefusedConnection = {
  readonly workspaceId: string;
  readonly publicKey: string;
  /** Of the peer, as the server saw it. */
  readonly address: string;
  readonly isExpired: boolean;
};

type Row = {
  workspaceId: string;
  publicKey: string;
  sealedSeed: string;
  sealedSigningSeed: string;
  revocations: unknown;
  retiredSigningKey: string | null;
  retiredUntil: Date | null;
};

export async function openNatsAccounts(deps: {
  readonly url: string;
  readonly trust: NatsTrust;
  readonly seal: Seal;
  readonly db: PrismaClient;
}): Promise<NatsAccounts> {
  const { trust, seal, db } = deps;
  const operator = keyPairOf(trust.operatorSigningSeed);
  const sys = await connect({
    servers: deps.url.split(','),
    name: 'signalbox control plane (accounts)',
    authenticator: jwtAuthenticator(trust.sys.user.jwt, new TextEncoder().encode(trust.sys.user.seed)),
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    reconnectJitter: 250,
    ignoreAuthErrorAbort: true,
    waitOnFirstConnect: true,
  });
  const workspaces = new Map<string, string>();
  const signers = new Map<string, { account: string; signer: KeyPair; sealed: string }>();

  async function push(row: Row): Promise<void> {
    const signing = keyPairOf(await seal.open(row.sealedSigningSeed));
    const jwt = await encodeAccount(
      uuidToSuffix(row.workspaceId),
      keyPairOf(await seal.open(row.sealedSeed)),
      accountClaims(row, signing, trust.platform.publicKey),
      { signer: operator },
    );
    await update(sys, jwt);
    workspaces.set(row.publicKey, row.workspaceId);
    signers.set(row.workspaceId, { account: row.publicKey, signer: signing, sealed: row.sealedSigningSeed });
  }

  async function ensureAccount(workspaceId: string): Promise<string> {
    const found = await db.natsAccount.findUnique({ where: { workspaceId } });
    if (found) {
      // Another replica may have rotated the key; and what was retired long enough leaves the account.
      const isOver = found.retiredUntil !== null && found.retiredUntil <= new Date();
      if (isOver) await db.natsAccount.update({ where: { workspaceId }, data: { retiredSigningKey: null, retiredUntil: null } });
      if (isOver || signers.get(workspaceId)?.sealed !== found.sealedSigningSeed) await push(found);
      return found.publicKey;
    }
    const [account, signing] = [createAccount(), createAccount()];
    await db.natsAccount.createMany({
      data: {
        workspaceId,
        publicKey: account.getPublicKey(),
        sealedSeed: await seal.close(seedOf(account)),
        sealedSigningSeed: await seal.close(seedOf(signing)),
      },
      skipDuplicates: true, // another replica was first: its keys count
    });
    return ensureAccount(workspaceId);
  }

  /** Null: not ours. Whoever knows an agent's public key can sign a credential for it with a key of their own. */
  async function refusedOf(event: AuthError): Promise<RefusedConnection | null> {
    const { jwt, host = '' } = event.client ?? {};
    if (!jwt) return null;
    const { sub, iss, exp, nats } = decode<User>(jwt);
    const account = (nats as { issuer_account?: string }).issuer_account ?? '';
    const row = await db.natsAccount.findUnique({ where: { publicKey: account } });
    if (!row) return null;
    await ensureAccount(row.workspaceId);
    if (iss !== signers.get(row.workspaceId)?.signer.getPublicKey() && iss !== row.retiredSigningKey) return null;
    return { workspaceId: row.workspaceId, publicKey: sub, address: host, isExpired: exp !== undefined && exp * 1000 <= Date.now() };
  }

  return {
    ensureAccount,
    onRefused(listener) {
      sys.subscribe('$SYS.SERVER.*.CLIENT.AUTH.ERR', {
        queue: 'signalbox',
        callback: (error, message) => {
          if (error) return;
          // What cannot be read names nobody.
          Promise.resolve()
            .then(() => refusedOf(message.json<AuthError>()))
            .then((refused) => refused && listener(refused))
            .catch(() => {});
        },
      });
    },
    accountOf: async (workspaceId) => signers.get(workspaceId)?.account ?? (await ensureAccount(workspaceId)),
    async issueAgentJwt({ workspaceId, agentId, poolId, publicKey }) {
      await ensureAccount(workspaceId);
      const signer = signers.get(workspaceId);
      if (!signer) throw new Error(`no signing key for workspace ${workspaceId}`);
      const [agent, pool] = [uuidToSuffix(agentId), uuidToSuffix(poolId)];
      // Names and tags are pasted into the template unescaped: a `*` would own every inbox.
      if (!isSuffix(agent) || !isSuffix(pool)) throw new RangeError('agent and pool must be bare id suffixes');
      const expiresAtSeconds = Math.floor(Date.now() / 1000) + AGENT_JWT_SECONDS;
      const jwt = await encodeUser(
        agent,
        fromPublic(publicKey),
        fromPublic(signer.account),
        { tags: [`pool:${pool}`] },
        {
          signer: signer.signer,
          scopedUser: true,
          exp: expiresAtSeconds,
        },
      );
      return { jwt, expiresAt: new Date(expiresAtSeconds * 1000) };
    },
    async revokeAgent(workspaceId, publicKey) {
      await ensureAccount(workspaceId);
      await db.$executeRaw`
        UPDATE nats_account SET revocations = revocations || jsonb_build_object(${publicKey}::text, extract(epoch FROM now())::bigint)
        WHERE workspace_id = ${workspaceId}::uuid`;
      await push(await db.natsAccount.findUniqueOrThrow({ where: { workspaceId } }));
    },
    async rotateSigningKey(workspaceId, { atOnce }) {
      await ensureAccount(workspaceId);
      const signing = createAccount();
      const sealed = await seal.close(seedOf(signing));
      const row = await db.$transaction(async (tx) => {
        const [old] = await tx.$queryRaw<{ sealed: string; retired_until: Date | null }[]>`
          SELECT sealed_signing_seed AS sealed, retired_until FROM nats_account WHERE workspace_id = ${workspaceId}::uuid FOR UPDATE`;
        if (!old) throw new Error(`no account of workspace ${workspaceId}`);
        if (!atOnce && old.retired_until !== null && old.retired_until > new Date())
          throw new RangeError(
            `the key was rotated lately: agents may hold credentials of the one before until ${old.retired_until.toISOString()}`,
          );
        const retired = atOnce ? null : keyPairOf(await seal.open(old.sealed)).getPublicKey();
        const retiredUntil = atOnce ? null : new Date(Date.now() + AGENT_JWT_SECONDS * 1_000);
        return tx.natsAccount.update({
          where: { workspaceId },
          data: { sealedSigningSeed: sealed, retiredSigningKey: retired, retiredUntil },
        });
      });
      await push(row);
      return { publicKey: signing.getPublicKey(), retiredUntil: row.retiredUntil };
    },
    get server() {
      return { version: sys.info?.version ?? 'unknown', listenHost: sys.info?.host ?? 'unknown' };
    },
    async pushAll() {
      const rows = await db.natsAccount.findMany();
      for (const row of rows) await push(row);
      return rows.length;
    },
    async workspaceOf(account) {
      const known = workspaces.get(account);
      if (known) return known;
      const row = await db.natsAccount.findUnique({ where: { publicKey: account }, select: { workspaceId: true } });
      if (row) workspaces.set(account, row.workspaceId);
      return row?.workspaceId ?? null;
    },
    onAgentGone(listener) {
      sys.subscribe('$SYS.ACCOUNT.*.DISCONNECT', {
        callback: (_error, message) => {
          const { client } = message.json<{ client?: { name_tag?: unknown } }>();
          if (typeof client?.name_tag === 'string' && isSuffix(client.name_tag)) listener(client.name_tag);
        },
      });
    },
    close: () => sys.close(),
  };
}

/** Of the server, when it refused somebody. */
type AuthError = { readonly client?: { readonly host?: string; readonly jwt?: string } };

/** The whole of what a workspace's account may. */
function accountClaims(row: Row, signing: KeyPair, platform: string): Partial<Account> {
  const { publicKey: account, retiredSigningKey, retiredUntil } = row;
  const isRetiredGood = retiredSigningKey !== null && retiredUntil !== null && retiredUntil > new Date();
  const service = (name: string, subject: string, local: string) => ({
    name,
    account: platform,
    subject,
    local_subject: local,
    type: 'service' as const,
  });
  const api = agentSubjects.jetstreamApiPrefix;
  return {
    // `limits` has no defaults: without `conn` nobody could connect.
    limits: {
      conn: MAX_CONNECTIONS,
      subs: MAX_CONNECTIONS * AGENT_SUBSCRIPTIONS,
      data: -1,
      payload: MAX_PAYLOAD_BYTES,
      exports: 0,
      imports: 8,
      wildcards: true,
      leaf: 0,
    },
    imports: [
      service('requests', `rt.${account}.>`, 'rt.>'),
      service('offers', '$JS.API.CONSUMER.MSG.NEXT.*.*', `${api}.CONSUMER.MSG.NEXT.$1.$2`),
      // Under its own name the account's built-in JetStream API would answer "not enabled".
      service('offers-info', '$JS.API.CONSUMER.INFO.*.*', `${api}.CONSUMER.INFO.$1.$2`),
      service('offers-ack', '$JS.ACK.*.*.>', '$JS.ACK.$1.$2.>'),
      { name: 'commands', account: platform, subject: `cmd.${account}.>`, local_subject: 'cmd.>', type: 'stream' },
    ],
    signing_keys: [
      newScopedSigner(signing, 'agent', AGENT_TEMPLATE),
      // The same scope to the letter: the server closes the sockets of a key whose scope changes.
      ...(isRetiredGood ? [newScopedSigner(fromPublic(retiredSigningKey), 'agent', AGENT_TEMPLATE)] : []),
    ],
    revocations: row.revocations as Record<string, number>,
  };
}

/** Deny by default; `{{...}}` is filled in by the server from the user's JWT. `allow: []` would mean allow all. */
const AGENT_TEMPLATE = {
  pub: {
    allow: [
      'rt.{{name()}}.>',
      `${agentSubjects.jetstreamApiPrefix}.CONSUMER.MSG.NEXT.*.{{tag(pool)}}`,
      `${agentSubjects.jetstreamApiPrefix}.CONSUMER.INFO.*.{{tag(pool)}}`,
      '$JS.ACK.*.{{tag(pool)}}.>',
    ],
  },
  sub: { allow: ['_INBOX.{{name()}}.>', 'cmd.{{name()}}.>', 'cmd.all'] },
  subs: AGENT_SUBSCRIPTIONS,
  data: -1,
  payload: Math.max(MAX_PAYLOAD_BYTES, MESSAGE_MAX_BYTES),
  bearer_token: false,
  allowed_connection_types: ['STANDARD' as const, 'WEBSOCKET' as const],
};

async function update(sys: NatsConnection, accountJwt: string): Promise<void> {
  const reply = (await sys.request('$SYS.REQ.CLAIMS.UPDATE', accountJwt, { timeout: 2_000 })).json<{
    data?: { code?: number };
    error?: { description?: string };
  }>();
  if (reply.error || reply.data?.code !== 200) {
    throw new Error(`NATS refused an account: ${reply.error?.description ?? JSON.stringify(reply)}`);
  }
}

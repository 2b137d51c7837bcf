/**
 * What the NATS server trusts: one operator, its SYS and PLATFORM accounts, and the two users of the control plane.
 * Made once for an installation and kept in a file (0600). The operator's and the two accounts' identity keys are
 * thrown away after signing; what remains can sign workspace accounts and nothing wider.
 */
import { type Account, encodeAccount, encodeOperator, encodeUser } from '@nats-io/jwt';
import { createAccount, createOperator, createUser, type KeyPair } from '@nats-io/nkeys';
import { keyPairOf, seedOf } from './nats-keys.ts';

export type NatsUser = { readonly jwt: string; readonly seed: string };
export type NatsTrust = {
  readonly operatorJwt: string;
  /** Signs the JWTs of workspaces' accounts. */
  readonly operatorSigningSeed: string;
  readonly sys: { readonly publicKey: string; readonly jwt: string; readonly user: NatsUser };
  readonly platform: { readonly publicKey: string; readonly jwt: string; readonly user: NatsUser };
};

const UNLIMITED = { subs: -1, data: -1, payload: -1, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: 0 };
const JETSTREAM = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };

/** What PLATFORM offers to workspaces' accounts. Only we sign account JWTs, so nobody else can import it. */
const PLATFORM_EXPORTS: NonNullable<Account['exports']> = [
  // The server, not the sender, puts the account's key at position 2: it cannot be forged.
  { name: 'requests', subject: 'rt.*.>', type: 'service', account_token_position: 2 },
  { name: 'commands', subject: 'cmd.*.>', type: 'stream', account_token_position: 2 },
  { name: 'offers', subject: '$JS.API.CONSUMER.MSG.NEXT.*.*', type: 'service', response_type: 'Stream' },
  // Without INFO the client's pull stalls silently after every reconnect.
  { name: 'offers-info', subject: '$JS.API.CONSUMER.INFO.*.*', type: 'service' },
  { name: 'offers-ack', subject: '$JS.ACK.*.*.>', type: 'service' },
];

/** New trust material. */
export async function createNatsTrust(): Promise<NatsTrust> {
  const [operator, signing, sys, platform] = [createOperator(), createOperator(), createAccount(), createAccount()].map(fast) as [
    KeyPair,
    KeyPair,
    KeyPair,
    KeyPair,
  ];
  const operatorJwt = await encodeOperator('signalbox', operator, {
    signing_keys: [signing.getPublicKey()],
    system_account: sys.getPublicKey(),
  });
  const sysJwt = await encodeAccount('SYS', sys, { limits: UNLIMITED }, { signer: signing });
  const platformJwt = await encodeAccount(
    'PLATFORM',
    platform,
    { limits: { ...UNLIMITED, ...JETSTREAM }, exports: PLATFORM_EXPORTS },
    { signer: signing },
  );
  return {
    operatorJwt,
    operatorSigningSeed: seedOf(signing),
    sys: { publicKey: sys.getPublicKey(), jwt: sysJwt, user: await userOf(sys, 'control-plane-sys') },
    platform: { publicKey: platform.getPublicKey(), jwt: platformJwt, user: await userOf(platform, 'control-plane') },
  };
}

export type ServerConfigOptions = {
  readonly port: number;
  /** Folder of JetStream's files. Losing it loses nothing. */
  readonly storeDir: string;
  /** Folder in which the server keeps the account JWTs pushed to it. */
  readonly resolverDir: string;
  /** Serves `/healthz`. */
  readonly monitorPort?: number;
  /** Default 127.0.0.1. A public listener needs a server of 2.12.7 or newer. */
  readonly host?: string;
};

/** Text of a `nats-server` configuration. Uses only keys that 2.9 knows: an unknown one stops the server. */
export function serverConfig(trust: NatsTrust, options: ServerConfigOptions): string {
  const host = options.host ?? '127.0.0.1';
  return `${[
    `listen: ${JSON.stringify(`${host}:${options.port}`)}`,
    'server_name: signalbox',
    ...(options.monitorPort ? [`http: "127.0.0.1:${options.monitorPort}"`] : []),
    'max_payload: 1MB',
    `operator: ${trust.operatorJwt}`,
    `system_account: ${trust.sys.publicKey}`,
    `resolver: { type: full, dir: ${JSON.stringify(options.resolverDir)}, allow_delete: true, interval: "2m" }`,
    `resolver_preload: { ${trust.sys.publicKey}: ${trust.sys.jwt}, ${trust.platform.publicKey}: ${trust.platform.jwt} }`,
    `jetstream: { store_dir: ${JSON.stringify(options.storeDir)}, max_memory_store: 64MB, max_file_store: 1GB }`,
  ].join('\n')}\n`;
}

async function userOf(account: KeyPair, name: string): Promise<NatsUser> {
  const user = fast(createUser());
  return { jwt: await encodeUser(name, user, account, { subs: -1, data: -1, payload: -1 }), seed: seedOf(user) };
}

function fast(pair: KeyPair): KeyPair {
  return keyPairOf(seedOf(pair));
}

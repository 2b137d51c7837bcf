/**
 * Branded, prefixed ids (TypeID): `run_01h455vb4pex5vsknk084sn02q`.
 *
 * Stored as UUIDv7, shown as a prefix and 26 characters of Crockford base32. The prefix tells a person what
 * an id names; the bare 26-character suffix is what subjects on NATS carry.
 *
 * @see https://github.com/jetify-com/typeid/tree/main/spec
 * @see https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-7
 */
import { z } from 'zod';

/** The noun each prefix stands for. Adding one is a contract change. */
export const ID_PREFIX = {
  organization: 'org',
  workspace: 'ws',
  user: 'usr',
  apiKey: 'key',
  team: 'team',
  role: 'role',
  grant: 'grt',
  serviceAccount: 'sa',
  invitation: 'inv',
  flow: 'flow',
  deployment: 'dep',
  schedule: 'sch',
  calendar: 'cal',
  backfill: 'bf',
  workPool: 'pool',
  workQueue: 'queue',
  agent: 'agt',
  joinCode: 'join',
  limit: 'lim',
  run: 'run',
  artifact: 'art',
  claim: 'clm',
  audit: 'aud',
  event: 'evt',
  bulkJob: 'job',
  ssoConnection: 'sso',
  domain: 'dom',
  network: 'net',
  scimToken: 'scim',
  legalHold: 'hold',
  automation: 'auto',
  automationFiring: 'fire',
  automationAction: 'act',
  channel: 'chan',
  delivery: 'dlv',
  incident: 'inc',
  failureGroup: 'fail',
  webhook: 'hook',
  sla: 'sla',
  block: 'blk',
} as const;

export type IdKind = keyof typeof ID_PREFIX;

/** An id of one kind; ids of two kinds do not mix. */
export type Id<K extends IdKind> = `${(typeof ID_PREFIX)[K]}_${string}`;

export type OrganizationId = Id<'organization'>;
export type WorkspaceId = Id<'workspace'>;
export type UserId = Id<'user'>;
export type ApiKeyId = Id<'apiKey'>;
export type FlowId = Id<'flow'>;
export type DeploymentId = Id<'deployment'>;
export type ScheduleId = Id<'schedule'>;
export type WorkPoolId = Id<'workPool'>;
export type WorkQueueId = Id<'workQueue'>;
export type AgentId = Id<'agent'>;
export type JoinCodeId = Id<'joinCode'>;
export type LimitId = Id<'limit'>;
export type RunId = Id<'run'>;

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
/** What each character stands for, by its code. */
const VALUES = Uint8Array.from({ length: 128 }, (_, code) => Math.max(0, ALPHABET.indexOf(String.fromCharCode(code))));
const SUFFIX = /^[0-7][0-9a-hjkmnp-tv-z]{25}$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A new UUIDv7: 48 bits of `atMs` (Unix milliseconds), the rest random. */
export function uuidv7(atMs: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  for (let i = 0; i < 6; i++) bytes[i] = Math.floor(atMs / 2 ** (8 * (5 - i))) & 0xff;
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Unix milliseconds that a UUIDv7 carries. */
export function uuidTimeMs(uuid: string): number {
  return Number.parseInt(uuid.slice(0, 8) + uuid.slice(9, 13), 16);
}

/**
 * The 26-character suffix of a UUID. @throws RangeError when `uuid` is no lower-case UUID.
 * By table and in 20-bit groups, which are 5 hex digits and 4 characters alike: ids are translated several times a run.
 */
export function uuidToSuffix(uuid: string): string {
  if (!UUID.test(uuid)) throw new RangeError(`not a UUID: ${uuid}`);
  const hex = uuid.slice(0, 8) + uuid.slice(9, 13) + uuid.slice(14, 18) + uuid.slice(19, 23) + uuid.slice(24);
  const head = Number.parseInt(hex.slice(0, 2), 16);
  let suffix = `${ALPHABET[head >> 5]}${ALPHABET[head & 31]}`;
  for (let at = 2; at < 32; at += 5) {
    const group = Number.parseInt(hex.slice(at, at + 5), 16);
    suffix += `${ALPHABET[group >> 15]}${ALPHABET[(group >> 10) & 31]}${ALPHABET[(group >> 5) & 31]}${ALPHABET[group & 31]}`;
  }
  return suffix;
}

/** The UUID of a suffix. @throws RangeError when `suffix` is malformed. */
export function suffixToUuid(suffix: string): string {
  if (!SUFFIX.test(suffix)) throw new RangeError(`not an id suffix: ${suffix}`);
  const valueAt = (at: number): number => VALUES[suffix.charCodeAt(at)] ?? 0;
  let hex = hexOf((valueAt(0) << 5) | valueAt(1), 2);
  for (let at = 2; at < 26; at += 4)
    hex += hexOf((valueAt(at) << 15) | (valueAt(at + 1) << 10) | (valueAt(at + 2) << 5) | valueAt(at + 3), 5);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

const hexOf = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

/** The id of a UUID: `toId('run', uuid)`. */
export function toId<K extends IdKind>(kind: K, uuid: string): Id<K> {
  return `${ID_PREFIX[kind]}_${uuidToSuffix(uuid)}` as Id<K>;
}

/** The UUID an id names. @throws RangeError when the prefix or the suffix does not fit. */
export function toUuid(kind: IdKind, id: string): string {
  const prefix = `${ID_PREFIX[kind]}_`;
  if (!id.startsWith(prefix)) throw new RangeError(`expected an id that begins with ${prefix}, got ${id}`);
  return suffixToUuid(id.slice(prefix.length));
}

/** Whether `id` is a well-formed id of this kind. */
export function isId<K extends IdKind>(kind: K, id: string): id is Id<K> {
  const prefix = `${ID_PREFIX[kind]}_`;
  return id.startsWith(prefix) && SUFFIX.test(id.slice(prefix.length));
}

/** A zod schema that accepts ids of one kind and names what it expected. */
export function idSchema<K extends IdKind>(kind: K): z.ZodType<Id<K>, string> {
  const prefix = ID_PREFIX[kind];
  const schema = z.custom<Id<K>>((value) => typeof value === 'string' && isId(kind, value), {
    error: `expected an id such as ${prefix}_01h455vb4pex5vsknk084sn02q`,
  });
  // What goes in is any text, as far as types can tell.
  return schema as unknown as z.ZodType<Id<K>, string>;
}

/** Whether a text is the bare 26-character suffix of an id, the only form that may enter a NATS subject. */
export function isSuffix(text: string): boolean {
  return SUFFIX.test(text);
}

/**
 * Who holds an API key, as of a moment ago: a program that calls often is not looked up in Postgres at every call.
 *
 * What was taken away bites at once on the replica that took it, whose commands forget what is known of their organization,
 * and within `FRESH_MS` on every other. Nothing is known of a key that is no good: it is looked up each time.
 */
import type { Identity } from './actor.ts';

/** How long an answer of Postgres holds. Stated in docs/security.md. */
export const FRESH_MS = 1_000;
const MOST = 10_000;

export type KnownKeys = {
  /** Counts what was forgotten. To be read before Postgres is asked, and given to `keep`. */
  readonly generation: number;
  /** Null: to be looked up. A key is known by its hash, from the address it came from. */
  find(hash: Uint8Array, address: string): Identity | null;
  /** Of an answer that was asked for before something was forgotten nothing is kept. */
  keep(hash: Uint8Array, address: string, identity: Identity, generation: number): void;
  /** What is known of keys of this organization; null: of all. */
  forget(organizationId: string | null): void;
};

type Known = { readonly identity: Identity; readonly until: number };

export function openKnownKeys(clock: () => number = () => performance.now()): KnownKeys {
  // In the order of their instants: a key that is kept again goes to the end.
  const known = new Map<string, Known>();
  let generation = 0;
  return {
    get generation() {
      return generation;
    },
    find(hash, address) {
      const found = known.get(nameOf(hash, address));
      if (!found || found.until <= clock()) return null;
      const { expiresAt } = found.identity;
      return expiresAt && expiresAt.getTime() <= Date.now() ? null : found.identity;
    },
    keep(hash, address, identity, asked) {
      if (asked !== generation) return;
      const name = nameOf(hash, address);
      known.delete(name);
      known.set(name, { identity, until: clock() + FRESH_MS });
      for (const [oldest, { until }] of known) {
        if (until > clock() && known.size <= MOST) break;
        known.delete(oldest);
      }
    },
    forget(organizationId) {
      generation += 1;
      for (const [name, { identity }] of known) if (organizationId === null || isOf(identity, organizationId)) known.delete(name);
    },
  };
}

/** Of this process. */
export const knownKeys: KnownKeys = openKnownKeys();

function nameOf(hash: Uint8Array, address: string): string {
  return `${Buffer.from(hash).toString('base64')} ${address}`;
}

/** Of whose nothing tells the organization, it may be any. */
function isOf({ workspaces, organizations, withheld = [] }: Identity, organizationId: string): boolean {
  if (workspaces.length === 0 && organizations.length === 0) return true;
  if (withheld.length > 0) return true;
  return [...workspaces.map(({ organization }) => organization.id), ...organizations.map(({ id }) => id)].includes(organizationId);
}

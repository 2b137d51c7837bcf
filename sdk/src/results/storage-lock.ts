/**
 * A lock that processes of any machine take through the storage they share. Each holder makes the next generation
 * (`<key>.<n>`, which only one can), renews it while it holds, and ends by removing it or, when it was killed, by not
 * renewing: who waits sees by its own clock that nothing moves. A holder that was stopped for longer than that may be
 * overtaken; so this keeps work from being done twice, and is no fence for what must never happen twice.
 */
import { randomUUID } from 'node:crypto';
import { abortableDelay } from '../sleep.ts';
import type { ResultStorage } from './storage.ts';

const RENEW_EVERY_MS = 2_000;
/** Without a sign for so long its holder is taken for dead. */
const DEAD_AFTER_MS = 15_000;
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 500;

export interface LockOptions {
  readonly signal: AbortSignal;
  /** Called once when somebody else holds it. */
  readonly onWait?: () => void;
  readonly deadAfterMs?: number;
}

/** Calls `body` while nobody else holds `key`. @throws the signal's reason; RangeError for a storage without `create`. */
export async function withStorageLock<R>(storage: ResultStorage, key: string, options: LockOptions, body: () => Promise<R>): Promise<R> {
  const { create, list } = storage;
  if (!create || !list) {
    throw new RangeError(`isolation: expected a storage that can create and list for "serializable", got ${storage.name}`);
  }
  const held = await acquire({ ...storage, create, list }, key, options);
  let count = 0;
  const renewal = setInterval(() => void storage.put(held, Buffer.from(`${held} ${++count}`)).catch(() => {}), RENEW_EVERY_MS);
  renewal.unref();
  try {
    return await body();
  } finally {
    clearInterval(renewal);
    await storage.delete(held).catch(() => {});
  }
}

type Lockable = ResultStorage & Required<Pick<ResultStorage, 'create' | 'list'>>;

async function acquire(storage: Lockable, key: string, { signal, onWait, deadAfterMs = DEAD_AFTER_MS }: LockOptions): Promise<string> {
  let dead: Held | null = null;
  let seen: Held & { since: number } = { key: '', content: '', since: 0 };
  let pauseMs = FIRST_PAUSE_MS;
  let hasWaited = false;
  for (;;) {
    signal.throwIfAborted();
    const holders = await holdersOf(storage, key);
    const latest = holders.at(-1) ?? null;
    if (latest && (latest.key !== seen.key || latest.content !== seen.content)) seen = { ...latest, since: performance.now() };
    dead = latest && performance.now() - seen.since >= deadAfterMs ? latest : null;
    if (latest === null || dead) {
      const mine = `${key}.${numberOf(dead?.key ?? `${key}.0`) + 1}`;
      if (await storage.create(mine, Buffer.from(randomUUID()))) {
        // Somebody may have come in between, or the dead one may live: then neither has it.
        const others = (await holdersOf(storage, key)).filter((holder) => holder.key !== mine);
        if (others.every((other) => other.key === dead?.key && other.content === dead.content)) {
          if (dead) await storage.delete(dead.key);
          return mine;
        }
        await storage.delete(mine);
      }
    }
    if (!hasWaited) onWait?.();
    hasWaited = true;
    await abortableDelay(pauseMs * (0.5 + Math.random()), signal);
    pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 1.5);
  }
}

interface Held {
  readonly key: string;
  readonly content: string;
}

/** Who holds it, or is about to: by generation. */
async function holdersOf(storage: Lockable, key: string): Promise<Held[]> {
  const keys = (await storage.list(`${key}.`)).sort((a, b) => numberOf(a) - numberOf(b));
  const read = await Promise.all(keys.map(async (one) => ({ key: one, bytes: await storage.get(one) })));
  return read.flatMap(({ key: one, bytes }) => (bytes ? [{ key: one, content: Buffer.from(bytes).toString() }] : []));
}

function numberOf(holder: string): number {
  return Number(holder.slice(holder.lastIndexOf('.') + 1));
}

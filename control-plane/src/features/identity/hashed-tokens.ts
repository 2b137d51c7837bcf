/**
 * Keeps the tokens of sessions as hashes: whoever reads the table holds no session. The library works with the token
 * itself, so it is hashed on its way into the database and put back into what was asked for by it.
 */
import { createHash } from 'node:crypto';
import type { DBAdapter, DBTransactionAdapter, Where } from 'better-auth';

type Queries = DBAdapter | DBTransactionAdapter;
type Row = Record<string, unknown>;

export function hashSessionTokens<A extends Queries>(adapter: A): A {
  const inner = adapter as DBAdapter;
  const isSession = (model: string): boolean => model === 'session';
  const wrapped: Partial<DBAdapter> = {
    async create(data) {
      if (!isSession(data.model)) return inner.create(data) as never;
      const row = (await inner.create({ ...data, data: withHash(data.data) } as never)) as Row;
      return withToken(row, (data.data as Row)['token']) as never;
    },
    async findOne(data) {
      if (!isSession(data.model)) return inner.findOne(data) as never;
      return withToken((await inner.findOne({ ...data, where: hashed(data.where) })) as Row | null, tokenOf(data.where)) as never;
    },
    findMany: (data) => inner.findMany(isSession(data.model) ? { ...data, where: hashed(data.where ?? []) } : data) as never,
    async update(data) {
      if (!isSession(data.model)) return inner.update(data) as never;
      const row = (await inner.update({ ...data, where: hashed(data.where), update: withHash(data.update) } as never)) as Row | null;
      return withToken(row, tokenOf(data.where)) as never;
    },
    updateMany: (data) => inner.updateMany(isSession(data.model) ? { ...data, where: hashed(data.where) } : data),
    delete: (data) => inner.delete(isSession(data.model) ? { ...data, where: hashed(data.where) } : data),
    deleteMany: (data) => inner.deleteMany(isSession(data.model) ? { ...data, where: hashed(data.where) } : data),
    consumeOne: (data) => inner.consumeOne(isSession(data.model) ? { ...data, where: hashed(data.where) } : data) as never,
  };
  const transaction = inner.transaction as DBAdapter['transaction'] | undefined;
  if (transaction) {
    wrapped.transaction = ((work: (tx: DBTransactionAdapter) => Promise<unknown>) =>
      transaction((tx) => work(hashSessionTokens(tx)))) as DBAdapter['transaction'];
  }
  return { ...adapter, ...wrapped };
}

export function hashSessionToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

function hashed(where: readonly Where[]): Where[] {
  return where.map((condition) => {
    if (condition.field !== 'token') return condition;
    const { value } = condition;
    return {
      ...condition,
      value: Array.isArray(value) ? value.map((one) => hashSessionToken(String(one))) : hashSessionToken(String(value)),
    };
  });
}

function withHash(data: object): object {
  const { token } = data as { token?: unknown };
  return typeof token === 'string' ? { ...data, token: hashSessionToken(token) } : data;
}

function tokenOf(where: readonly Where[]): unknown {
  return where.find((condition) => condition.field === 'token' && (condition.operator ?? 'eq') === 'eq')?.value;
}

function withToken(row: Row | null, token: unknown): Row | null {
  return row && typeof token === 'string' ? { ...row, token } : row;
}

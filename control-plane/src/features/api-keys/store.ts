/** Rows of API keys, and how they are shown. */
import { toId } from '@signalbox/proto';
import type { ApiKey, BuiltInRole } from '@signalbox/proto/api';
import type { ApiKey as ApiKeyRow } from '../../generated/prisma/client.ts';
import type { Tx } from '../../platform/db.ts';

export type { ApiKeyRow };

/** Without their hashes; names of their owners by one query for each kind. */
export async function showApiKeys(tx: Pick<Tx, 'serviceAccount' | '$queryRaw'>, rows: readonly ApiKeyRow[]): Promise<ApiKey[]> {
  const accounts = rows.flatMap((row) => row.serviceAccountId ?? []);
  const names = new Map<string, string>();
  for (const each of await tx.serviceAccount.findMany({ where: { id: { in: accounts } }, select: { id: true, name: true } }))
    names.set(each.id, each.name);
  if (rows.some((row) => row.userId)) {
    for (const each of await tx.$queryRaw<{ id: string; email: string }[]>`SELECT id, email FROM people_here()`)
      names.set(each.id, each.email);
  }
  return rows.map((row) => showApiKey(row, names));
}

/** One, with its owner's name. */
export async function showOneKey(tx: Pick<Tx, 'serviceAccount' | '$queryRaw'>, row: ApiKeyRow): Promise<ApiKey> {
  const [shown] = await showApiKeys(tx, [row]);
  return shown as ApiKey;
}

function showApiKey(row: ApiKeyRow, names: ReadonlyMap<string, string>): ApiKey {
  return {
    id: toId('apiKey', row.id),
    name: row.name,
    prefix: row.prefix,
    role: row.role as BuiltInRole,
    scopes: row.scopes,
    organizationScopes: row.organizationScopes,
    owner: ownerOf(row, names),
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt?.toISOString() ?? null,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    revokedAt: row.revokedAt?.toISOString() ?? null,
    replacedBy: row.replacedBy ? toId('apiKey', row.replacedBy) : null,
  };
}

function ownerOf({ userId, serviceAccountId }: ApiKeyRow, names: ReadonlyMap<string, string>): ApiKey['owner'] {
  if (userId) return { kind: 'person', id: toId('user', userId), name: names.get(userId) ?? 'somebody who has left' };
  if (!serviceAccountId) return null;
  return {
    kind: 'service-account',
    id: toId('serviceAccount', serviceAccountId),
    name: names.get(serviceAccountId) ?? 'a service account',
  };
}

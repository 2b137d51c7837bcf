/** Rows of API keys, and how they are shown. */
import { toId } from '@signalbox/proto';
import type { ApiKey, WorkspaceRole } from '@signalbox/proto/api';
import type { ApiKey as ApiKeyRow } from '../../generated/prisma/client.ts';

export type { ApiKeyRow };

/** Without its hash. */
export function showApiKey(row: ApiKeyRow): ApiKey {
  return {
    id: toId('apiKey', row.id),
    name: row.name,
    prefix: row.prefix,
    role: row.role as WorkspaceRole,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt?.toISOString() ?? null,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    revokedAt: row.revokedAt?.toISOString() ?? null,
  };
}

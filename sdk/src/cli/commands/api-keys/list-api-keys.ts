import type { ApiKey } from '@signalbox/proto/api';
import type { Context } from '../../context.ts';
import { relative } from '../../output/time.ts';

export async function listApiKeys(context: Context): Promise<void> {
  const keys = await (await context.client()).apiKeys.list.query();
  if (context.json) return context.printJson(keys);
  const now = context.host.now();
  context.printTable(
    keys,
    [
      { header: 'NAME', value: (key) => key.name, min: 10 },
      { header: 'KEY', value: (key) => `${key.prefix}...` },
      { header: 'ROLE', value: (key) => key.role },
      { header: 'STATUS', value: (key) => statusOf(key, now) },
      { header: 'LAST USED', value: (key) => (key.lastUsedAt ? relative(key.lastUsedAt, now) : 'never'), drop: 2 },
      { header: 'CREATED', value: (key) => relative(key.createdAt, now), drop: 3 },
      { header: 'ID', value: (key) => key.id, drop: 4 },
    ],
    'No API keys. Create one with `signalbox api-keys create NAME`.',
  );
}

function statusOf(key: ApiKey, now: number): string {
  if (key.revokedAt) return `revoked ${relative(key.revokedAt, now)}`;
  if (!key.expiresAt) return 'valid';
  return Date.parse(key.expiresAt) <= now ? `expired ${relative(key.expiresAt, now)}` : `expires ${relative(key.expiresAt, now)}`;
}

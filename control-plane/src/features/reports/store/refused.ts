/** Entries that were refused, set aside for people. They block nothing. */
import { uuidv7 } from '@signalbox/proto';
import type { Sql } from '../../../platform/sql.ts';
import { DEEPEST_JSON, isDeeperThan, storableJson, storableText } from '../../../platform/storable.ts';
import type { Channel, Refusal } from '../batch.ts';

export type RefusedEntry = {
  readonly workspaceId: string;
  readonly agentId: string;
  readonly channel: Channel;
  readonly n: number;
  readonly refusal: Refusal;
  readonly raw: unknown;
};

/** Characters of JSON up to which an entry is kept with its refusal. */
const ENTRY_MAX = 16_384;

export async function setAside(sql: Sql, entries: readonly RefusedEntry[]): Promise<void> {
  if (entries.length === 0) return;
  await sql.query(
    `INSERT INTO refused_report (id, workspace_id, agent_id, channel, n, code, message, entry)
     SELECT id, workspace_id, agent_id, channel, n, code, message, entry::jsonb
     FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::text[])
       AS r (id, workspace_id, agent_id, channel, n, code, message, entry)`,
    [
      entries.map(() => uuidv7(Date.now())),
      entries.map((entry) => entry.workspaceId),
      entries.map((entry) => entry.agentId),
      entries.map((entry) => entry.channel),
      entries.map((entry) => entry.n),
      entries.map((entry) => entry.refusal.code),
      entries.map((entry) => storableText(entry.refusal.message)),
      entries.map((entry) => shortJson(entry.raw)),
    ],
    'report-set-aside',
  );
}

/** Cut to a text where it is too long; what nests too deep for Postgres is left out. */
function shortJson(raw: unknown): string {
  if (isDeeperThan(raw, DEEPEST_JSON)) return '{"cut":"nested too deep"}';
  const json = storableJson(raw);
  return json.length > ENTRY_MAX ? storableJson({ cut: json.slice(0, ENTRY_MAX) }) : json;
}

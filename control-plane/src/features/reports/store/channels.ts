/** Channels of spools: the position up to which each is stored. Locked first by every group of batches. */
import type { Sql } from '../../../platform/sql.ts';
import type { Channel } from '../batch.ts';

export type ChannelKey = { readonly workspaceId: string; readonly agentId: string; readonly spoolId: string; readonly channel: Channel };

export function channelText({ agentId, spoolId, channel }: Omit<ChannelKey, 'workspaceId'>): string {
  return `${agentId} ${spoolId} ${channel}`;
}

export type Moved = ChannelKey & { readonly watermark: number };
type Locked = {
  /** By `channelText`. */
  readonly watermarks: Map<string, number>;
  readonly unique: readonly ChannelKey[];
  readonly missing: readonly ChannelKey[];
};

/** Locks the channels that are there, in ascending order of their key. */
export async function lockKnownChannels(sql: Sql, keys: readonly ChannelKey[]): Promise<Locked> {
  const unique = [...new Map(keys.map((key) => [channelText(key), key])).values()];
  const watermarks = await lock(sql, unique);
  return { watermarks, unique, missing: unique.filter((key) => !watermarks.has(channelText(key))) };
}

/** Makes those that are new, then locks all. Watermarks by `channelText`. */
export async function makeAndLockChannels(sql: Sql, { unique, missing }: Locked): Promise<Map<string, number>> {
  // In the order of the locks: two replicas that meet the same new spools must not wait for each other.
  await sql.query(
    `INSERT INTO report_channel (workspace_id, agent_id, spool_id, channel)
     SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[]) AS k (workspace_id, agent_id, spool_id, channel)
     ORDER BY agent_id, spool_id, channel
     ON CONFLICT DO NOTHING`,
    columnsOf(missing),
    'report-new-channels',
  );
  return lock(sql, unique);
}

// Values behind a SELECT: Postgres cannot count them, and keeps one plan. With them in sight it takes a plan for these very values to be
// cheaper, and makes one each time, which costs more than carrying it out.

type Row = { agentId: string; spoolId: string; channel: Channel; watermark: string };

async function lock(sql: Sql, keys: readonly ChannelKey[]): Promise<Map<string, number>> {
  const rows = await sql.query<Row>(
    `SELECT c.agent_id AS "agentId", c.spool_id AS "spoolId", c.channel, c.watermark
     FROM report_channel c
     JOIN unnest((SELECT $1::uuid[]), (SELECT $2::uuid[]), (SELECT $3::uuid[]), (SELECT $4::text[])) AS k (workspace_id, agent_id, spool_id, channel)
       USING (workspace_id, agent_id, spool_id, channel)
     ORDER BY c.agent_id, c.spool_id, c.channel
     FOR UPDATE OF c`,
    columnsOf(keys),
    'report-lock-channels',
  );
  return new Map(rows.map((row) => [channelText(row), Number(row.watermark)]));
}

/** Moves watermarks; the rows are locked already. */
export async function moveWatermarks(sql: Sql, moved: readonly Moved[]): Promise<void> {
  if (moved.length === 0) return;
  await sql.query(
    `UPDATE report_channel c SET watermark = k.watermark, updated_at = now()
     FROM unnest((SELECT $2::uuid[]), (SELECT $3::uuid[]), (SELECT $4::text[]), (SELECT $5::bigint[]), (SELECT $1::uuid[])) AS k (agent_id, spool_id, channel, watermark, workspace_id)
     WHERE c.agent_id = k.agent_id AND c.spool_id = k.spool_id AND c.channel = k.channel`,
    [...columnsOf(moved), moved.map((row) => row.watermark)],
    'report-move-watermarks',
  );
}

function columnsOf(keys: readonly ChannelKey[]): unknown[][] {
  return [
    keys.map((key) => key.workspaceId),
    keys.map((key) => key.agentId),
    keys.map((key) => key.spoolId),
    keys.map((key) => key.channel),
  ];
}

/** The agent's own row: its session, its lease, and what it says of itself. Locked last, after runs. */
import { toId } from '@signalbox/proto';
import type { Hello, HelloReply, Renew } from '@signalbox/proto/messages';
import type { Sql } from '../../../platform/sql.ts';

type Sender = { readonly workspaceId: string; readonly agentId: string };

export type Welcome = {
  readonly poolId: string;
  readonly reply: Pick<HelloReply, 'session' | 'serverTime' | 'workspace' | 'pool' | 'timeline'>;
};

/** Begins a session: its number goes up and fences all earlier ones; the lease begins. Null: no such agent, or revoked. */
export async function beginSession(sql: Sql, from: Sender, hello: Hello, leaseMs: number): Promise<Welcome | null> {
  const [row] = await sql.query<{ session: number; pool_id: string; pool: string; slug: string; now: Date; timeline: number }>(
    `UPDATE agent a SET session = a.session + 1, lease_until = served_now() + $3::bigint * interval '1 ms', last_seen_at = now(),
       version = $4, host = $5::jsonb, slots = $6, max_processes = $7, free = NULL, warm = NULL, drain = a.quarantined_at IS NOT NULL, draining = false,
       clock_offset_ms = round(extract(epoch FROM $8::timestamptz - now()) * 1000)
     FROM work_pool p, workspace w
     WHERE a.id = $1::uuid AND a.workspace_id = $2::uuid AND a.revoked_at IS NULL AND p.id = a.pool_id AND w.id = a.workspace_id
     RETURNING a.session, a.pool_id, p.name AS pool, w.slug, now() AS now, postgres_timeline() AS timeline`,
    [from.agentId, from.workspaceId, leaseMs, hello.agentVersion, JSON.stringify(hello.host), hello.slots, hello.maxProcesses, hello.clock],
  );
  if (!row) return null;
  return {
    poolId: row.pool_id,
    reply: {
      session: row.session,
      serverTime: row.now.toISOString(),
      workspace: { id: toId('workspace', from.workspaceId), slug: row.slug },
      pool: { id: toId('workPool', row.pool_id), name: row.pool },
      timeline: row.timeline,
    },
  };
}

/** Positions up to which this spool's reports are stored, for good. */
export async function readWatermarks(sql: Sql, agentId: string, spoolId: string): Promise<{ state: number; bulk: number }> {
  const rows = await sql.query<{ channel: 'state' | 'bulk'; watermark: string }>(
    'SELECT channel, watermark FROM report_channel WHERE agent_id = $1::uuid AND spool_id = $2::uuid',
    [agentId, spoolId],
  );
  const of = (channel: string) => Number(rows.find((row) => row.channel === channel)?.watermark ?? 0);
  return { state: of('state'), bulk: of('bulk') };
}

/** The agent drained to its end: its lease is over now. Answers the current session, or null for no such agent. */
export async function endSession(sql: Sql, from: Sender, session: number): Promise<number | null> {
  const [row] = await sql.query<{ session: number }>(
    `WITH ended AS (
       UPDATE agent SET lease_until = served_now(), last_seen_at = now(), draining = true, free = 0
       WHERE id = $1::uuid AND workspace_id = $2::uuid AND session = $3::int
     ) SELECT session FROM agent WHERE id = $1::uuid AND workspace_id = $2::uuid`,
    [from.agentId, from.workspaceId, session],
  );
  return row?.session ?? null;
}

export type RenewedRow = {
  /** Null: no such agent in that workspace. */
  readonly session: number | null;
  readonly revoked: boolean;
  readonly drain: boolean;
  /** Whether count and hash name what the agent is given. */
  readonly isEqual: boolean;
  /** Whether something it holds is Lost or was unnamed. */
  readonly isAstray: boolean;
  /** Whether something it holds is to be cancelled, paused or suspended. */
  readonly isWanted: boolean;
  readonly now: Date;
  readonly timeline: number;
};

/**
 * Renews the leases of many agents and compares their sets by count and hash, in one statement; no row of a run is
 * written. Order of the answers: as asked. Index: run_dispatch_agent.
 */
export async function renewLeases(
  sql: Sql,
  asked: readonly { from: Sender; message: Renew }[],
  { leaseMs, renewMs }: { leaseMs: number; renewMs: number },
): Promise<RenewedRow[]> {
  const rows = asked.map(({ from, message }, n) => ({
    n,
    agent_id: from.agentId,
    workspace_id: from.workspaceId,
    session: message.session,
    count: message.count,
    hash: message.hash,
    clock: message.clock,
    free: message.status.free,
    warm: message.status.warm,
    spool_bytes: message.status.spoolBytes,
    rss_bytes: message.status.rssBytes,
    draining: message.status.draining,
  }));
  return sql.query<RenewedRow>(RENEW, [JSON.stringify(rows), leaseMs, GAP * renewMs], 'renew-leases');
}

/** Renewals so much further apart than they should be: the agent was away in between. */
const GAP = 1.5;

// `holdingText` of proto, in SQL: `<uuid>:<epoch>` in byte order, joined by newlines.
const RENEW = `
  WITH asked AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset($1::jsonb) AS u (n int, agent_id uuid, workspace_id uuid, session int, count int, hash text, clock timestamptz,
      free int, warm int, spool_bytes bigint, rss_bytes bigint, draining boolean)
  ), held AS (
    SELECT u.n, count(d.run_id) AS count,
      encode(sha256(convert_to(coalesce(string_agg(d.run_id::text || ':' || d.epoch, E'\\n' ORDER BY (d.run_id::text || ':' || d.epoch) COLLATE "C"), ''), 'UTF8')), 'hex') AS hash,
      coalesce(bool_or(d.state_name = 'Lost' OR d.unnamed_since IS NOT NULL), false) AS astray,
      coalesce(bool_or(d.state_type = 'CANCELLING' OR d.wanted IS NOT NULL), false) AS wanted
    FROM asked u LEFT JOIN run_dispatch d ON d.agent_id = u.agent_id AND d.workspace_id = u.workspace_id GROUP BY u.n
  ), renewed AS (
    UPDATE agent a SET lease_until = served_now() + $2::bigint * interval '1 ms', last_seen_at = now(), free = u.free, warm = u.warm,
      spool_bytes = u.spool_bytes, rss_bytes = u.rss_bytes, draining = u.draining,
      clock_offset_ms = round(extract(epoch FROM u.clock - now()) * 1000), renewed_at = served_now(),
      contact_since = CASE WHEN a.renewed_at > served_now() - $3::bigint * interval '1 ms' THEN coalesce(a.contact_since, a.renewed_at) ELSE served_now() END
    FROM asked u WHERE a.id = u.agent_id AND a.workspace_id = u.workspace_id AND a.session = u.session AND a.revoked_at IS NULL
  )
  SELECT a.session, a.revoked_at IS NOT NULL AS revoked, coalesce(a.drain AND a.quarantined_at IS NULL, false) AS drain,
    held.count = u.count AND held.hash = u.hash AS "isEqual", held.astray AS "isAstray", held.wanted AS "isWanted",
    now() AS now, postgres_timeline() AS timeline
  FROM asked u JOIN held USING (n) LEFT JOIN agent a ON a.id = u.agent_id AND a.workspace_id = u.workspace_id
  ORDER BY u.n`;

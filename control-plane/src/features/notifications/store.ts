/** Every query of notification channels, of what is told, and of problems that are open. */
import { toId } from '@signalbox/proto';
import type { Channel, ChannelKind, Delivery, DeliveryStatus, QuietHours, Severity } from '@signalbox/proto/api';
import type { Sql } from '../../platform/sql.ts';

type ChannelRow = Omit<Channel, 'id' | 'createdAt' | 'updatedAt' | 'last'> & {
  readonly id: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly lastStatus: 'sent' | 'failed' | null;
  readonly lastAt: Date | null;
};
export type Fields = Pick<Channel, 'name' | 'isEnabled' | 'leastSeverity' | 'digestSeconds' | 'quietHours' | 'remindSeconds'>;
export type Target = { readonly kind: ChannelKind; readonly target: string; readonly sealed: string };

const CHANNEL = `id, name, kind, target, is_enabled AS "isEnabled", least_severity AS "leastSeverity", digest_seconds AS "digestSeconds",
  quiet_hours AS "quietHours", remind_seconds AS "remindSeconds", created_at AS "createdAt", updated_at AS "updatedAt",
  last_status AS "lastStatus", last_at AS "lastAt"`;

/** By name, all of a workspace: they are few. */
export async function readChannels(sql: Sql, workspaceId: string): Promise<Channel[]> {
  const rows = await sql.query<ChannelRow>(`SELECT ${CHANNEL} FROM notification_channel WHERE workspace_id = $1::uuid ORDER BY name`, [
    workspaceId,
  ]);
  return rows.map(showChannel);
}

/** One; `lock`: of two changes, or a change and a delete, one waits. */
export async function findChannel(sql: Sql, workspaceId: string, id: string, how?: 'lock'): Promise<Channel | null> {
  const lock = how === 'lock' ? 'FOR UPDATE' : '';
  const [row] = await sql.query<ChannelRow>(
    `SELECT ${CHANNEL} FROM notification_channel WHERE workspace_id = $1::uuid AND id = $2::uuid ${lock}`,
    [workspaceId, id],
  );
  return row ? showChannel(row) : null;
}

/** By name or id. */
export async function findChannelRef(sql: Sql, workspaceId: string, ref: string): Promise<Channel | null> {
  const channels = await readChannels(sql, workspaceId);
  return channels.find(({ id, name }) => id === ref || name === ref) ?? null;
}

/** False: the name is taken, as the unique index says. */
export async function insertChannel(sql: Sql, key: { id: string; workspaceId: string }, fields: Fields & Target): Promise<boolean> {
  const rows = await sql.query(
    `INSERT INTO notification_channel (id, workspace_id, name, kind, target, sealed, is_enabled, least_severity, digest_seconds, quiet_hours, remind_seconds)
     VALUES ($1::uuid, $2::uuid, $3, $4, $5, $6, $7::boolean, $8, $9::int, $10::text::jsonb, $11::int)
     ON CONFLICT (workspace_id, name) DO NOTHING RETURNING id`,
    [key.id, key.workspaceId, fields.name, fields.kind, fields.target, fields.sealed, ...settingsOf(fields)],
  );
  return rows.length > 0;
}

export async function nameIsTaken(sql: Sql, workspaceId: string, name: string): Promise<boolean> {
  const rows = await sql.query('SELECT 1 FROM notification_channel WHERE workspace_id = $1::uuid AND name = $2', [workspaceId, name]);
  return rows.length > 0;
}

/** `target` null: stays. */
export async function writeChannel(sql: Sql, id: string, fields: Fields, target: Target | null): Promise<void> {
  await sql.query(
    `UPDATE notification_channel SET name = $2, is_enabled = $3::boolean, least_severity = $4, digest_seconds = $5::int, quiet_hours = $6::text::jsonb,
       remind_seconds = $7::int, target = coalesce($8, target), sealed = coalesce($9, sealed), updated_at = now() WHERE id = $1::uuid`,
    [id, fields.name, ...settingsOf(fields), target?.target ?? null, target?.sealed ?? null],
  );
}

export async function removeChannel(sql: Sql, id: string): Promise<void> {
  await sql.query('DELETE FROM notification_channel WHERE id = $1::uuid', [id]);
}

function settingsOf({ isEnabled, leastSeverity, digestSeconds, quietHours, remindSeconds }: Fields): unknown[] {
  return [isEnabled, leastSeverity, digestSeconds, quietHours && JSON.stringify(quietHours), remindSeconds];
}

function showChannel({ lastStatus, lastAt, ...row }: ChannelRow): Channel {
  return {
    ...row,
    id: toId('channel', row.id),
    createdAt: new Date(row.createdAt).toISOString(),
    updatedAt: new Date(row.updatedAt).toISOString(),
    last: lastStatus && lastAt ? { status: lastStatus, at: new Date(lastAt).toISOString() } : null,
  };
}

/** What decides whether and when something is told by a channel, held against a change until the commit. */
export type Rules = {
  readonly kind: ChannelKind;
  readonly isEnabled: boolean;
  readonly leastSeverity: Severity;
  readonly digestSeconds: number;
  readonly quietHours: QuietHours | null;
  readonly remindSeconds: number;
  readonly now: Date;
};

export async function findRules(sql: Sql, workspaceId: string, channelId: string): Promise<Rules | null> {
  const [row] = await sql.query<Rules>(
    `SELECT kind, is_enabled AS "isEnabled", least_severity AS "leastSeverity", digest_seconds AS "digestSeconds", quiet_hours AS "quietHours",
       remind_seconds AS "remindSeconds", now() AS now FROM notification_channel WHERE workspace_id = $1::uuid AND id = $2::uuid FOR KEY SHARE`,
    [workspaceId, channelId],
  );
  return row ?? null;
}

/** The row of a request that was taken before. By its unique index. */
export async function findByRequest(sql: Sql, channelId: string, requestKey: string): Promise<string | null> {
  const [row] = await sql.query<{ id: string }>('SELECT id FROM notification WHERE channel_id = $1::uuid AND request_key = $2', [
    channelId,
    requestKey,
  ]);
  return row?.id ?? null;
}

/**
 * Counts an occurrence of a problem. `isTold`: it is to be told, as it is new, or was told `remindSeconds` ago and is there still.
 * The row's lock makes one of two at once the first.
 */
export async function openAlert(
  sql: Sql,
  {
    workspaceId,
    channelId,
    fingerprint,
    remindSeconds,
  }: { workspaceId: string; channelId: string; fingerprint: string; remindSeconds: number },
): Promise<{ isTold: boolean; occurrences: number }> {
  const [row] = await sql.query<{ isTold: boolean; occurrences: number }>(
    `INSERT INTO notification_alert AS a (channel_id, fingerprint, workspace_id) VALUES ($1::uuid, $2, $3::uuid)
     ON CONFLICT (channel_id, fingerprint) DO UPDATE SET occurrences = a.occurrences + 1, last_at = now(),
       told_at = CASE WHEN $4::int > 0 AND a.told_at <= now() - make_interval(secs => $4::int) THEN now() ELSE a.told_at END
     RETURNING told_at = now() AS "isTold", occurrences`,
    [channelId, fingerprint, workspaceId, remindSeconds],
  );
  return row ?? { isTold: true, occurrences: 1 };
}

/** How often a problem that is over had happened; null: it was not open. */
export async function closeAlert(sql: Sql, channelId: string, fingerprint: string): Promise<number | null> {
  const [row] = await sql.query<{ occurrences: number }>(
    'DELETE FROM notification_alert WHERE channel_id = $1::uuid AND fingerprint = $2 RETURNING occurrences',
    [channelId, fingerprint],
  );
  return row?.occurrences ?? null;
}

/** Of a channel within the last minute, by notification_of_channel. */
export async function countLately(sql: Sql, channelId: string): Promise<number> {
  const [row] = await sql.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM notification WHERE channel_id = $1::uuid AND created_at > now() - interval '1 minute'`,
    [channelId],
  );
  return row?.count ?? 0;
}

/** When what a channel holds goes out; null: it holds nothing. */
export async function heldUntil(sql: Sql, channelId: string): Promise<Date | null> {
  const [row] = await sql.query<{ at: Date | null }>(
    `SELECT min(due_at) AS at FROM notification WHERE channel_id = $1::uuid AND status = 'held' AND tries = 0`,
    [channelId],
  );
  return row?.at ? new Date(row.at) : null;
}

export type NewNotification = {
  readonly id: string;
  readonly workspaceId: string;
  readonly channelId: string;
  readonly requestKey: string;
  readonly status: 'queued' | 'held';
  readonly severity: Severity;
  readonly subject: string;
  readonly body: string;
  readonly link: string | null;
  readonly fingerprint: string | null;
  readonly isRecovery: boolean;
  readonly occurrences: number;
  readonly dueAt: Date;
};

/** False: the request was taken by another transaction just now. */
export async function insertNotification(sql: Sql, n: NewNotification): Promise<boolean> {
  const rows = await sql.query(
    `INSERT INTO notification (id, workspace_id, channel_id, request_key, status, severity, subject, body, link, fingerprint, is_recovery, occurrences, due_at)
     VALUES ($1::uuid, $2::uuid, $3::uuid, $4, $5, $6, $7, $8, $9, $10, $11::boolean, $12::int, $13::timestamptz)
     ON CONFLICT (channel_id, request_key) DO NOTHING RETURNING id`,
    [
      n.id,
      n.workspaceId,
      n.channelId,
      n.requestKey,
      n.status,
      n.severity,
      n.subject,
      n.body,
      n.link,
      n.fingerprint,
      n.isRecovery,
      n.occurrences,
      n.dueAt.toISOString(),
    ],
  );
  return rows.length > 0;
}

type DeliveryRow = Omit<Delivery, 'id' | 'channel' | 'createdAt' | 'endedAt' | 'nextAttemptAt'> & {
  readonly id: string;
  readonly channelId: string;
  readonly channelName: string;
  readonly channelKind: ChannelKind;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
  readonly dueAt: Date;
};
const DELIVERY = `n.id, n.status, n.severity, n.subject, n.body, n.fingerprint, n.is_recovery AS "isRecovery", n.occurrences, n.attempts,
  n.due_at AS "dueAt", n.created_at AS "createdAt", n.ended_at AS "endedAt", c.id AS "channelId", c.name AS "channelName", c.kind AS "channelKind"`;

/** Newest first: notification_feed. */
export async function readDeliveries(
  sql: Sql,
  workspaceId: string,
  filter: { channelId: string | null; status: DeliveryStatus | null; before: string | null; limit: number },
): Promise<DeliveryRow[]> {
  return sql.query(
    `SELECT ${DELIVERY} FROM notification n JOIN notification_channel c ON c.id = n.channel_id
      WHERE n.workspace_id = $1::uuid AND ($2::uuid IS NULL OR n.channel_id = $2::uuid) AND ($3::text IS NULL OR n.status = $3)
        AND ($4::uuid IS NULL OR n.id < $4::uuid) ORDER BY n.id DESC LIMIT $5::int`,
    [workspaceId, filter.channelId, filter.status, filter.before, filter.limit],
  );
}

export async function findDelivery(sql: Sql, workspaceId: string, id: string): Promise<Delivery | null> {
  const [row] = await sql.query<DeliveryRow>(
    `SELECT ${DELIVERY} FROM notification n JOIN notification_channel c ON c.id = n.channel_id WHERE n.workspace_id = $1::uuid AND n.id = $2::uuid`,
    [workspaceId, id],
  );
  return row ? showDelivery(row) : null;
}

export function showDelivery(row: DeliveryRow): Delivery {
  const { channelId, channelName, channelKind, dueAt, createdAt, endedAt, ...rest } = row;
  return {
    ...rest,
    id: toId('delivery', row.id),
    channel: { id: toId('channel', channelId), name: channelName, kind: channelKind },
    nextAttemptAt: endedAt ? null : new Date(dueAt).toISOString(),
    createdAt: new Date(createdAt).toISOString(),
    endedAt: endedAt ? new Date(endedAt).toISOString() : null,
  };
}

/** Puts one that failed in line again. False: it has not failed. */
export async function requeue(sql: Sql, id: string): Promise<boolean> {
  const rows = await sql.query(
    `UPDATE notification SET status = 'queued', tries = 0, due_at = now(), ended_at = NULL WHERE id = $1::uuid AND status = 'failed' RETURNING id`,
    [id],
  );
  return rows.length > 0;
}

export type Claimed = {
  readonly id: string;
  readonly workspaceId: string;
  readonly channelId: string;
  readonly channelName: string;
  readonly sealed: string;
  readonly status: 'queued' | 'held';
  readonly severity: Severity;
  readonly subject: string;
  readonly body: string;
  readonly link: string | null;
  readonly fingerprint: string | null;
  readonly isRecovery: boolean;
  readonly occurrences: number;
  readonly tries: number;
  readonly createdAt: Date;
};

/**
 * Takes what is due, oldest first: nobody else takes it for `lostSeconds`, after which its sender is taken for dead and it is sent
 * again, under the same id. Of two replicas each gets others. By notification_due.
 */
export async function claimDue(sql: Sql, { limit, lostSeconds }: { limit: number; lostSeconds: number }): Promise<Claimed[]> {
  const rows = await sql.query<Claimed>(
    `UPDATE notification n SET due_at = now() + make_interval(secs => $2::int), tries = n.tries + 1 FROM notification_channel c
      WHERE c.id = n.channel_id AND n.id IN (SELECT id FROM notification WHERE status IN ('queued', 'held') AND due_at <= now()
        ORDER BY due_at LIMIT $1::int FOR UPDATE SKIP LOCKED)
      RETURNING n.id, n.workspace_id AS "workspaceId", n.channel_id AS "channelId", c.name AS "channelName", c.sealed, n.status, n.severity, n.subject,
        n.body, n.link, n.fingerprint, n.is_recovery AS "isRecovery", n.occurrences, n.tries, n.created_at AS "createdAt"`,
    [limit, lostSeconds],
  );
  return rows.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

export type Attempt = Delivery['attempts'][number];

/** Writes an attempt down: `next` null ends it. Whatever was taken by another since is left to that one. */
export async function writeAttempt(
  sql: Sql,
  ids: readonly string[],
  { attempt, tries, next }: { attempt: Attempt; tries: number; next: { inMs: number } | 'sent' | 'failed' },
): Promise<void> {
  const status = typeof next === 'string' ? next : null;
  await sql.query(
    `WITH done AS (
       UPDATE notification SET status = coalesce($4, status), ended_at = CASE WHEN $4::text IS NOT NULL THEN now() END,
         due_at = now() + $5::float8 * interval '1 millisecond',
         attempts = CASE WHEN jsonb_array_length(attempts) >= 20 THEN attempts - 0 ELSE attempts END || $3::text::jsonb
       WHERE id = ANY ($1::uuid[]) AND tries = $2::int AND status IN ('queued', 'held') RETURNING channel_id
     )
     UPDATE notification_channel SET last_status = $4, last_at = now() WHERE $4::text IS NOT NULL AND id IN (SELECT channel_id FROM done)`,
    [ids, tries, JSON.stringify([attempt]), status, typeof next === 'string' ? 0 : next.inMs],
  );
}

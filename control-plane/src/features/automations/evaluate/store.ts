/** What evaluators read and write, as `signalbox_system`, in the one transaction of a batch. */
import { toId } from '@signalbox/proto';
import { type AutomationAction, type Event, type EventsTrigger, TRIGGERS_MAX, type Trigger } from '@signalbox/proto/api';
import type { Bucket, KnownBuckets, Part } from '../../../domain/triggers/index.ts';
import { bucketKey } from '../../../domain/triggers/index.ts';
import type { Sql } from '../../../platform/sql.ts';
import { type AppendedEvent, appendEvents } from '../../events/index.ts';
import { kindOf } from '../actions/index.ts';

/** An automation as evaluators have it. */
export type Active = {
  readonly id: string;
  readonly workspaceId: string;
  readonly name: string;
  readonly trigger: Trigger;
  readonly onTrigger: readonly AutomationAction[];
  readonly onResolve: readonly AutomationAction[];
  readonly scopes: readonly string[];
  readonly sincePosition: number;
  readonly sinceAt: Date;
};

/** Differs whenever what is switched on does. Index-only over automation_enabled. */
export async function readStamp(sql: Sql): Promise<string> {
  const [row] = await sql.query<{ stamp: string }>(
    `SELECT count(*)::text || ' ' || coalesce(sum(revision), 0)::text AS stamp FROM automation WHERE enabled`,
  );
  return row?.stamp ?? '';
}

/** All that are switched on, of workspaces that nobody deleted. */
export function readActive(sql: Sql): Promise<Active[]> {
  return sql
    .query<Omit<Active, 'sincePosition'> & { sincePosition: string }>(
      `SELECT a.id, a.workspace_id AS "workspaceId", a.name, a.trigger, a.on_trigger AS "onTrigger", a.on_resolve AS "onResolve", a.scopes,
         a.since_position::text AS "sincePosition", a.since_at AS "sinceAt"
       FROM automation a JOIN workspace w ON w.id = a.workspace_id WHERE a.enabled AND w.deleted_at IS NULL`,
    )
    .then((rows) => rows.map((row) => ({ ...row, sincePosition: Number(row.sincePosition) })));
}

/** Takes the cursor; of two evaluators the second finds it taken and does nothing. */
export async function lockCursor(sql: Sql): Promise<{ position: number; receivedAt: Date } | null> {
  const [row] = await sql.query<{ position: string; receivedAt: Date }>(
    'SELECT position::text AS position, received_at AS "receivedAt" FROM automation_cursor WHERE shard = 0 FOR UPDATE SKIP LOCKED',
  );
  return row ? { position: Number(row.position), receivedAt: row.receivedAt } : null;
}

/** Compare-and-set: nothing that was evaluated from another position is kept. */
export async function moveCursor(sql: Sql, from: number, to: number): Promise<void> {
  const moved = await sql.query(
    'UPDATE automation_cursor SET position = $2::bigint, received_at = now() WHERE shard = 0 AND position = $1::bigint RETURNING shard',
    [from, to],
  );
  if (moved.length === 0) throw new Error('another evaluator moved the cursor');
}

export async function clockMs(sql: Sql): Promise<number> {
  const [row] = await sql.query<{ ms: number }>('SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS ms');
  return Math.floor(row?.ms ?? 0);
}

type Due = { readonly automationId: string; readonly id: string; readonly bucket: Bucket };

/** The earliest first: automation_bucket_due. */
export function readDue(sql: Sql, nowMs: number, limit: number): Promise<Due[]> {
  return sql.query<Due>(
    `SELECT automation_id AS "automationId", id, bucket FROM automation_bucket b
      WHERE deadline_at <= to_timestamp($1::float8 / 1000) AND EXISTS (SELECT 1 FROM automation a WHERE a.id = b.automation_id AND a.enabled)
      ORDER BY deadline_at LIMIT $2::int`,
    [nowMs, limit],
  );
}

/** By primary key, all of a batch at once. */
export async function readBuckets(sql: Sql, wanted: readonly { ruleId: string; id: string }[], known: KnownBuckets): Promise<void> {
  if (wanted.length === 0) return;
  const rows = await sql.query<Due>(
    `SELECT b.automation_id AS "automationId", b.id, b.bucket FROM unnest($1::uuid[], $2::text[]) AS w (automation_id, id)
       JOIN automation_bucket b ON b.automation_id = w.automation_id AND b.hash = md5(w.id)::uuid`,
    [wanted.map(({ ruleId }) => ruleId), wanted.map(({ id }) => id)],
  );
  for (const { automationId, id, bucket } of rows) known.set(bucketKey(automationId, id), bucket);
}

export type ChangedBucket = {
  readonly ruleId: string;
  readonly workspaceId: string;
  readonly id: string;
  readonly bucket: Bucket | undefined;
};

/** Of an automation that was deleted a moment ago nothing is written: the join leaves it out. */
export async function writeBuckets(sql: Sql, changed: readonly ChangedBucket[]): Promise<void> {
  const gone = changed.filter(({ bucket }) => bucket === undefined);
  const kept = changed.filter(({ bucket }) => bucket !== undefined);
  if (gone.length > 0)
    await sql.query(
      `DELETE FROM automation_bucket b USING unnest($1::uuid[], $2::text[]) AS w (automation_id, id)
        WHERE b.automation_id = w.automation_id AND b.hash = md5(w.id)::uuid`,
      [gone.map(({ ruleId }) => ruleId), gone.map(({ id }) => id)],
    );
  if (kept.length > 0)
    await sql.query(
      `INSERT INTO automation_bucket (automation_id, hash, workspace_id, id, bucket, deadline_at)
       SELECT a.id, md5(w.id)::uuid, a.workspace_id, w.id, w.bucket, to_timestamp(w.deadline / 1000)
         FROM unnest($1::uuid[], $2::text[], $3::jsonb[], $4::float8[]) AS w (automation_id, id, bucket, deadline) JOIN automation a ON a.id = w.automation_id
       ON CONFLICT (automation_id, hash) DO UPDATE SET bucket = excluded.bucket, deadline_at = excluded.deadline_at, updated_at = now()`,
      [
        kept.map(({ ruleId }) => ruleId),
        kept.map(({ id }) => id),
        kept.map(({ bucket }) => JSON.stringify(bucket)),
        kept.map(({ bucket }) => bucket?.deadlineAt ?? null),
      ],
    );
}

export type NewFiring = {
  readonly id: string;
  readonly automation: Active;
  readonly kind: 'triggered' | 'resolved';
  readonly atMs: number;
  readonly key: readonly string[];
  readonly event: Event | null;
  readonly parts: readonly Part[];
  readonly why: string;
  readonly actions: readonly { readonly id: string; readonly action: AutomationAction }[];
};

/** Firings, the actions of each, and the event of each: in the feed if the batch commits, and only then. */
export async function insertFirings(sql: Sql, firings: readonly NewFiring[]): Promise<void> {
  if (firings.length === 0) return;
  const rows = firings.map(({ id, automation, kind, atMs, key, event, parts, why }) => ({
    id,
    workspace_id: automation.workspaceId,
    automation_id: automation.id,
    kind,
    at: new Date(atMs).toISOString(),
    key,
    event,
    parts: parts.map(({ at, ...part }) => ({ ...part, at: new Date(at).toISOString() })),
    why,
  }));
  // Of an automation that was deleted a moment ago there is nothing to keep.
  const kept = await sql.query<{ id: string }>(
    `INSERT INTO automation_firing (id, workspace_id, automation_id, kind, at, key, event, parts, why)
     SELECT r.id, r.workspace_id, r.automation_id, r.kind, r.at, r.key, nullif(r.event, 'null'::jsonb), r.parts, r.why
       FROM jsonb_to_recordset($1::text::jsonb) AS r (id uuid, workspace_id uuid, automation_id uuid, kind text, at timestamptz, key jsonb, event jsonb, parts jsonb, why text)
       JOIN automation a ON a.id = r.automation_id RETURNING id`,
    [JSON.stringify(rows)],
  );
  const ids = new Set(kept.map(({ id }) => id));
  const stored = firings.filter(({ id }) => ids.has(id));
  const actions = stored.flatMap(({ id: firingId, automation, key, actions: list }) =>
    list.map(({ id, action }, index) => ({
      edge: automation.onResolve.length > 0 && 'inside' in kindOf(action) ? `${automation.id} ${JSON.stringify(key)}` : null,
      id,
      workspace_id: automation.workspaceId,
      automation_id: automation.id,
      firing_id: firingId,
      index,
      action,
      scopes: automation.scopes,
    })),
  );
  if (actions.length > 0)
    await sql.query(
      `INSERT INTO automation_action (id, workspace_id, automation_id, firing_id, index, action, scopes, edge)
       SELECT id, workspace_id, automation_id, firing_id, index, action, scopes, md5(edge)::uuid
         FROM jsonb_to_recordset($1::text::jsonb)
           AS r (id uuid, workspace_id uuid, automation_id uuid, firing_id uuid, index smallint, action jsonb, scopes text[], edge text)`,
      [JSON.stringify(actions)],
    );
  await appendEvents(sql, stored.map(eventOf));
}

function eventOf({ id, automation, kind, event, parts, key, why }: NewFiring): AppendedEvent {
  const others = parts.flatMap((part) => (part.event && part.event.id !== event?.id ? [part.event] : []));
  return {
    workspaceId: automation.workspaceId,
    id,
    name: kind === 'triggered' ? 'automation.fired' : 'automation.resolved',
    resource: { id: toId('automation', automation.id), kind: 'automation', name: automation.name },
    related: [
      { role: 'firing', id: toId('automationFiring', id) },
      ...(event ? [{ role: 'triggering-event', id: event.id, name: event.name }, ...aboutOf(event)] : []),
      ...others.slice(0, TRIGGERS_MAX).map(({ id: other, name }) => ({ role: 'triggering-event', id: other, name })),
    ],
    payload: { why, key },
    ...(event && event.id !== '' ? { follows: event.id } : {}),
  };
}

/** What the event was about, so that the firing is found there too. */
function aboutOf({ resource, related }: Event): Record<string, string>[] {
  const { id = '', name, kind } = resource;
  return [{ role: kind ?? 'resource', id, ...(name === undefined ? {} : { name }) }, ...related.slice(0, 20)];
}

/** False: another looks at it, or it was switched off a moment ago. */
export async function lockAutomation(sql: Sql, id: string): Promise<boolean> {
  const rows = await sql.query('SELECT 1 FROM automation WHERE id = $1::uuid AND enabled FOR UPDATE SKIP LOCKED', [id]);
  return rows.length > 0;
}

/** Of one automation, by id. */
export async function readAllBuckets(sql: Sql, automationId: string): Promise<Map<string, Bucket>> {
  const rows = await sql.query<Due>(
    'SELECT automation_id AS "automationId", id, bucket FROM automation_bucket WHERE automation_id = $1::uuid',
    [automationId],
  );
  return new Map(rows.map(({ id, bucket }) => [id, bucket]));
}

/** Says why an automation does not work as it should. */
export async function tellProblem(sql: Sql, id: string, problem: string): Promise<void> {
  await sql.query('UPDATE automation SET problem = $2 WHERE id = $1::uuid AND problem IS DISTINCT FROM $2', [id, problem]);
}

/** Switched off: it cannot be evaluated, and would hold up all others. */
export async function switchOffBroken(sql: Sql, id: string, problem: string): Promise<void> {
  await sql.query(
    `UPDATE automation SET enabled = false, problem = $2, revision = nextval('automation_revision'), updated_at = now() WHERE id = $1::uuid`,
    [id, problem],
  );
}

/** Firings whose time is over, with their actions; at most so many at once. */
export async function sweepFirings(sql: Sql, keepDays: number, limit: number): Promise<number> {
  const rows = await sql.query(
    `DELETE FROM automation_firing WHERE id IN (SELECT id FROM automation_firing WHERE created_at < now() - make_interval(days => $1::int)
       ORDER BY created_at LIMIT $2::int) RETURNING id`,
    [keepDays, limit],
  );
  return rows.length;
}

/** Automations with more buckets than `most`, whose oldest go. Answers whose. */
export async function trimBuckets(sql: Sql, most: number): Promise<string[]> {
  const over = await sql.query<{ id: string; count: number }>(
    `SELECT automation_id AS id, count(*)::int AS count FROM automation_bucket WHERE NOT starts_with(id, '~') GROUP BY 1 HAVING count(*) > $1::int`,
    [most],
  );
  for (const { id, count } of over)
    await sql.query(
      `DELETE FROM automation_bucket WHERE automation_id = $1::uuid AND hash IN
         (SELECT hash FROM automation_bucket WHERE automation_id = $1::uuid AND id <> '#' AND NOT starts_with(id, '~') ORDER BY updated_at LIMIT $2::int)`,
      [id, count - most],
    );
  return over.map(({ id }) => id);
}

export function isOfEvents(active: Active): active is Active & { trigger: EventsTrigger } {
  const { type } = active.trigger;
  return type === 'event' || type === 'compound' || type === 'sequence';
}

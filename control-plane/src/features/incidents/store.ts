/** Every query of incidents. */
import { toId, toUuid, uuidv7 } from '@signalbox/proto';
import type {
  Incident,
  IncidentEntry,
  IncidentLink,
  IncidentLinkKind,
  IncidentStatus,
  linkIncidentInput,
  Severity,
} from '@signalbox/proto/api';
import type { z } from 'zod';
import type { Sql } from '../../platform/sql.ts';

type Row = Omit<Incident, 'id' | 'declaredAt' | 'updatedAt' | 'resolvedAt'> & {
  readonly id: string;
  readonly declaredAt: Date;
  readonly updatedAt: Date;
  readonly resolvedAt: Date | null;
};
const COLUMNS = `id, title, summary, severity, status, key, declared_by AS "declaredBy", declared_at AS "declaredAt", updated_at AS "updatedAt",
  resolved_at AS "resolvedAt"`;

/** Newest first: incident_feed; where one thing is named, by incident_link_ref. */
export async function readIncidents(
  sql: Sql,
  workspaceId: string,
  filter: {
    statuses: readonly string[] | null;
    severities: readonly string[] | null;
    about: string | null;
    before: string | null;
    limit: number;
  },
): Promise<Row[]> {
  return sql.query(
    `SELECT ${COLUMNS} FROM incident i WHERE workspace_id = $1::uuid AND ($2::text[] IS NULL OR status = ANY ($2::text[]))
       AND ($3::text[] IS NULL OR severity = ANY ($3::text[])) AND ($5::uuid IS NULL OR id < $5::uuid)
       AND ($4::text IS NULL OR EXISTS (SELECT FROM incident_link l WHERE l.workspace_id = $1::uuid AND l.ref = $4 AND l.incident_id = i.id))
     ORDER BY id DESC LIMIT $6::int`,
    [workspaceId, filter.statuses, filter.severities, filter.about, filter.before, filter.limit],
  );
}

/** One; `lock`: of two changes one waits. */
export async function findIncident(sql: Sql, workspaceId: string, id: string, how?: 'lock'): Promise<Incident | null> {
  const lock = how === 'lock' ? 'FOR UPDATE' : '';
  const [row] = await sql.query<Row>(`SELECT ${COLUMNS} FROM incident WHERE workspace_id = $1::uuid AND id = $2::uuid ${lock}`, [
    workspaceId,
    id,
  ]);
  return row ? showIncident(row) : null;
}

/** The open one of a key, locked. By incident_open_key. */
export async function findOpen(sql: Sql, workspaceId: string, key: string): Promise<Incident | null> {
  const [row] = await sql.query<Row>(
    `SELECT ${COLUMNS} FROM incident WHERE workspace_id = $1::uuid AND key = $2 AND resolved_at IS NULL FOR UPDATE`,
    [workspaceId, key],
  );
  return row ? showIncident(row) : null;
}

export type NewIncident = Pick<Incident, 'title' | 'summary' | 'severity' | 'key' | 'declaredBy'> & {
  readonly id: string;
  readonly workspaceId: string;
};

/** False: there is an open one of this key, as the unique index says. */
export async function insertIncident(sql: Sql, incident: NewIncident): Promise<boolean> {
  const { id, workspaceId, title, summary, severity, key, declaredBy } = incident;
  const rows = await sql.query(
    `INSERT INTO incident (id, workspace_id, title, summary, severity, status, key, declared_by) VALUES ($1::uuid, $2::uuid, $3, $4, $5, 'open', $6, $7)
     ON CONFLICT (workspace_id, key) WHERE key IS NOT NULL AND resolved_at IS NULL DO NOTHING RETURNING id`,
    [id, workspaceId, title, summary, severity, key, declaredBy],
  );
  return rows.length > 0;
}

export async function writeIncident(
  sql: Sql,
  id: string,
  { title, summary, severity, status }: { title: string; summary: string; severity: Severity; status: IncidentStatus },
): Promise<void> {
  await sql.query(
    `UPDATE incident SET title = $2, summary = $3, severity = $4, status = $5, updated_at = now(),
       resolved_at = CASE WHEN $5 = 'resolved' THEN coalesce(resolved_at, now()) END WHERE id = $1::uuid`,
    [id, title, summary, severity, status],
  );
}

export async function touchIncident(sql: Sql, id: string): Promise<void> {
  await sql.query('UPDATE incident SET updated_at = now() WHERE id = $1::uuid', [id]);
}

export type NewEntry = {
  readonly kind: IncidentEntry['kind'];
  readonly by: { readonly kind: string; readonly name: string };
  readonly text?: string;
  readonly before?: string | null;
  readonly after?: string | null;
  readonly requestKey?: string | null;
};

let lastEntryMs = 0;
/** A timeline is read in the order of ids, in which entries of one millisecond would stand by chance: each is given one of its own. */
function entryId(): string {
  lastEntryMs = Math.max(Date.now(), lastEntryMs + 1);
  return uuidv7(lastEntryMs);
}

/** False: the entry of this request was written before. */
export async function insertEntry(sql: Sql, workspaceId: string, incidentId: string, entry: NewEntry): Promise<boolean> {
  const { kind, by, text = '', before = null, after = null, requestKey = null } = entry;
  const rows = await sql.query(
    `INSERT INTO incident_entry (id, incident_id, workspace_id, kind, actor_kind, actor_name, text, before, after, request_key)
     VALUES ($1::uuid, $2::uuid, $3::uuid, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (workspace_id, request_key) DO NOTHING RETURNING id`,
    [entryId(), incidentId, workspaceId, kind, by.kind, by.name.slice(0, 320), text, before, after, requestKey],
  );
  return rows.length > 0;
}

/** The incident that a request wrote to before. */
export async function findByRequest(sql: Sql, workspaceId: string, requestKey: string): Promise<string | null> {
  const [row] = await sql.query<{ id: string }>(
    'SELECT incident_id AS id FROM incident_entry WHERE workspace_id = $1::uuid AND request_key = $2',
    [workspaceId, requestKey],
  );
  return row?.id ?? null;
}

const ENTRIES_SHOWN = 500;
const LINKS_SHOWN = 200;
type EntryRow = Omit<IncidentEntry, 'at' | 'actor'> & { readonly at: Date; readonly actorKind: string; readonly actorName: string };

export async function readEntries(sql: Sql, incidentId: string): Promise<IncidentEntry[]> {
  const rows = await sql.query<EntryRow>(
    `SELECT id::text AS id, at, kind, actor_kind AS "actorKind", actor_name AS "actorName", text, before, after
       FROM incident_entry WHERE incident_id = $1::uuid ORDER BY incident_entry.id DESC LIMIT ${ENTRIES_SHOWN}`,
    [incidentId],
  );
  return rows.reverse().map(({ at, actorKind, actorName, ...entry }) => ({
    ...entry,
    at: new Date(at).toISOString(),
    actor: { kind: actorKind, name: actorName },
  }));
}

export type Link = { readonly kind: IncidentLinkKind; readonly ref: string; readonly name: string };

/** Those that were not linked before. */
export async function insertLinks(sql: Sql, workspaceId: string, incidentId: string, links: readonly Link[]): Promise<Link[]> {
  if (links.length === 0) return [];
  return sql.query(
    `INSERT INTO incident_link (incident_id, workspace_id, kind, ref, name)
     SELECT $1::uuid, $2::uuid, kind, ref, name FROM unnest($3::text[], $4::text[], $5::text[]) AS l (kind, ref, name)
     ON CONFLICT (incident_id, ref) DO NOTHING RETURNING kind, ref, name`,
    [incidentId, workspaceId, links.map(({ kind }) => kind), links.map(({ ref }) => ref), links.map(({ name }) => name.slice(0, 300))],
  );
}

export async function removeLink(sql: Sql, incidentId: string, ref: string): Promise<Link | null> {
  const [row] = await sql.query<Link>('DELETE FROM incident_link WHERE incident_id = $1::uuid AND ref = $2 RETURNING kind, ref, name', [
    incidentId,
    ref,
  ]);
  return row ?? null;
}

export async function readLinks(sql: Sql, incidentId: string): Promise<IncidentLink[]> {
  const rows = await sql.query<Omit<IncidentLink, 'linkedAt'> & { linkedAt: Date }>(
    `SELECT kind, ref, name, linked_at AS "linkedAt" FROM incident_link WHERE incident_id = $1::uuid ORDER BY linked_at DESC LIMIT ${LINKS_SHOWN}`,
    [incidentId],
  );
  return rows.reverse().map(({ linkedAt, ...link }) => ({ ...link, linkedAt: new Date(linkedAt).toISOString() }));
}

/** Ids of what an incident is about. */
export type About = Pick<z.output<typeof linkIncidentInput>, 'runs' | 'deployments' | 'failureGroups' | 'firings'>;

/** Things of the workspace by their names; those that are not there are left out. */
export async function nameThings(sql: Sql, workspaceId: string, about: About): Promise<Link[]> {
  const runs = about.runs.map((id) => toUuid('run', id)).sort();
  const found = await sql.query<{ kind: keyof typeof ID_OF; id: string; name: string }>(
    `SELECT 'run' AS kind, id, name FROM run WHERE id = ANY ($2::uuid[]) AND id >= $3::uuid AND id <= $4::uuid AND workspace_id = $1::uuid
     UNION ALL SELECT 'deployment', d.id, f.name || '/' || d.name FROM deployment d JOIN flow f ON f.id = d.flow_id
       WHERE d.workspace_id = $1::uuid AND d.id = ANY ($5::uuid[])
     UNION ALL SELECT 'failure-group', g.id, g.title FROM failure_group g WHERE g.workspace_id = $1::uuid AND g.id = ANY ($6::uuid[])
     UNION ALL SELECT 'firing', f.id, a.name || ': ' || f.why FROM automation_firing f JOIN automation a ON a.id = f.automation_id
       WHERE f.workspace_id = $1::uuid AND f.id = ANY ($7::uuid[])`,
    [
      workspaceId,
      runs,
      runs[0] ?? null,
      runs.at(-1) ?? null,
      about.deployments.map((id) => toUuid('deployment', id)),
      about.failureGroups.map((id) => toUuid('failureGroup', id)),
      about.firings.map((id) => toUuid('automationFiring', id)),
    ],
  );
  return found.map(({ kind, id, name }) => ({ kind, ref: toId(ID_OF[kind], id), name }));
}

const ID_OF = { run: 'run', deployment: 'deployment', 'failure-group': 'failureGroup', firing: 'automationFiring' } as const;

export function showIncident(row: Row): Incident {
  const { declaredAt, updatedAt, resolvedAt } = row;
  return {
    ...row,
    id: toId('incident', row.id),
    declaredAt: new Date(declaredAt).toISOString(),
    updatedAt: new Date(updatedAt).toISOString(),
    resolvedAt: resolvedAt ? new Date(resolvedAt).toISOString() : null,
  };
}

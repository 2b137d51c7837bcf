/**
 * Declaring and resolving, for people and for programs alike. While an incident of a key is open, declaring it again adds to it; a
 * request that is repeated changes nothing. Each change is an event in the same transaction.
 */
import { randomUUID } from 'node:crypto';
import { toUuid, uuidv7 } from '@signalbox/proto';
import { type Incident, isAtLeast, type Severity } from '@signalbox/proto/api';
import type { Sql } from '../../platform/sql.ts';
import { appendEvents } from '../events/index.ts';
import {
  findByRequest,
  findIncident,
  findOpen,
  insertEntry,
  insertIncident,
  insertLinks,
  type Link,
  readLinks,
  touchIncident,
  writeIncident,
} from './store.ts';

export type By = { readonly kind: string; readonly name: string };

export type IncidentDeclaration = {
  readonly workspaceId: string;
  readonly title: string;
  readonly summary: string;
  readonly severity: Severity;
  /** Names the problem; null: it stands alone. At most 255 characters. */
  readonly key: string | null;
  readonly by: By;
  readonly links: readonly Link[];
  /** Of a program that may ask twice, unique in the workspace; null: of a person. */
  readonly requestKey: string | null;
};

/** `declared`: there is a new one; `again`: one of the key was open; `repeated`: this request was taken before. */
export type DeclareOutcome = { readonly outcome: 'declared' | 'again' | 'repeated'; readonly incident: Incident };

const TITLE_MAX = 300;
const SUMMARY_MAX = 10_000;
const KEY_MAX = 255;

/** In the caller's transaction. Texts over their bounds are cut. */
export async function declareIncident(sql: Sql, declaration: IncidentDeclaration): Promise<DeclareOutcome> {
  const { workspaceId, severity, by, links, requestKey } = declaration;
  const [title, summary] = [declaration.title.trim().slice(0, TITLE_MAX) || 'Incident', declaration.summary.slice(0, SUMMARY_MAX)];
  const key = declaration.key?.slice(0, KEY_MAX) || null;
  const before = requestKey && (await findByRequest(sql, workspaceId, requestKey));
  if (before) return { outcome: 'repeated', incident: (await findIncident(sql, workspaceId, before)) as Incident };
  const id = uuidv7(Date.now());
  const isNew = await insertIncident(sql, { id, workspaceId, title, summary, severity, key, declaredBy: by.name });
  const known = isNew || !key ? null : await findOpen(sql, workspaceId, key);
  // It was resolved between both looks.
  if (!isNew && !known) return declareIncident(sql, declaration);
  const incidentId = known ? toUuid('incident', known.id) : id;
  await insertEntry(sql, workspaceId, incidentId, {
    kind: known ? 'again' : 'declared',
    by,
    text: known ? title : summary,
    requestKey,
  });
  await insertLinks(sql, workspaceId, incidentId, links);
  if (known) await worsen(sql, workspaceId, known, severity, by);
  const incident = (await findIncident(sql, workspaceId, incidentId)) as Incident;
  if (!known) await tell(sql, workspaceId, 'declared', incident, { by: by.name });
  return { outcome: known ? 'again' : 'declared', incident };
}

/** What happens again and is worse makes it worse. */
async function worsen(sql: Sql, workspaceId: string, incident: Incident, severity: Severity, by: By): Promise<void> {
  const id = toUuid('incident', incident.id);
  if (isAtLeast(incident.severity, severity)) return touchIncident(sql, id);
  await writeIncident(sql, id, { ...incident, severity });
  await insertEntry(sql, workspaceId, id, { kind: 'severity', by, before: incident.severity, after: severity });
  await tell(sql, workspaceId, 'updated', { ...incident, severity }, { by: by.name, fields: ['severity'] });
}

export type IncidentResolution = {
  readonly workspaceId: string;
  /** The open one of this key, or the one of this id (a UUID). */
  readonly of: { readonly key: string } | { readonly id: string };
  readonly text: string;
  readonly by: By;
  readonly requestKey: string | null;
};

/** `none`: nothing of that name is open. */
export type ResolveOutcome = { readonly outcome: 'resolved' | 'none' | 'repeated'; readonly incident: Incident | null };

/** In the caller's transaction. */
export async function resolveIncident(sql: Sql, { workspaceId, of, text, by, requestKey }: IncidentResolution): Promise<ResolveOutcome> {
  const before = requestKey && (await findByRequest(sql, workspaceId, requestKey));
  if (before) return { outcome: 'repeated', incident: await findIncident(sql, workspaceId, before) };
  const incident =
    'key' in of ? await findOpen(sql, workspaceId, of.key.slice(0, KEY_MAX)) : await findIncident(sql, workspaceId, of.id, 'lock');
  if (!incident || incident.status === 'resolved') return { outcome: 'none', incident };
  const id = toUuid('incident', incident.id);
  await writeIncident(sql, id, { ...incident, status: 'resolved' });
  await insertEntry(sql, workspaceId, id, {
    kind: 'resolved',
    by,
    text: text.slice(0, SUMMARY_MAX),
    before: incident.status,
    after: 'resolved',
    requestKey,
  });
  const after = (await findIncident(sql, workspaceId, id)) as Incident;
  await tell(sql, workspaceId, 'resolved', after, { by: by.name });
  return { outcome: 'resolved', incident: after };
}

/** An event of the incident, with what it is about. */
export async function tell(
  sql: Sql,
  workspaceId: string,
  what: 'declared' | 'updated' | 'commented' | 'resolved' | 'reopened',
  incident: Incident,
  payload: Readonly<Record<string, unknown>>,
): Promise<void> {
  const links = await readLinks(sql, toUuid('incident', incident.id));
  await appendEvents(sql, [
    {
      workspaceId,
      id: randomUUID(),
      name: `incident.${what}`,
      resource: { id: incident.id, kind: 'incident', name: incident.title, severity: incident.severity, status: incident.status },
      related: links.slice(-50).map(({ kind, ref, name }) => ({ role: kind, id: ref, name })),
      payload: { ...payload, ...(incident.key ? { key: incident.key } : {}) },
    },
  ]);
}

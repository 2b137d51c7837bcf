/** The verbs of incidents, as people call them. */
import { toUuid } from '@signalbox/proto';
import type {
  commentIncidentInput,
  declareIncidentInput,
  endIncidentInput,
  Incident,
  IncidentDetail,
  linkIncidentInput,
  listIncidentsInput,
  unlinkIncidentInput,
  updateIncidentInput,
} from '@signalbox/proto/api';
import type { z } from 'zod';
import { type Audited, audited } from '../../platform/audit.ts';
import { notFound, preconditionFailed } from '../../platform/errors.ts';
import { cursorUuid, type Page, pageOf } from '../../platform/pagination.ts';
import type { CommandCtx, Ctx } from '../../platform/services.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import { type By, declareIncident, resolveIncident, tell } from './declare.ts';
import {
  type About,
  findIncident,
  findOpen,
  insertEntry,
  insertLinks,
  nameThings,
  readEntries,
  readIncidents,
  readLinks,
  removeLink,
  showIncident,
  touchIncident,
  writeIncident,
} from './store.ts';

/** Newest first. */
export async function listIncidents(ctx: Ctx, input: z.output<typeof listIncidentsInput>): Promise<Page<Incident>> {
  const { statuses, severities, about = null, cursor, limit } = input;
  const rows = await readIncidents(sqlOfTx(ctx.tx), ctx.workspace.id, {
    statuses: statuses?.length ? statuses : null,
    severities: severities?.length ? severities : null,
    about,
    before: cursorUuid('incident', cursor),
    limit: limit + 1,
  });
  return pageOf('incident', rows, limit, ({ id }) => id, showIncident);
}

/** @throws NOT_FOUND */
export async function getIncident(ctx: Ctx, { incident: id }: { incident: string }): Promise<IncidentDetail> {
  return detailOf(ctx, await findOrThrow(ctx, id));
}

/** @throws NOT_FOUND for what is linked and is not there */
export async function declareByHand(ctx: CommandCtx, input: z.output<typeof declareIncidentInput>): Promise<Audited<IncidentDetail>> {
  const { title, summary, severity, key = null } = input;
  const links = await linksOf(ctx, input);
  const { outcome, incident } = await declareIncident(sqlOfTx(ctx.tx), {
    workspaceId: ctx.workspace.id,
    title,
    summary,
    severity,
    key,
    by: byOf(ctx),
    links,
    requestKey: null,
  });
  return audited(await detailOf(ctx, incident), {
    target: { kind: 'incident', id: toUuid('incident', incident.id) },
    before: outcome === 'again' ? { id: incident.id } : null,
    after: { title, severity, outcome, links: links.map(({ ref }) => ref) },
  });
}

/** What is absent stays. @throws NOT_FOUND, PRECONDITION_FAILED for the status of one that is resolved */
export async function updateIncident(ctx: CommandCtx, input: z.output<typeof updateIncidentInput>): Promise<Audited<IncidentDetail>> {
  const sql = sqlOfTx(ctx.tx);
  const before = await findOrThrow(ctx, input.incident, 'lock');
  if (input.status && before.status === 'resolved') throw preconditionFailed('The incident is resolved: reopen it first.');
  const after = {
    title: input.title ?? before.title,
    summary: input.summary ?? before.summary,
    severity: input.severity ?? before.severity,
    status: input.status ?? before.status,
  };
  const fields = (['title', 'summary', 'severity', 'status'] as const).filter((field) => after[field] !== before[field]);
  const id = toUuid('incident', before.id);
  if (fields.length > 0) {
    await writeIncident(sql, id, after);
    for (const kind of fields)
      await insertEntry(sql, ctx.workspace.id, id, {
        kind,
        by: byOf(ctx),
        before: before[kind],
        after: after[kind],
      });
    await tell(sql, ctx.workspace.id, 'updated', { ...before, ...after }, { by: byOf(ctx).name, fields });
  }
  const changed = (of: typeof after) => Object.fromEntries(fields.map((field) => [field, of[field]]));
  return audited(await detailOf(ctx, await findOrThrow(ctx, before.id)), {
    target: { kind: 'incident', id },
    before: changed(before),
    after: changed(after),
  });
}

/** @throws NOT_FOUND */
export async function commentIncident(ctx: CommandCtx, input: z.output<typeof commentIncidentInput>): Promise<Audited<IncidentDetail>> {
  const sql = sqlOfTx(ctx.tx);
  const incident = await findOrThrow(ctx, input.incident, 'lock');
  const id = toUuid('incident', incident.id);
  await insertEntry(sql, ctx.workspace.id, id, { kind: 'comment', by: byOf(ctx), text: input.text });
  await touchIncident(sql, id);
  await tell(sql, ctx.workspace.id, 'commented', incident, { by: byOf(ctx).name, text: input.text });
  return audited(await detailOf(ctx, await findOrThrow(ctx, incident.id)), {
    target: { kind: 'incident', id },
    before: null,
    after: { bytes: input.text.length },
  });
}

/** @throws NOT_FOUND for the incident, or what is linked */
export async function linkIncident(ctx: CommandCtx, input: z.output<typeof linkIncidentInput>): Promise<Audited<IncidentDetail>> {
  const sql = sqlOfTx(ctx.tx);
  const incident = await findOrThrow(ctx, input.incident, 'lock');
  const id = toUuid('incident', incident.id);
  const added = await insertLinks(sql, ctx.workspace.id, id, await linksOf(ctx, input));
  for (const { ref, name } of added)
    await insertEntry(sql, ctx.workspace.id, id, { kind: 'linked', by: byOf(ctx), text: name, after: ref });
  return audited(await detailOf(ctx, incident), {
    target: { kind: 'incident', id },
    before: null,
    after: { linked: added.map(({ ref }) => ref) },
  });
}

/** @throws NOT_FOUND for what is not linked */
export async function unlinkIncident(ctx: CommandCtx, input: z.output<typeof unlinkIncidentInput>): Promise<Audited<IncidentDetail>> {
  const sql = sqlOfTx(ctx.tx);
  const incident = await findOrThrow(ctx, input.incident, 'lock');
  const id = toUuid('incident', incident.id);
  const removed = await removeLink(sql, id, input.ref);
  if (!removed) throw notFound('link', input.ref);
  await insertEntry(sql, ctx.workspace.id, id, {
    kind: 'unlinked',
    by: byOf(ctx),
    text: removed.name,
    before: removed.ref,
  });
  return audited(await detailOf(ctx, incident), { target: { kind: 'incident', id }, before: { linked: removed.ref }, after: null });
}

/** @throws NOT_FOUND, PRECONDITION_FAILED when it is resolved already */
export async function resolveByHand(ctx: CommandCtx, input: z.output<typeof endIncidentInput>): Promise<Audited<IncidentDetail>> {
  const before = await findOrThrow(ctx, input.incident, 'lock');
  const id = toUuid('incident', before.id);
  const { outcome, incident } = await resolveIncident(sqlOfTx(ctx.tx), {
    workspaceId: ctx.workspace.id,
    of: { id },
    text: input.text,
    by: byOf(ctx),
    requestKey: null,
  });
  if (outcome !== 'resolved' || !incident) throw preconditionFailed('The incident is resolved already.');
  return audited(await detailOf(ctx, incident), {
    target: { kind: 'incident', id },
    before: { status: before.status },
    after: { status: 'resolved' },
  });
}

/** @throws NOT_FOUND, PRECONDITION_FAILED when it is open, or another one of its key is */
export async function reopenIncident(ctx: CommandCtx, input: z.output<typeof endIncidentInput>): Promise<Audited<IncidentDetail>> {
  const sql = sqlOfTx(ctx.tx);
  const before = await findOrThrow(ctx, input.incident, 'lock');
  const id = toUuid('incident', before.id);
  if (before.status !== 'resolved') throw preconditionFailed('The incident is open.');
  const other = before.key && (await findOpen(sql, ctx.workspace.id, before.key));
  if (other) throw preconditionFailed(`Another incident of the key "${before.key}" is open: ${other.id}.`);
  await writeIncident(sql, id, { ...before, status: 'investigating' });
  await insertEntry(sql, ctx.workspace.id, id, {
    kind: 'reopened',
    by: byOf(ctx),
    text: input.text,
    before: 'resolved',
    after: 'investigating',
  });
  const incident = await findOrThrow(ctx, before.id);
  await tell(sql, ctx.workspace.id, 'reopened', incident, { by: byOf(ctx).name });
  return audited(await detailOf(ctx, incident), {
    target: { kind: 'incident', id },
    before: { status: 'resolved' },
    after: { status: 'investigating' },
  });
}

async function linksOf(ctx: Ctx, about: About) {
  const wanted = [
    ['run', about.runs],
    ['deployment', about.deployments],
    ['failure group', about.failureGroups],
    ['firing', about.firings],
  ] as const;
  if (wanted.every(([, ids]) => ids.length === 0)) return [];
  const links = await nameThings(sqlOfTx(ctx.tx), ctx.workspace.id, about);
  const known = new Set(links.map(({ ref }) => ref));
  for (const [what, ids] of wanted) {
    const missing = ids.find((id) => !known.has(id));
    if (missing) throw notFound(what, missing);
  }
  return links;
}

async function detailOf(ctx: Ctx, incident: Incident): Promise<IncidentDetail> {
  const id = toUuid('incident', incident.id);
  const sql = sqlOfTx(ctx.tx);
  return { ...incident, entries: await readEntries(sql, id), links: await readLinks(sql, id) };
}

async function findOrThrow(ctx: Ctx, id: string, how?: 'lock'): Promise<Incident> {
  const found = await findIncident(sqlOfTx(ctx.tx), ctx.workspace.id, toUuid('incident', id), how);
  if (!found) throw notFound('incident', id);
  return found;
}

function byOf({ actor }: Ctx): By {
  return { kind: actor.kind === 'user' ? 'person' : 'service', name: actor.kind === 'user' ? actor.email : actor.name };
}

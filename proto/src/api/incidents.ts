/** Incidents: what people work on together until it is over, with all that was said and done, and what it is about. */
import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { instantSchema } from '../time.ts';
import { pageInput } from './page.ts';
import { severitySchema } from './severity.ts';

/** `open`: nobody has looked yet; `resolved` is the only one that is over. */
export const INCIDENT_STATUSES = ['open', 'investigating', 'monitoring', 'resolved'] as const;
export type IncidentStatus = (typeof INCIDENT_STATUSES)[number];

export const INCIDENT_LINKS = ['run', 'deployment', 'automation', 'firing', 'failure-group', 'sla', 'event'] as const;
export type IncidentLinkKind = (typeof INCIDENT_LINKS)[number];

const titleSchema = z.string().trim().min(1).max(300);
const textSchema = z.string().trim().max(10_000);
/** What an incident is about. */
const aboutShape = {
  runs: z.array(idSchema('run')).max(20).default([]),
  deployments: z.array(idSchema('deployment')).max(20).default([]),
  failureGroups: z.array(idSchema('failureGroup')).max(20).default([]),
  firings: z.array(idSchema('automationFiring')).max(20).default([]),
};

export const incidentSchema = z.object({
  id: idSchema('incident'),
  title: z.string(),
  summary: z.string(),
  severity: severitySchema,
  status: z.enum(INCIDENT_STATUSES),
  /** Names the problem, where a program declared it: while one of a key is open, declaring it again adds to that one. */
  key: z.string().nullable(),
  declaredBy: z.string(),
  declaredAt: instantSchema,
  updatedAt: instantSchema,
  resolvedAt: instantSchema.nullable(),
});
export type Incident = z.infer<typeof incidentSchema>;

/** `again`: it was declared once more while it was open. */
export const INCIDENT_ENTRIES = [
  'declared',
  'again',
  'comment',
  'status',
  'severity',
  'title',
  'summary',
  'linked',
  'unlinked',
  'resolved',
  'reopened',
] as const;
export const incidentEntrySchema = z.object({
  id: z.string(),
  at: instantSchema,
  kind: z.enum(INCIDENT_ENTRIES),
  actor: z.object({ kind: z.string(), name: z.string() }),
  text: z.string(),
  before: z.string().nullable(),
  after: z.string().nullable(),
});
export type IncidentEntry = z.infer<typeof incidentEntrySchema>;

export const incidentLinkSchema = z.object({
  kind: z.enum(INCIDENT_LINKS),
  ref: z.string(),
  name: z.string(),
  linkedAt: instantSchema,
});
export type IncidentLink = z.infer<typeof incidentLinkSchema>;

/** Entries oldest first, the newest 500; links oldest first, the newest 200. */
export const incidentDetailSchema = incidentSchema.extend({ entries: z.array(incidentEntrySchema), links: z.array(incidentLinkSchema) });
export type IncidentDetail = z.infer<typeof incidentDetailSchema>;

export const incidentRefInput = z.object({ incident: idSchema('incident') });
export const listIncidentsInput = z.object({
  /** Default: all. */
  statuses: z.array(z.enum(INCIDENT_STATUSES)).max(4).optional(),
  severities: z.array(severitySchema).max(5).optional(),
  /** Those that are about this run, deployment, group of failures or firing. */
  about: z.string().min(1).max(300).optional(),
  ...pageInput,
});
export const declareIncidentInput = z.object({
  title: titleSchema,
  summary: textSchema.default(''),
  severity: severitySchema.default('moderate'),
  /** Names the problem: see `incidentSchema`. */
  key: z.string().trim().min(1).max(255).optional(),
  ...aboutShape,
});
/** What is absent stays. A status of `resolved` is set by `resolve` alone. */
export const updateIncidentInput = z.object({
  incident: idSchema('incident'),
  title: titleSchema.optional(),
  summary: textSchema.optional(),
  severity: severitySchema.optional(),
  status: z.enum(['open', 'investigating', 'monitoring']).optional(),
});
export const commentIncidentInput = z.object({ incident: idSchema('incident'), text: textSchema.min(1) });
export const linkIncidentInput = z.object({ incident: idSchema('incident'), ...aboutShape });
export const unlinkIncidentInput = z.object({ incident: idSchema('incident'), ref: z.string().min(1).max(300) });
/** `text`: what was done, or why it is open again. */
export const endIncidentInput = z.object({ incident: idSchema('incident'), text: textSchema.default('') });

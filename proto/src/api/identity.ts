import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { instantSchema } from '../time.ts';
import { nameSchema, slugSchema } from './page.ts';

/** Roles in a workspace. Each has what Runner has, from there on; Developer and Operator stand side by side, Owner has both. */
export const WORKSPACE_ROLES = ['viewer', 'runner', 'developer', 'operator', 'owner'] as const;
export type WorkspaceRole = (typeof WORKSPACE_ROLES)[number];
/** With the role that stands apart: the least that an agent needs. */
export const BUILT_IN_ROLES = [...WORKSPACE_ROLES, 'agent'] as const;
export type BuiltInRole = (typeof BUILT_IN_ROLES)[number];
/** Roles in an organization, from least to most. Admins and owners are owner of each of its workspaces. */
export const ORGANIZATION_ROLES = ['member', 'admin', 'owner'] as const;
export type OrganizationRole = (typeof ORGANIZATION_ROLES)[number];

export const workspaceSchema = z.object({
  id: idSchema('workspace'),
  slug: slugSchema,
  name: z.string(),
  organization: z.object({ id: idSchema('organization'), slug: slugSchema, name: z.string() }),
  /** The greatest built-in role one has whole here, else the name of what one has. */
  role: z.string(),
  createdAt: instantSchema,
  /** When it is gone for good, for one that was deleted; until then it can be restored. */
  purgeAt: instantSchema.nullable(),
});
export type Workspace = z.infer<typeof workspaceSchema>;

/** Things a role may be granted on by themselves. */
export const OBJECT_KINDS = ['deployment', 'work-pool', 'block'] as const;

export const organizationSchema = z.object({
  id: idSchema('organization'),
  slug: slugSchema,
  name: z.string(),
  role: z.enum(ORGANIZATION_ROLES),
  scopes: z.array(z.string()),
  /** When it is gone for good, for one that was deleted; until then its owners can restore it. */
  purgeAt: instantSchema.nullable(),
});
export type Organization = z.infer<typeof organizationSchema>;

/** With what only its own page shows. */
export const organizationDetailSchema = organizationSchema.extend({
  /** How long the audit is kept. */
  auditDays: z.number().int(),
});
export type OrganizationDetail = z.infer<typeof organizationDetailSchema>;

export const createOrganizationInput = z.object({ slug: slugSchema, name: nameSchema });
export const updateOrganizationInput = z.object({
  slug: slugSchema.optional(),
  name: nameSchema.optional(),
  /** How long the audit is kept, 30 to 3,650 days. */
  auditDays: z.number().int().min(30).max(3650).optional(),
});
/** Named, so that nobody deletes or restores the one that a header or a switch happened to mean. */
export const restoreOrganizationInput = z.object({ slug: slugSchema });
export const deleteOrganizationInput = restoreOrganizationInput.extend({
  /** Days until it is gone for good with its workspaces, 1 to 30; until then it can be restored. */
  graceDays: z.number().int().min(1).max(30).default(7),
});

export const createWorkspaceInput = z.object({ slug: slugSchema, name: nameSchema });

/** Who asks, and where. */
export const meSchema = z.object({
  actor: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('user'), id: idSchema('user'), email: z.string(), name: z.string() }),
    z.object({ kind: z.literal('api-key'), id: idSchema('apiKey'), name: z.string() }),
    /** A running flow, with the token of its run. */
    z.object({ kind: z.literal('run'), id: idSchema('run'), name: z.string() }),
  ]),
  workspace: workspaceSchema.nullable(),
  /** What one may in the workspace as a whole. */
  scopes: z.array(z.string()),
  /** What one may for single things of it alone. */
  objects: z.array(z.object({ kind: z.enum(OBJECT_KINDS), id: z.string(), scopes: z.array(z.string()) })),
  /** The organization of the workspace, or the one asked for. */
  organization: organizationSchema.nullable(),
  /** Who acts in this person's place, why and until when; absent: the person. */
  support: z.object({ operator: z.string(), reason: z.string(), expiresAt: instantSchema }).optional(),
});
export type Me = z.infer<typeof meSchema>;

export const apiKeySchema = z.object({
  id: idSchema('apiKey'),
  name: z.string(),
  /** First characters, to tell keys apart; the rest is known to its holder alone. */
  prefix: z.string(),
  role: z.enum(BUILT_IN_ROLES),
  /** Of its role, these alone; empty: all. */
  scopes: z.array(z.string()),
  /** Of its organization, these; empty: it acts in its workspace alone. */
  organizationScopes: z.array(z.string()),
  /** Whose it is: it never may more than they may now. Null: the system's. */
  owner: z.object({ kind: z.enum(['person', 'service-account']), id: z.string(), name: z.string() }).nullable(),
  createdAt: instantSchema,
  expiresAt: instantSchema.nullable(),
  lastUsedAt: instantSchema.nullable(),
  revokedAt: instantSchema.nullable(),
  /** The key that took its place; this one works beside it until it expires. */
  replacedBy: idSchema('apiKey').nullable(),
});
export type ApiKey = z.infer<typeof apiKeySchema>;

/** Days until a key expires, 1 to 365. */
const expiresInDays = z.number().int().min(1).max(365);

export const createApiKeyInput = z.object({
  name: nameSchema,
  /** Default: developer, or the maker's own where that is less. */
  role: z.enum(BUILT_IN_ROLES).optional(),
  /** Of the role's scopes, these alone. */
  scopes: z.array(z.string().max(60)).max(100).default([]),
  /** What it may in the organization besides, such as `organization:members`; the maker must have them. */
  organizationScopes: z.array(z.string().max(60)).max(30).default([]),
  /** Whose the key is to be; default: the maker's own. */
  serviceAccount: idSchema('serviceAccount').optional(),
  /** Default 90; a key makes none that outlives it. */
  expiresInDays: expiresInDays.optional(),
});
export const apiKeyRefInput = z.object({ key: idSchema('apiKey') });
export const rotateApiKeyInput = apiKeyRefInput.extend({
  /** How long the old key works beside the new one, 0 to 168; default 24. */
  overlapHours: z.number().int().min(0).max(168).default(24),
  expiresInDays: expiresInDays.optional(),
});
/** `secret` is shown once. */
export const createdApiKeySchema = z.object({ key: apiKeySchema, secret: z.string() });

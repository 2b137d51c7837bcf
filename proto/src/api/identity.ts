import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { instantSchema } from '../time.ts';
import { nameSchema, slugSchema } from './page.ts';

/** Roles in a workspace, from least to most; each may do what the one before may. */
export const WORKSPACE_ROLES = ['viewer', 'operator', 'developer', 'admin', 'owner'] as const;
export type WorkspaceRole = (typeof WORKSPACE_ROLES)[number];

export const workspaceSchema = z.object({
  id: idSchema('workspace'),
  slug: slugSchema,
  name: z.string(),
  organization: z.object({ id: idSchema('organization'), slug: slugSchema, name: z.string() }),
  role: z.enum(WORKSPACE_ROLES),
  createdAt: instantSchema,
});
export type Workspace = z.infer<typeof workspaceSchema>;

export const createWorkspaceInput = z.object({ slug: slugSchema, name: nameSchema });

/** Who asks, and where. */
export const meSchema = z.object({
  actor: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('user'), id: idSchema('user'), email: z.string(), name: z.string() }),
    z.object({ kind: z.literal('api-key'), id: idSchema('apiKey'), name: z.string() }),
  ]),
  workspace: workspaceSchema.nullable(),
  scopes: z.array(z.string()),
});
export type Me = z.infer<typeof meSchema>;

export const apiKeySchema = z.object({
  id: idSchema('apiKey'),
  name: z.string(),
  /** First characters, to tell keys apart; the rest is known to its holder alone. */
  prefix: z.string(),
  role: z.enum(WORKSPACE_ROLES),
  createdAt: instantSchema,
  expiresAt: instantSchema.nullable(),
  lastUsedAt: instantSchema.nullable(),
  revokedAt: instantSchema.nullable(),
});
export type ApiKey = z.infer<typeof apiKeySchema>;

export const createApiKeyInput = z.object({
  name: nameSchema,
  role: z.enum(WORKSPACE_ROLES).default('developer'),
  /** Days until it expires, 1 to 365. */
  expiresInDays: z.number().int().min(1).max(365).default(90),
});
/** `secret` is shown once. */
export const createdApiKeySchema = z.object({ key: apiKeySchema, secret: z.string() });

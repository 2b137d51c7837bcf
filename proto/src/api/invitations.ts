/** How people come into an organization, and what becomes of workspaces. */
import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { instantSchema } from '../time.ts';
import { ORGANIZATION_ROLES, WORKSPACE_ROLES } from './identity.ts';
import { nameSchema, slugSchema } from './page.ts';

export const invitationSchema = z.object({
  id: idSchema('invitation'),
  /** Null: for whoever has the link and an account. */
  email: z.string().nullable(),
  organizationRole: z.enum(ORGANIZATION_ROLES),
  workspace: z.object({ id: idSchema('workspace'), slug: z.string(), name: z.string(), role: z.enum(WORKSPACE_ROLES) }).nullable(),
  createdBy: z.string(),
  createdAt: instantSchema,
  expiresAt: instantSchema,
  /** When a mail server took the mail; null: the link is handed over by hand. */
  mailedAt: instantSchema.nullable(),
  status: z.enum(['open', 'accepted', 'revoked', 'expired']),
});
export type Invitation = z.infer<typeof invitationSchema>;

export const createInvitationInput = z.object({
  /** Without one, the link is good for anybody who has an account here. Needed for who has none yet. */
  email: z.email().max(320).optional(),
  organizationRole: z.enum(ORGANIZATION_ROLES).default('member'),
  /** Into which workspace besides, and as what. */
  workspace: idSchema('workspace').optional(),
  workspaceRole: z.enum(WORKSPACE_ROLES).default('viewer'),
  expiresInDays: z.number().int().min(1).max(30).default(7),
});
/** `link` is shown once. */
export const createdInvitationSchema = z.object({ invitation: invitationSchema, link: z.string() });
export const invitationRefInput = z.object({ invitation: idSchema('invitation') });

export const invitationTokenInput = z.object({ token: z.string().min(1).max(200) });
/** What a link is about, told to who has it. */
export const invitationPreviewSchema = z.object({
  organization: z.string(),
  workspace: z.string().nullable(),
  email: z.string().nullable(),
  organizationRole: z.enum(ORGANIZATION_ROLES),
  expiresAt: instantSchema,
});
/** For who has no account yet: makes one for the email that was invited. */
export const joinByInvitationInput = invitationTokenInput.extend({ name: nameSchema, password: z.string().min(1).max(128) });

export const updateWorkspaceInput = z.object({ name: nameSchema.optional(), slug: slugSchema.optional() });
export const deleteWorkspaceInput = z.object({
  /** Named again, so that nobody deletes the one that a switch happened to mean. */
  slug: slugSchema,
  /** Days until it is gone for good, 1 to 30; until then it can be restored. */
  graceDays: z.number().int().min(1).max(30).default(7),
});
export const transferWorkspaceInput = z.object({ workspace: idSchema('workspace'), organization: idSchema('organization') });

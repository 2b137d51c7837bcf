/** Roles made of scopes, teams, service accounts, grants, and what somebody may do and why. */
import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { instantSchema } from '../time.ts';
import { BUILT_IN_ROLES, OBJECT_KINDS, ORGANIZATION_ROLES, WORKSPACE_ROLES } from './identity.ts';
import { nameSchema, pageInput, slugSchema } from './page.ts';

const description = z.string().trim().max(500).default('');
/** A scope's name, such as `runs:create`; the server knows which there are. */
const scope = z
  .string()
  .regex(/^[a-z-]+:[a-z-]+$/, 'expected a scope such as runs:create')
  .max(60);
const scopes = z.array(scope).max(100);

/** Who may be given a role. */
export const SUBJECT_KINDS = ['person', 'team', 'service-account'] as const;
export type SubjectKind = (typeof SUBJECT_KINDS)[number];

// -------------------------------------------------------------------------------- roles

export const roleSchema = z.object({
  /** Null: built in. */
  id: idSchema('role').nullable(),
  slug: z.string(),
  name: z.string(),
  description: z.string(),
  baseRole: z.enum(BUILT_IN_ROLES).nullable(),
  /** All that it has, those of its base role included. */
  scopes: z.array(z.string()),
});
export type Role = z.infer<typeof roleSchema>;

/** One line of the permission table. */
export const scopeInfoSchema = z.object({
  scope: z.string(),
  what: z.string(),
  /** A grant on one such thing may carry it; null: it is about the workspace or the organization as a whole. */
  on: z.enum(OBJECT_KINDS).nullable(),
  /** The built-in roles of a workspace that have it. */
  roles: z.array(z.enum(BUILT_IN_ROLES)),
  /** Of an organization's scope: the least role there that has it; null: a workspace's scope. */
  least: z.enum(ORGANIZATION_ROLES).nullable(),
});
export type ScopeInfo = z.infer<typeof scopeInfoSchema>;

export const createRoleInput = z.object({
  slug: slugSchema,
  name: nameSchema,
  description,
  /** A built-in role to start from: it stays whole, and scopes come on top. */
  baseRole: z.enum(BUILT_IN_ROLES).optional(),
  scopes: scopes.default([]),
});
export const roleRefInput = z.object({ role: idSchema('role') });
export const updateRoleInput = roleRefInput.extend({
  name: nameSchema.optional(),
  description: z.string().trim().max(500).optional(),
  scopes: scopes.optional(),
});

// -------------------------------------------------------------------------------- service accounts and teams

export const serviceAccountSchema = z.object({
  id: idSchema('serviceAccount'),
  slug: z.string(),
  name: z.string(),
  description: z.string(),
  createdAt: instantSchema,
  /** Its keys are refused since then. */
  disabledAt: instantSchema.nullable(),
});
export type ServiceAccount = z.infer<typeof serviceAccountSchema>;
export const createServiceAccountInput = z.object({ slug: slugSchema, name: nameSchema, description });
export const serviceAccountRefInput = z.object({ serviceAccount: idSchema('serviceAccount') });
export const updateServiceAccountInput = serviceAccountRefInput.extend({
  name: nameSchema.optional(),
  description: z.string().trim().max(500).optional(),
  disabled: z.boolean().optional(),
});

const teamMember = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('person'), id: idSchema('user') }),
  z.object({ kind: z.literal('service-account'), id: idSchema('serviceAccount') }),
]);
export const teamSchema = z.object({
  id: idSchema('team'),
  slug: z.string(),
  name: z.string(),
  /** A directory says who is in it; people cannot. */
  fromDirectory: z.boolean(),
  members: z.array(z.object({ kind: z.enum(['person', 'service-account']), id: z.string(), name: z.string() })),
  createdAt: instantSchema,
});
export type Team = z.infer<typeof teamSchema>;
export const createTeamInput = z.object({ slug: slugSchema, name: nameSchema });
export const teamRefInput = z.object({ team: idSchema('team') });
export const renameTeamInput = teamRefInput.extend({ name: nameSchema });
export const teamMemberInput = teamRefInput.extend({ member: teamMember });

// -------------------------------------------------------------------------------- grants

const subject = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('person'), id: idSchema('user') }),
  z.object({ kind: z.literal('team'), id: idSchema('team') }),
  z.object({ kind: z.literal('service-account'), id: idSchema('serviceAccount') }),
]);
const object = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('deployment'), id: idSchema('deployment') }),
  z.object({ kind: z.literal('work-pool'), id: idSchema('workPool') }),
  z.object({ kind: z.literal('block'), id: idSchema('block') }),
]);
/** A built-in role by its name, or one that was made, by its id. */
const grantedRole = z.union([z.enum(BUILT_IN_ROLES), idSchema('role')]);

export const grantSchema = z.object({
  id: idSchema('grant'),
  subject: z.object({ kind: z.enum(SUBJECT_KINDS), id: z.string(), name: z.string() }),
  /** Null: all of the workspace, or of the organization. */
  object: z.object({ kind: z.enum(OBJECT_KINDS), id: z.string(), name: z.string() }).nullable(),
  role: z.object({ id: idSchema('role').nullable(), name: z.string() }),
  createdBy: z.string(),
  createdAt: instantSchema,
});
export type Grant = z.infer<typeof grantSchema>;
export const listGrantsInput = z.object({ ...pageInput });
/** In the workspace as a whole, or on one thing of it. */
export const createGrantInput = z.object({ subject, role: grantedRole, object: object.optional() });
/** In all workspaces of the organization. */
export const createOrganizationGrantInput = z.object({ subject, role: grantedRole });
export const grantRefInput = z.object({ grant: idSchema('grant') });

// -------------------------------------------------------------------------------- members

export const memberSchema = z.object({
  id: idSchema('user'),
  name: z.string(),
  email: z.string(),
  role: z.enum(WORKSPACE_ROLES),
  since: instantSchema,
});
export type Member = z.infer<typeof memberSchema>;
export const addMemberInput = z.object({ user: idSchema('user'), role: z.enum(WORKSPACE_ROLES) });
export const memberRefInput = z.object({ user: idSchema('user') });

export const organizationMemberSchema = memberSchema.extend({ role: z.enum(ORGANIZATION_ROLES) });
export type OrganizationMember = z.infer<typeof organizationMemberSchema>;
export const setOrganizationRoleInput = z.object({ user: idSchema('user'), role: z.enum(ORGANIZATION_ROLES) });

// -------------------------------------------------------------------------------- explain

export const explainAccessInput = z.object({
  /** Oneself, if missing. */
  subject: z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('person'), id: idSchema('user') }),
      z.object({ kind: z.literal('service-account'), id: idSchema('serviceAccount') }),
      z.object({ kind: z.literal('api-key'), id: idSchema('apiKey') }),
    ])
    .optional(),
  /** What it may do with one thing; else in the workspace as a whole. */
  object: object.optional(),
});

export const accessExplanationSchema = z.object({
  subject: z.object({ kind: z.string(), id: z.string(), name: z.string() }),
  object: z.object({ kind: z.enum(OBJECT_KINDS), id: z.string(), name: z.string() }).nullable(),
  /** The greatest built-in role that is had whole, else what there is. */
  role: z.string(),
  /** Every scope there is, in the order of the permission table. */
  scopes: z.array(
    z.object({
      scope: z.string(),
      what: z.string(),
      allowed: z.boolean(),
      /** Each reason in words; more than one: taking one away changes nothing. Of what is not allowed: what would allow it. */
      because: z.array(z.string()),
    }),
  ),
});
export type AccessExplanation = z.infer<typeof accessExplanationSchema>;

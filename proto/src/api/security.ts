/** How people of an organization sign in, and from where. */
import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { instantSchema } from '../time.ts';
import { WORKSPACE_ROLES } from './identity.ts';
import { nameSchema } from './page.ts';

const webUrl = z.url({ protocol: /^https?$/ }).max(500);

/** A connection to an identity provider. Its secret is never shown again. */
export const ssoConnectionSchema = z.object({
  id: idSchema('ssoConnection'),
  name: z.string(),
  kind: z.enum(['oidc', 'saml']),
  issuer: z.string(),
  /** Only sessions of this connection reach the organization, save its owners'. */
  enforced: z.boolean(),
  /** What somebody gets who signs in for the first time; null: membership of the organization alone. */
  first: z.object({ workspace: idSchema('workspace'), role: z.string() }).nullable(),
  createdAt: instantSchema,
  /** What the provider is told: the redirect URI, or the assertion consumer service. */
  callbackUrl: z.string(),
  /** Of SAML alone: entity id and metadata of this side. */
  metadataUrl: z.string().nullable(),
});
export type SsoConnection = z.infer<typeof ssoConnectionSchema>;

export const createSsoConnectionInput = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('oidc'),
    name: nameSchema.max(80),
    /** Its discovery document is at `<issuer>/.well-known/openid-configuration`. */
    issuer: webUrl,
    clientId: z.string().trim().min(1).max(300),
    clientSecret: z.string().min(1).max(1_000),
  }),
  z.object({
    kind: z.literal('saml'),
    name: nameSchema.max(80),
    /** Where browsers are sent: the provider's single sign-on URL for HTTP-Redirect. */
    entryPoint: webUrl,
    /** The provider's entity id. */
    idpIssuer: z.string().trim().min(1).max(500),
    /** Its signing certificate, PEM. */
    certificate: z.string().trim().min(100).max(10_000),
  }),
]);
export const ssoConnectionInput = z.object({ connection: idSchema('ssoConnection') });
export const updateSsoConnectionInput = ssoConnectionInput.extend({
  enforced: z.boolean().optional(),
  first: z
    .object({ workspace: idSchema('workspace'), role: z.enum(WORKSPACE_ROLES).exclude(['owner']) })
    .nullable()
    .optional(),
});

export const organizationDomainSchema = z.object({
  id: idSchema('domain'),
  domain: z.string(),
  verifiedAt: instantSchema.nullable(),
  /** The TXT record that proves it. */
  record: z.object({ name: z.string(), value: z.string() }),
});
export type OrganizationDomain = z.infer<typeof organizationDomainSchema>;
export const addDomainInput = z.object({
  domain: z
    .string()
    .trim()
    .toLowerCase()
    .max(253)
    .regex(/^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,63}$/, 'expected a domain such as example.com'),
});
export const domainInput = z.object({ domain: idSchema('domain') });

/** A network from which the organization may be reached. */
export const organizationNetworkSchema = z.object({
  id: idSchema('network'),
  /** `192.0.2.0/24`, `2001:db8::/32`. */
  cidr: z.string(),
  note: z.string(),
  createdAt: instantSchema,
});
export type OrganizationNetwork = z.infer<typeof organizationNetworkSchema>;
/** The whole list at once, so that nobody locks themselves out half-way. Empty: from anywhere. */
export const setNetworksInput = z.object({
  networks: z.array(z.object({ cidr: z.string().trim().min(2).max(60), note: z.string().trim().max(200).default('') })).max(100),
});
export const networksSchema = z.object({
  networks: z.array(organizationNetworkSchema),
  /** From where this request came, as the server sees it. */
  yourAddress: z.string(),
});

/** What a directory (SCIM) signs its requests with. */
export const scimTokenSchema = z.object({
  id: idSchema('scimToken'),
  name: z.string(),
  prefix: z.string(),
  createdAt: instantSchema,
  expiresAt: instantSchema.nullable(),
  lastUsedAt: instantSchema.nullable(),
  revokedAt: instantSchema.nullable(),
});
export type ScimToken = z.infer<typeof scimTokenSchema>;
export const createScimTokenInput = z.object({ name: nameSchema, expiresInDays: z.number().int().min(1).max(730).default(365) });
export const scimTokenInput = z.object({ token: idSchema('scimToken') });
/** `secret` is shown once. */
export const createdScimTokenSchema = z.object({ token: scimTokenSchema, secret: z.string(), baseUrl: z.string() });

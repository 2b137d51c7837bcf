-- Sign-in beyond passwords: second factor, passkeys, single sign-on of an organization, its users from a directory
-- (SCIM), and the addresses from which it may be reached.
SET lock_timeout = '5s';

ALTER TABLE identity_user
  ADD COLUMN two_factor_enabled boolean NOT NULL DEFAULT false,
  -- Set by the directory that manages the person: no session is made, none is good.
  ADD COLUMN deactivated_at timestamptz;

CREATE TABLE identity_two_factor (
  id uuid PRIMARY KEY,
  user_id uuid NOT NULL UNIQUE REFERENCES identity_user ON DELETE CASCADE,
  -- Both encrypted with the control plane's secret.
  secret text NOT NULL,
  backup_codes text NOT NULL,
  verified boolean NOT NULL DEFAULT false,
  failed_verification_count integer NOT NULL DEFAULT 0,
  locked_until timestamptz
);

CREATE TABLE identity_passkey (
  id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES identity_user ON DELETE CASCADE,
  name text,
  public_key text NOT NULL,
  credential_id text NOT NULL UNIQUE,
  -- A double: authenticators count to 2^32, and Prisma's bigint is no number.
  counter double precision NOT NULL,
  device_type text NOT NULL,
  backed_up boolean NOT NULL,
  transports text,
  aaguid text,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX identity_passkey_user ON identity_passkey (user_id);

-- How an organization's people sign in at its own identity provider.
CREATE TABLE sso_connection (
  id uuid PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organization ON DELETE CASCADE,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
  kind text NOT NULL CHECK (kind IN ('oidc', 'saml')),
  -- oidc: { issuer, clientId }; saml: { entryPoint, idpIssuer, certificates }
  config jsonb NOT NULL,
  -- The OpenID client's secret, sealed.
  sealed_secret text,
  -- Only sessions of this connection reach the organization; its owners are let in with a password too.
  enforced boolean NOT NULL DEFAULT false,
  -- What somebody gets who signs in for the first time: this role in this workspace, or nothing.
  default_workspace_id uuid REFERENCES workspace ON DELETE SET NULL,
  default_role text,
  created_by uuid REFERENCES identity_user ON DELETE SET NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (organization_id, name)
);
-- At most one connection of an organization is the one that everybody must use.
CREATE UNIQUE INDEX sso_connection_enforced ON sso_connection (organization_id) WHERE enforced;

-- A subject at a provider is one person for good, whatever email the provider tells later.
CREATE TABLE sso_identity (
  connection_id uuid NOT NULL REFERENCES sso_connection ON DELETE CASCADE,
  subject text NOT NULL,
  user_id uuid NOT NULL REFERENCES identity_user ON DELETE CASCADE,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (connection_id, subject)
);
CREATE INDEX sso_identity_user ON sso_identity (user_id);

-- A sign-in on its way: begun in one browser, told by the provider, finished in that same browser, once.
CREATE TABLE sso_flow (
  state_hash bytea PRIMARY KEY,
  connection_id uuid NOT NULL REFERENCES sso_connection ON DELETE CASCADE,
  browser_hash bytea NOT NULL,
  -- What only we may know until then (PKCE verifier, nonce, id of the SAML request), sealed.
  sealed_request text NOT NULL,
  next_path text NOT NULL,
  -- What a SAML provider posted, once it was checked.
  profile jsonb,
  expires_at timestamptz NOT NULL
);
CREATE INDEX sso_flow_expiry ON sso_flow (expires_at);

ALTER TABLE identity_session
  ADD COLUMN method text NOT NULL DEFAULT 'password',
  -- With the connection go the sessions that it vouched for.
  ADD COLUMN sso_connection_id uuid REFERENCES sso_connection ON DELETE CASCADE;

CREATE TABLE organization_domain (
  id uuid PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organization ON DELETE CASCADE,
  domain text NOT NULL CHECK (domain = lower(domain)),
  -- What the domain's TXT record must say.
  token text NOT NULL,
  verified_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (organization_id, domain)
);
-- A domain is one organization's.
CREATE UNIQUE INDEX organization_domain_verified ON organization_domain (domain) WHERE verified_at IS NOT NULL;

-- Networks from which the organization may be reached; none: from anywhere.
CREATE TABLE organization_network (
  id uuid PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organization ON DELETE CASCADE,
  cidr cidr NOT NULL,
  note text NOT NULL DEFAULT '',
  created_by uuid REFERENCES identity_user ON DELETE SET NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (organization_id, cidr)
);

CREATE TABLE scim_token (
  id uuid PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organization ON DELETE CASCADE,
  name text NOT NULL,
  prefix text NOT NULL,
  secret_hash bytea NOT NULL UNIQUE,
  created_by uuid REFERENCES identity_user ON DELETE SET NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz
);
CREATE INDEX scim_token_organization ON scim_token (organization_id);

CREATE TABLE scim_user (
  organization_id uuid NOT NULL REFERENCES organization ON DELETE CASCADE,
  user_id uuid NOT NULL REFERENCES identity_user ON DELETE CASCADE,
  user_name text NOT NULL,
  external_id text,
  active boolean NOT NULL DEFAULT true,
  given_name text,
  family_name text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, user_id)
);
-- SCIM compares user names without case.
CREATE UNIQUE INDEX scim_user_name ON scim_user (organization_id, lower(user_name));

DO $$
DECLARE
  t text;
  organization_tables text[] := ARRAY['sso_connection', 'organization_domain', 'organization_network', 'scim_token', 'scim_user'];
  closed_tables text[] := ARRAY['identity_two_factor', 'identity_passkey', 'sso_identity', 'sso_flow'];
BEGIN
  FOREACH t IN ARRAY organization_tables || closed_tables LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY owner_all ON %I TO signalbox_owner USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY system_all ON %I TO signalbox_system USING (true) WITH CHECK (true)', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO signalbox_system', t);
  END LOOP;
  FOREACH t IN ARRAY organization_tables LOOP
    EXECUTE format('CREATE POLICY app_organization ON %I TO signalbox_app
      USING (organization_id = (SELECT nullif(current_setting(''signalbox.organization'', true), '''')::uuid))', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO signalbox_app', t);
  END LOOP;
END $$;

-- Sessions are kept by the hash of their token from now on; those that there are stay good.
UPDATE identity_session SET token = rtrim(translate(encode(sha256(convert_to(token, 'UTF8')), 'base64'), '+/', '-_'), '=');

-- Who may do what: roles, teams, service accounts, grants; access to single things in the data layer; the audit's chain.

SET lock_timeout = '5s';

-- ---------------------------------------------------------------- roles

-- Viewer, Runner, Developer, Operator, Owner and, apart, Agent. Who was admin had all that an owner has.
ALTER TABLE workspace_member DROP CONSTRAINT workspace_member_role_check;
ALTER TABLE api_key DROP CONSTRAINT api_key_role_check;
UPDATE workspace_member SET role = 'owner' WHERE role = 'admin';
UPDATE api_key SET role = 'owner' WHERE role = 'admin';
ALTER TABLE workspace_member ADD CHECK (role IN ('viewer', 'runner', 'developer', 'operator', 'owner'));
ALTER TABLE api_key ADD CHECK (role IN ('viewer', 'runner', 'developer', 'operator', 'owner', 'agent'));

CREATE TABLE custom_role (
  id uuid PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organization ON DELETE CASCADE,
  slug text NOT NULL,
  name text NOT NULL,
  description text NOT NULL DEFAULT '',
  -- A built-in role that it is made on; what that gains or loses, it does too.
  base_role text CHECK (base_role IN ('viewer', 'runner', 'developer', 'operator', 'owner', 'agent')),
  -- Those beside the base role's.
  scopes text[] NOT NULL DEFAULT '{}' CHECK (cardinality(scopes) <= 200),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (organization_id, slug)
);

-- ---------------------------------------------------------------- service accounts, teams

CREATE TABLE service_account (
  id uuid PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organization ON DELETE CASCADE,
  slug text NOT NULL,
  name text NOT NULL,
  description text NOT NULL DEFAULT '',
  created_by uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  -- Its keys are refused from then on.
  disabled_at timestamptz,
  UNIQUE (organization_id, slug)
);

CREATE TABLE team (
  id uuid PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organization ON DELETE CASCADE,
  slug text NOT NULL,
  name text NOT NULL,
  -- Of a directory that says who is in it; null: people do.
  external_id text,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (organization_id, slug)
);
CREATE UNIQUE INDEX team_external ON team (organization_id, external_id) WHERE external_id IS NOT NULL;

CREATE TABLE team_member (
  team_id uuid NOT NULL REFERENCES team ON DELETE CASCADE,
  organization_id uuid NOT NULL REFERENCES organization ON DELETE CASCADE,
  member_kind text NOT NULL CHECK (member_kind IN ('person', 'service-account')),
  member_id uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (team_id, member_kind, member_id)
);
-- The teams of somebody: asked at every request.
CREATE INDEX team_member_of ON team_member (member_kind, member_id);

-- ---------------------------------------------------------------- grants

CREATE TABLE role_grant (
  id uuid PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organization ON DELETE CASCADE,
  subject_kind text NOT NULL CHECK (subject_kind IN ('person', 'team', 'service-account')),
  subject_id uuid NOT NULL,
  -- Null: in all workspaces of the organization.
  workspace_id uuid REFERENCES workspace ON DELETE CASCADE,
  -- A single thing of the workspace; null: all of it.
  object_kind text CHECK (object_kind IN ('deployment', 'work-pool')),
  object_id uuid,
  -- One of both.
  role text CHECK (role IN ('viewer', 'runner', 'developer', 'operator', 'owner', 'agent')),
  custom_role_id uuid REFERENCES custom_role ON DELETE CASCADE,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  CHECK ((role IS NULL) <> (custom_role_id IS NULL)),
  CHECK ((object_kind IS NULL) = (object_id IS NULL)),
  CHECK (object_kind IS NULL OR workspace_id IS NOT NULL),
  UNIQUE NULLS NOT DISTINCT (subject_kind, subject_id, organization_id, workspace_id, object_kind, object_id, role, custom_role_id)
);
-- The lists of a workspace's and of an organization's grants. The unique index above serves "what has this one".
CREATE INDEX role_grant_workspace ON role_grant (workspace_id, id);
CREATE INDEX role_grant_organization ON role_grant (organization_id, id);
CREATE INDEX role_grant_custom_role ON role_grant (custom_role_id) WHERE custom_role_id IS NOT NULL;

-- What is deleted takes the grants on it along.
CREATE FUNCTION forget_grants() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  DELETE FROM public.role_grant WHERE workspace_id = OLD.workspace_id AND object_kind = TG_ARGV[0] AND object_id = OLD.id;
  RETURN OLD;
END $$;
CREATE TRIGGER forget_grants AFTER DELETE ON deployment FOR EACH ROW EXECUTE FUNCTION forget_grants('deployment');
CREATE TRIGGER forget_grants AFTER DELETE ON work_pool FOR EACH ROW EXECUTE FUNCTION forget_grants('work-pool');

-- All reasons why somebody has access anywhere. Plain SQL, so that it is planned as part of the query that asks.
CREATE FUNCTION access_of(p_kind text, p_id uuid) RETURNS TABLE (source text, grant_id uuid, team text, organization_id uuid,
  workspace_id uuid, object_kind text, object_id uuid, role text, scopes text[], base_role text) LANGUAGE sql STABLE AS $$
  SELECT 'organization-member', NULL::uuid, NULL::text, m.organization_id, NULL::uuid, NULL::text, NULL::uuid, m.role, NULL::text[], NULL::text
    FROM organization_member m WHERE p_kind = 'person' AND m.user_id = p_id
  UNION ALL
  SELECT 'workspace-member', NULL, NULL, w.organization_id, m.workspace_id, NULL, NULL, m.role, NULL, NULL
    FROM workspace_member m JOIN workspace w ON w.id = m.workspace_id WHERE p_kind = 'person' AND m.user_id = p_id
  UNION ALL
  SELECT 'grant', g.id, s.team, g.organization_id, g.workspace_id, g.object_kind, g.object_id, coalesce(g.role, r.slug), r.scopes, r.base_role
    FROM (SELECT p_kind AS kind, p_id AS id, NULL::text AS team
          UNION ALL
          SELECT 'team', t.id, t.name FROM team_member tm JOIN team t ON t.id = tm.team_id WHERE tm.member_kind = p_kind AND tm.member_id = p_id) s
    JOIN role_grant g ON g.subject_kind = s.kind AND g.subject_id = s.id
    LEFT JOIN custom_role r ON r.id = g.custom_role_id
$$;

-- ---------------------------------------------------------------- API keys

ALTER TABLE api_key
  -- Whose it is: it never may more than they may now. Both null: the system's own.
  ADD COLUMN service_account_id uuid REFERENCES service_account ON DELETE CASCADE,
  ADD COLUMN user_id uuid REFERENCES identity_user ON DELETE CASCADE,
  -- Fewer than its role's; empty: all of them.
  ADD COLUMN scopes text[] NOT NULL DEFAULT '{}',
  -- The key that took its place, which works beside it until it expires.
  ADD COLUMN replaced_by uuid,
  ADD CHECK (service_account_id IS NULL OR user_id IS NULL);
UPDATE api_key k SET user_id = k.created_by WHERE EXISTS (SELECT 1 FROM identity_user u WHERE u.id = k.created_by);
CREATE INDEX api_key_service_account ON api_key (service_account_id) WHERE service_account_id IS NOT NULL;
CREATE INDEX api_key_user ON api_key (user_id) WHERE user_id IS NOT NULL;

-- ---------------------------------------------------------------- organizations and workspaces

ALTER TABLE workspace
  ADD COLUMN deleted_at timestamptz,
  -- It is gone for good then.
  ADD COLUMN purge_at timestamptz,
  -- Pools that were paused by deleting it, to be resumed when that is taken back.
  ADD COLUMN paused_pools uuid[] NOT NULL DEFAULT '{}',
  ADD CHECK ((deleted_at IS NULL) = (purge_at IS NULL));
CREATE INDEX workspace_purge ON workspace (purge_at) WHERE purge_at IS NOT NULL;
CREATE INDEX workspace_organization ON workspace (organization_id);

CREATE TABLE invitation (
  id uuid PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organization ON DELETE CASCADE,
  -- Null: for whoever has the link.
  email text,
  organization_role text NOT NULL CHECK (organization_role IN ('member', 'admin', 'owner')),
  workspace_id uuid REFERENCES workspace ON DELETE CASCADE,
  workspace_role text CHECK (workspace_role IN ('viewer', 'runner', 'developer', 'operator', 'owner')),
  token_hash bytea NOT NULL UNIQUE,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  accepted_at timestamptz,
  accepted_by uuid,
  revoked_at timestamptz,
  mailed_at timestamptz,
  CHECK ((workspace_id IS NULL) = (workspace_role IS NULL))
);
CREATE INDEX invitation_organization ON invitation (organization_id, id DESC);

-- ---------------------------------------------------------------- audit

ALTER TABLE audit_entry
  -- Null: about nobody's organization, such as a sign-in with an unknown email.
  ADD COLUMN organization_id uuid,
  -- The credential: a session, a key, a join code, a loop.
  ADD COLUMN via text,
  ADD COLUMN outcome text NOT NULL DEFAULT 'done' CHECK (outcome IN ('done', 'refused')),
  ADD COLUMN address text,
  -- Orders what is sealed: once a transaction is older than all that run, no row before it can come.
  ADD COLUMN xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  ALTER COLUMN workspace_id DROP NOT NULL,
  -- The audit outlives its workspace.
  DROP CONSTRAINT audit_entry_workspace_id_fkey;
UPDATE audit_entry a SET organization_id = w.organization_id FROM workspace w WHERE w.id = a.workspace_id;
UPDATE audit_entry SET actor_kind = CASE actor_kind WHEN 'user' THEN 'person' WHEN 'api-key' THEN 'service' WHEN 'join-code' THEN 'agent'
  WHEN 'loop' THEN 'automation' ELSE actor_kind END, via = CASE actor_kind WHEN 'user' THEN 'session' ELSE actor_kind END;
ALTER TABLE audit_entry ADD CHECK (actor_kind IN ('person', 'service', 'agent', 'automation', 'support'));
-- An organization's whole audit, newest first; and its sealing and purging, oldest first.
CREATE INDEX audit_entry_organization ON audit_entry (organization_id, id DESC);
CREATE INDEX audit_entry_sealing ON audit_entry (organization_id, xid);

-- One link of an organization's chain: what was written from one horizon to the next.
CREATE TABLE audit_seal (
  -- The zero uuid stands for rows without an organization.
  organization_id uuid NOT NULL,
  number bigint NOT NULL,
  -- Rows whose transaction is from this on, and before that.
  from_xid xid8 NOT NULL,
  to_xid xid8 NOT NULL,
  entries integer NOT NULL,
  last_at timestamptz NOT NULL,
  -- Of the rows' contents, and of this together with the link before: HMAC with the control plane's secret, so that
  -- nobody who can write to the database alone can forge it.
  content_hash bytea NOT NULL,
  hash bytea NOT NULL,
  sealed_at timestamptz NOT NULL DEFAULT now(),
  -- The rows were deleted by retention; the link stays.
  purged_at timestamptz,
  PRIMARY KEY (organization_id, number)
);

ALTER TABLE organization ADD COLUMN audit_days integer NOT NULL DEFAULT 400 CHECK (audit_days BETWEEN 30 AND 3650);

-- ---------------------------------------------------------------- row-level security

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['custom_role', 'service_account', 'team', 'team_member', 'role_grant', 'invitation', 'audit_seal'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY owner_all ON %I TO signalbox_owner USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY system_all ON %I TO signalbox_system USING (true) WITH CHECK (true)', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO signalbox_system', t);
    EXECUTE format('CREATE POLICY app_organization ON %I TO signalbox_app
      USING (organization_id = (SELECT nullif(current_setting(''signalbox.organization'', true), '''')::uuid))', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO signalbox_app', t);
  END LOOP;

  -- Access to single things: a transaction that is narrowed sees those of its kind alone.
  FOREACH t IN ARRAY ARRAY['run', 'run_dispatch', 'schedule', 'deployment_version', 'deployment_overlay', 'backfill'] LOOP
    EXECUTE format('CREATE POLICY app_narrowed ON %I AS RESTRICTIVE TO signalbox_app USING (
      (SELECT nullif(current_setting(''signalbox.deployments'', true), '''')) IS NULL
      OR deployment_id = ANY ((SELECT string_to_array(nullif(current_setting(''signalbox.deployments'', true), ''''), '','')::uuid[])::uuid[]))', t);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['attempt', 'task_run', 'log', 'artifact', 'run_pause'] LOOP
    EXECUTE format('CREATE POLICY app_narrowed ON %I AS RESTRICTIVE FOR SELECT TO signalbox_app USING (
      (SELECT nullif(current_setting(''signalbox.deployments'', true), '''')) IS NULL
      OR EXISTS (SELECT 1 FROM run r WHERE r.retention_class = %I.retention_class AND r.id = %I.run_id))', t, t, t);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['work_queue', 'agent', 'join_code'] LOOP
    EXECUTE format('CREATE POLICY app_narrowed ON %I AS RESTRICTIVE TO signalbox_app USING (
      (SELECT nullif(current_setting(''signalbox.pools'', true), '''')) IS NULL
      OR pool_id = ANY ((SELECT string_to_array(nullif(current_setting(''signalbox.pools'', true), ''''), '','')::uuid[])::uuid[]))', t);
  END LOOP;
  EXECUTE 'CREATE POLICY app_narrowed ON deployment AS RESTRICTIVE TO signalbox_app USING (
    (SELECT nullif(current_setting(''signalbox.deployments'', true), '''')) IS NULL
    OR id = ANY ((SELECT string_to_array(nullif(current_setting(''signalbox.deployments'', true), ''''), '','')::uuid[])::uuid[]))';
  EXECUTE 'CREATE POLICY app_narrowed ON work_pool AS RESTRICTIVE TO signalbox_app USING (
    (SELECT nullif(current_setting(''signalbox.pools'', true), '''')) IS NULL
    OR id = ANY ((SELECT string_to_array(nullif(current_setting(''signalbox.pools'', true), ''''), '','')::uuid[])::uuid[]))';
  EXECUTE 'CREATE POLICY app_narrowed ON schedule_fire AS RESTRICTIVE FOR SELECT TO signalbox_app USING (
    (SELECT nullif(current_setting(''signalbox.deployments'', true), '''')) IS NULL
    OR EXISTS (SELECT 1 FROM schedule s WHERE s.id = schedule_fire.schedule_id))';

  -- The audit of the organization as a whole.
  EXECUTE 'CREATE POLICY app_organization ON audit_entry TO signalbox_app
    USING (organization_id = (SELECT nullif(current_setting(''signalbox.organization'', true), '''')::uuid))';
  -- Grants in a workspace are read and written by its owners too, who see what they are about.
  EXECUTE 'CREATE POLICY app_workspace ON role_grant TO signalbox_app
    USING (workspace_id = (SELECT nullif(current_setting(''signalbox.workspace'', true), '''')::uuid))';
END $$;

-- Chains grow by their loop alone; links are read by those who verify.
REVOKE INSERT, UPDATE, DELETE ON audit_seal FROM signalbox_app;
-- Who is invited is never changed, only taken back or accepted; grants are given and taken, never turned into others.
REVOKE UPDATE ON invitation, role_grant, team_member FROM signalbox_app;
GRANT UPDATE (revoked_at, mailed_at) ON invitation TO signalbox_app;
GRANT UPDATE (expires_at, replaced_by) ON api_key TO signalbox_app;
-- Workspaces and members are seen from their organization too, and changed by its commands.
CREATE POLICY app_organization ON workspace TO signalbox_app
  USING (organization_id = (SELECT nullif(current_setting('signalbox.organization', true), '')::uuid));
GRANT INSERT, UPDATE (name, slug, deleted_at, purge_at, paused_pools) ON workspace TO signalbox_app;
GRANT UPDATE (name, slug, audit_days) ON organization TO signalbox_app;
GRANT INSERT, DELETE ON organization_member TO signalbox_app;
GRANT UPDATE (role) ON organization_member TO signalbox_app;

-- A workspace's owners say who is in it and which key is revoked; the data layer says in which workspace.
GRANT INSERT, DELETE ON workspace_member TO signalbox_app;
GRANT UPDATE (role) ON workspace_member TO signalbox_app;
CREATE POLICY app_organization ON workspace_member TO signalbox_app USING (workspace_id IN (
  SELECT w.id FROM workspace w WHERE w.organization_id = (SELECT nullif(current_setting('signalbox.organization', true), '')::uuid)));

-- What a workspace's grants name is seen from the workspace.
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['custom_role', 'service_account', 'team', 'team_member', 'organization'] LOOP
    EXECUTE format('CREATE POLICY app_workspace ON %I FOR SELECT TO signalbox_app USING (%I = (SELECT w.organization_id FROM workspace w
      WHERE w.id = (SELECT nullif(current_setting(''signalbox.workspace'', true), '''')::uuid)))', t, CASE t WHEN 'organization' THEN 'id' ELSE 'organization_id' END);
  END LOOP;
END $$;

-- Names and emails of those in the organization of the transaction, or of its workspace: all that requests see of sign-in.
CREATE FUNCTION people_here() RETURNS TABLE (id uuid, name text, email text, role text, joined_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT u.id, u.name, u.email, m.role, m.created_at FROM public.organization_member m JOIN public.identity_user u ON u.id = m.user_id
  WHERE m.organization_id = coalesce(nullif(current_setting('signalbox.organization', true), '')::uuid,
    (SELECT w.organization_id FROM public.workspace w WHERE w.id = nullif(current_setting('signalbox.workspace', true), '')::uuid))
$$;
REVOKE ALL ON FUNCTION people_here() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION people_here() TO signalbox_app;
REVOKE ALL ON FUNCTION forget_grants() FROM PUBLIC;

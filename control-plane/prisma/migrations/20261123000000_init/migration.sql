-- The first schema. Applied as role signalbox_owner (see src/platform/migrations.ts, which makes the roles).
-- Tables come in four classes, each with its row-level security policy at the end of this file:
-- workspace, organization, identity (sign-in), system (loops).

SET lock_timeout = '5s';

-- ---------------------------------------------------------------- organizations, workspaces, people

CREATE TABLE organization (
  id uuid PRIMARY KEY,
  slug text NOT NULL UNIQUE,
  name text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE workspace (
  id uuid PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organization,
  slug text NOT NULL,
  name text NOT NULL,
  -- Partition list value that new runs are stamped with.
  retention_class text NOT NULL DEFAULT 'd30',
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (organization_id, slug)
);

-- Keys of the workspace's NATS account. Seeds are sealed with the control plane's secret.
CREATE TABLE nats_account (
  workspace_id uuid PRIMARY KEY REFERENCES workspace ON DELETE CASCADE,
  public_key text NOT NULL UNIQUE,
  sealed_seed text NOT NULL,
  sealed_signing_seed text NOT NULL,
  -- { "<agent public key>": <unix seconds before which its JWTs are refused> }
  revocations jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE identity_user (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  email text NOT NULL UNIQUE,
  email_verified boolean NOT NULL DEFAULT false,
  image text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE identity_session (
  id uuid PRIMARY KEY,
  token text NOT NULL UNIQUE,
  user_id uuid NOT NULL REFERENCES identity_user ON DELETE CASCADE,
  expires_at timestamptz NOT NULL,
  ip_address text,
  user_agent text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX identity_session_user ON identity_session (user_id);

CREATE TABLE identity_account (
  id uuid PRIMARY KEY,
  account_id text NOT NULL,
  provider_id text NOT NULL,
  user_id uuid NOT NULL REFERENCES identity_user ON DELETE CASCADE,
  access_token text,
  refresh_token text,
  id_token text,
  access_token_expires_at timestamptz,
  refresh_token_expires_at timestamptz,
  scope text,
  password text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX identity_account_user ON identity_account (user_id);

CREATE TABLE identity_verification (
  id uuid PRIMARY KEY,
  identifier text NOT NULL,
  value text NOT NULL,
  expires_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX identity_verification_identifier ON identity_verification (identifier);

-- Attempts within a fixed window, shared by all replicas: sign-in by address and by email, codes by person.
CREATE TABLE identity_rate_limit (
  key text PRIMARY KEY,
  count integer NOT NULL,
  window_ends_at timestamptz NOT NULL
);

-- Sign-in of a command line through a browser: two codes, stored hashed.
CREATE TABLE identity_device_login (
  id uuid PRIMARY KEY,
  user_code_hash bytea NOT NULL UNIQUE,
  device_code_hash bytea NOT NULL UNIQUE,
  expires_at timestamptz NOT NULL,
  approved_by uuid REFERENCES identity_user ON DELETE CASCADE,
  workspace_id uuid REFERENCES workspace ON DELETE CASCADE,
  approved_at timestamptz,
  collected_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE organization_member (
  organization_id uuid NOT NULL REFERENCES organization ON DELETE CASCADE,
  user_id uuid NOT NULL REFERENCES identity_user ON DELETE CASCADE,
  role text NOT NULL CHECK (role IN ('member', 'admin', 'owner')),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, user_id)
);
CREATE INDEX organization_member_user ON organization_member (user_id);

CREATE TABLE workspace_member (
  workspace_id uuid NOT NULL REFERENCES workspace ON DELETE CASCADE,
  user_id uuid NOT NULL REFERENCES identity_user ON DELETE CASCADE,
  role text NOT NULL CHECK (role IN ('viewer', 'operator', 'developer', 'admin', 'owner')),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (workspace_id, user_id)
);
-- Which workspaces a person may see: asked at every request.
CREATE INDEX workspace_member_user ON workspace_member (user_id);

CREATE TABLE api_key (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspace ON DELETE CASCADE,
  name text NOT NULL,
  prefix text NOT NULL,
  secret_hash bytea NOT NULL UNIQUE,
  role text NOT NULL CHECK (role IN ('viewer', 'operator', 'developer', 'admin', 'owner')),
  created_by uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz
);
CREATE INDEX api_key_workspace ON api_key (workspace_id);

-- One row a command, written in its transaction.
CREATE TABLE audit_entry (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspace ON DELETE CASCADE,
  at timestamptz NOT NULL DEFAULT now(),
  actor_kind text NOT NULL,
  actor_id uuid,
  actor_name text NOT NULL,
  action text NOT NULL,
  target_kind text NOT NULL,
  target_id uuid,
  before jsonb,
  after jsonb,
  request_id text
);
CREATE INDEX audit_entry_workspace ON audit_entry (workspace_id, id DESC);

-- ---------------------------------------------------------------- pools, agents

CREATE TABLE work_pool (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspace ON DELETE CASCADE,
  name text NOT NULL,
  launcher text NOT NULL DEFAULT 'process',
  description text NOT NULL DEFAULT '',
  concurrency_limit integer CHECK (concurrency_limit > 0),
  paused boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (workspace_id, name)
);

CREATE TABLE work_queue (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspace ON DELETE CASCADE,
  pool_id uuid NOT NULL REFERENCES work_pool ON DELETE CASCADE,
  name text NOT NULL,
  -- 1 goes first.
  priority integer NOT NULL CHECK (priority > 0),
  concurrency_limit integer CHECK (concurrency_limit > 0),
  paused boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (pool_id, name)
);

CREATE TABLE agent (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspace ON DELETE CASCADE,
  pool_id uuid NOT NULL REFERENCES work_pool ON DELETE CASCADE,
  name text NOT NULL,
  public_key text NOT NULL UNIQUE,
  created_at timestamptz NOT NULL DEFAULT now(),
  revoked_at timestamptz,
  -- A person asked it to take no new runs.
  drain boolean NOT NULL DEFAULT false,
  -- Goes up with every hello; requests of older sessions are refused.
  session integer NOT NULL DEFAULT 0,
  -- Served time (see served_clock) until which all its claims live.
  lease_until timestamptz,
  last_seen_at timestamptz,
  version text,
  host jsonb,
  slots integer,
  max_processes integer,
  free integer,
  warm integer,
  spool_bytes bigint,
  rss_bytes bigint,
  draining boolean NOT NULL DEFAULT false,
  clock_offset_ms bigint,
  -- Starts that failed in a row; three put it on back-off.
  start_failures integer NOT NULL DEFAULT 0,
  backoff_until timestamptz
) WITH (fillfactor = 70); -- renewed every 10 s: room for HOT updates
CREATE INDEX agent_pool ON agent (pool_id);

CREATE TABLE join_code (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspace ON DELETE CASCADE,
  pool_id uuid NOT NULL REFERENCES work_pool ON DELETE CASCADE,
  code_hash bytea NOT NULL UNIQUE,
  expires_at timestamptz NOT NULL,
  used_at timestamptz,
  used_by_agent_id uuid,
  created_by uuid,
  created_at timestamptz NOT NULL DEFAULT now()
);

-- ---------------------------------------------------------------- flows, deployments, schedules

CREATE TABLE flow (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspace ON DELETE CASCADE,
  name text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (workspace_id, name)
);

CREATE TABLE deployment (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspace ON DELETE CASCADE,
  flow_id uuid NOT NULL REFERENCES flow ON DELETE CASCADE,
  name text NOT NULL,
  description text NOT NULL DEFAULT '',
  tags text[] NOT NULL DEFAULT '{}',
  -- Null once the pool was deleted: runs then wait, and say so.
  pool_id uuid REFERENCES work_pool ON DELETE SET NULL,
  queue_id uuid REFERENCES work_queue ON DELETE SET NULL,
  -- What new runs are pinned to.
  version_id uuid NOT NULL,
  parameter_schema jsonb,
  parameters jsonb NOT NULL DEFAULT '{}',
  concurrency_limit integer CHECK (concurrency_limit > 0),
  -- Set by people, never by code.
  paused boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (flow_id, name)
);
CREATE INDEX deployment_workspace ON deployment (workspace_id, id);

-- What a deploy registered, never changed: a run is pinned to one.
CREATE TABLE deployment_version (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspace ON DELETE CASCADE,
  deployment_id uuid NOT NULL REFERENCES deployment ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
  digest text NOT NULL,
  source jsonb NOT NULL,
  -- { retry, timeoutMs, graceMs, startTimeoutMs, isolation, variables, onLostAgent }
  config jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX deployment_version_deployment ON deployment_version (deployment_id);

CREATE TABLE schedule (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspace ON DELETE CASCADE,
  deployment_id uuid NOT NULL REFERENCES deployment ON DELETE CASCADE,
  slug text NOT NULL,
  spec jsonb NOT NULL,
  parameters jsonb NOT NULL DEFAULT '{}',
  -- As the code says; what a person set lies over it and survives a deploy.
  active boolean NOT NULL DEFAULT true,
  operator_active boolean,
  -- All fires up to this instant are made; moved under the row's lock in the transaction that makes the runs,
  -- so (schedule, instant) fires once.
  low_water_at timestamptz NOT NULL DEFAULT now(),
  -- Null: never again, paused, or broken (then problem says why).
  next_fire_at timestamptz,
  problem text,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (deployment_id, slug)
);
-- The firing loop's only question: what is due next.
CREATE INDEX schedule_next ON schedule (next_fire_at) WHERE next_fire_at IS NOT NULL;

-- ---------------------------------------------------------------- runs: the durable record, in partitions

-- Everything of a run lies by LIST of retention class, then by RANGE of the run's creation day, which its
-- UUIDv7 carries. signalbox_ensure_days() makes the leaves; there is no DEFAULT partition.

CREATE TABLE run (
  retention_class text NOT NULL,
  id uuid NOT NULL,
  workspace_id uuid NOT NULL,
  flow_id uuid NOT NULL,
  deployment_id uuid NOT NULL,
  version_id uuid NOT NULL,
  pool_id uuid,
  queue_id uuid,
  schedule_id uuid,
  name text NOT NULL,
  tags text[] NOT NULL DEFAULT '{}',
  parameters jsonb NOT NULL,
  created_by text NOT NULL,
  actor_id uuid,
  due_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  -- Null while the run is live (then run_dispatch has its state); written at the terminal transition.
  state_type text,
  state_name text,
  state_message text,
  attempt integer,
  epoch bigint,
  started_at timestamptz,
  ended_at timestamptz,
  -- [{ type, name, message?, at }], oldest first; folded in at the end.
  states jsonb,
  failure jsonb,
  result jsonb,
  PRIMARY KEY (retention_class, id)
) PARTITION BY LIST (retention_class);
-- The run list: newest first within a workspace, by keyset on id.
CREATE INDEX run_workspace ON run (workspace_id, id DESC);
-- Ended runs by state, and a deployment's runs, newest first.
CREATE INDEX run_deployment ON run (deployment_id, id DESC);
CREATE INDEX run_state ON run (workspace_id, state_type, id DESC) WHERE state_type IS NOT NULL;

-- One row for each epoch that is over (the current one is in run_dispatch).
CREATE TABLE attempt (
  retention_class text NOT NULL,
  run_id uuid NOT NULL,
  epoch bigint NOT NULL,
  workspace_id uuid NOT NULL,
  attempt integer NOT NULL,
  agent_id uuid,
  claimed_at timestamptz NOT NULL,
  granted_at timestamptz,
  started_at timestamptz,
  ended_at timestamptz NOT NULL,
  state_type text NOT NULL,
  state_name text NOT NULL,
  message text,
  PRIMARY KEY (retention_class, run_id, epoch)
) PARTITION BY LIST (retention_class);

CREATE TABLE task_run (
  retention_class text NOT NULL,
  run_id uuid NOT NULL,
  epoch bigint NOT NULL,
  ordinal integer NOT NULL,
  workspace_id uuid NOT NULL,
  kind text NOT NULL,
  task_key text NOT NULL,
  name text NOT NULL,
  parent_ordinal integer,
  upstream integer[] NOT NULL DEFAULT '{}',
  -- Number of the transition stored here; an older one never overwrites it.
  seq integer NOT NULL,
  state_type text NOT NULL,
  state_name text NOT NULL,
  attempt integer NOT NULL,
  message text,
  failure jsonb,
  started_at timestamptz,
  ended_at timestamptz,
  PRIMARY KEY (retention_class, run_id, epoch, ordinal)
) PARTITION BY LIST (retention_class);

-- A row holds one report entry of up to 1,000 lines.
CREATE TABLE log (
  retention_class text NOT NULL,
  run_id uuid NOT NULL,
  epoch bigint NOT NULL,
  n bigint NOT NULL,
  workspace_id uuid NOT NULL,
  at timestamptz NOT NULL,
  -- Highest level in it: 0 debug, 1 info, 2 warn, 3 error.
  max_level smallint NOT NULL,
  lines jsonb NOT NULL,
  PRIMARY KEY (retention_class, run_id, epoch, n)
) PARTITION BY LIST (retention_class);

CREATE TABLE artifact (
  retention_class text NOT NULL,
  run_id uuid NOT NULL,
  epoch bigint NOT NULL,
  ordinal integer NOT NULL,
  workspace_id uuid NOT NULL,
  id uuid NOT NULL,
  n bigint NOT NULL,
  kind text NOT NULL,
  key text,
  description text,
  data jsonb NOT NULL,
  task_ordinal integer,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (retention_class, run_id, epoch, ordinal)
) PARTITION BY LIST (retention_class);

-- ---------------------------------------------------------------- dispatch: present while the run is live

CREATE TABLE run_dispatch (
  run_id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL,
  retention_class text NOT NULL,
  deployment_id uuid NOT NULL,
  version_id uuid NOT NULL,
  pool_id uuid,
  queue_id uuid,
  state_type text NOT NULL,
  state_name text NOT NULL,
  state_message text,
  state_at timestamptz NOT NULL,
  -- Due instant on the wall clock; also the rank within the queue.
  due_at timestamptz NOT NULL,
  epoch bigint NOT NULL DEFAULT 0,
  attempt integer NOT NULL DEFAULT 0,
  -- Owner while PENDING, RUNNING, PAUSED (process waits) or CANCELLING.
  agent_id uuid,
  claimed_at timestamptz,
  permit_request_id uuid,
  granted_at timestamptz,
  started_at timestamptz,
  first_started_at timestamptz,
  -- Served time at which the reaper acts, whatever the state is; null: nothing but the owner's lease.
  deadline_at timestamptz,
  -- Limit (pool, queue or deployment id) on which it waits; null: in the claim's index.
  parked_on uuid,
  -- Served time since which its agent did not name it.
  unnamed_since timestamptz,
  retries integer NOT NULL DEFAULT 0,
  infrastructure_attempts integer NOT NULL DEFAULT 0,
  start_failures integer NOT NULL DEFAULT 0,
  first_start_failure_at timestamptz,
  excluded_agents uuid[] NOT NULL DEFAULT '{}',
  -- Why it is CANCELLING: 'asked', or 'pause-expired' (then it fails).
  cancel_cause text,
  late_at timestamptz,
  -- Deadline of a run that nobody holds, in served time.
  expires_at timestamptz NOT NULL,
  -- Bytes that its parameters, name and tags take in a claim's answer.
  payload_bytes integer NOT NULL DEFAULT 0,
  states jsonb NOT NULL DEFAULT '[]'
) WITH (fillfactor = 60); -- five updates in a life of seconds: room for HOT where no index moves
-- The claim's index: best run of a queue first. Nothing of history is in it.
CREATE INDEX run_dispatch_claim ON run_dispatch (queue_id, due_at, run_id)
  WHERE state_type = 'SCHEDULED' AND parked_on IS NULL;
-- What an agent holds: renewals, the reaper.
CREATE INDEX run_dispatch_agent ON run_dispatch (agent_id) WHERE agent_id IS NOT NULL;
-- What waits on a limit: woken when a slot is freed.
CREATE INDEX run_dispatch_parked ON run_dispatch (parked_on, due_at, run_id) WHERE parked_on IS NOT NULL;
-- What nobody holds, by the end of its patience: the reaper.
CREATE INDEX run_dispatch_expiry ON run_dispatch (expires_at) WHERE agent_id IS NULL;

-- Occupancy: one row for a run that holds its slots of pool, queue and deployment. Counted, never summed up elsewhere.
CREATE TABLE holder (
  run_id uuid PRIMARY KEY,
  epoch bigint NOT NULL,
  workspace_id uuid NOT NULL,
  pool_id uuid NOT NULL,
  queue_id uuid NOT NULL,
  deployment_id uuid NOT NULL,
  agent_id uuid NOT NULL,
  taken_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX holder_pool ON holder (pool_id, queue_id);
CREATE INDEX holder_deployment ON holder (deployment_id);

-- Answers of claims, so that a repeat reads the same; swept after ten minutes.
-- Agents choose the ids: unique to one agent, so that nobody can take another's.
CREATE TABLE claim (
  agent_id uuid NOT NULL,
  id uuid NOT NULL,
  workspace_id uuid NOT NULL,
  made_at timestamptz NOT NULL DEFAULT now(),
  run_ids uuid[] NOT NULL DEFAULT '{}',
  epochs bigint[] NOT NULL DEFAULT '{}',
  PRIMARY KEY (agent_id, id)
);
CREATE INDEX claim_made ON claim (made_at);

-- Position up to which a channel of an agent's spool is stored. Locked first by every batch of reports.
CREATE TABLE report_channel (
  agent_id uuid NOT NULL,
  spool_id uuid NOT NULL,
  channel text NOT NULL CHECK (channel IN ('state', 'bulk')),
  workspace_id uuid NOT NULL,
  watermark bigint NOT NULL DEFAULT 0,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (agent_id, spool_id, channel)
) WITH (fillfactor = 60);

-- Reports that were refused, kept aside for people; blocks nothing.
CREATE TABLE refused_report (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL,
  agent_id uuid NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  channel text NOT NULL,
  n bigint,
  code text NOT NULL,
  message text NOT NULL,
  entry jsonb
);
CREATE INDEX refused_report_workspace ON refused_report (workspace_id, id DESC);

-- Same key, same body: the run made before. Same key, other body: conflict.
CREATE TABLE idempotency_key (
  workspace_id uuid NOT NULL,
  deployment_id uuid NOT NULL,
  key text NOT NULL,
  body_hash bytea NOT NULL,
  run_id uuid NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (workspace_id, deployment_id, key)
);
-- Expired ones: the sweep.
CREATE INDEX idempotency_key_expiry ON idempotency_key (expires_at);

-- ---------------------------------------------------------------- loops

-- Which replica runs a loop's shard. Correctness never depends on it.
CREATE TABLE shard_lease (
  loop text NOT NULL,
  shard integer NOT NULL,
  holder_id uuid NOT NULL,
  -- Goes up with every change of holder; part of offers' message ids.
  number bigint NOT NULL DEFAULT 1,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (loop, shard)
);

-- Served time: advances, by compare-and-set and never faster than the clock, only while some replica proves its
-- loop, Postgres and NATS end to end. Leases and deadlines are in it, so an outage of ours ends none.
CREATE TABLE served_clock (
  id integer PRIMARY KEY CHECK (id = 1),
  served_at timestamptz NOT NULL,
  ticked_at timestamptz NOT NULL
);
INSERT INTO served_clock VALUES (1, now(), now());

CREATE FUNCTION served_now() RETURNS timestamptz LANGUAGE sql STABLE
  RETURN (SELECT served_at FROM served_clock);

-- The number a claim gives is above every number given before on this or an earlier Postgres timeline.
CREATE FUNCTION next_epoch(current bigint) RETURNS bigint LANGUAGE sql VOLATILE
  RETURN greatest(current + 1,
    (('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::bigint << 32) + 1);

-- ---------------------------------------------------------------- partitions

-- First UUIDv7 of a day.
CREATE FUNCTION signalbox_day_floor(day date) RETURNS uuid LANGUAGE sql IMMUTABLE
  RETURN (overlay(lpad(to_hex((extract(epoch FROM day::timestamp) * 1000)::bigint), 12, '0') placing '-' from 9 for 0)
    || '-0000-0000-000000000000')::uuid;

-- Makes the leaves for `days` days from `first_day`, for every retention class named. Safe to repeat. Leaves get
-- forced row-level security without a policy and no grants: they are reached through their parents only.
CREATE FUNCTION signalbox_ensure_days(classes text[], first_day date, days integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
  parent text; class text; day date; list_name text; leaf text; made integer := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('signalbox_ensure_days'));
  FOREACH class IN ARRAY classes LOOP
    IF class !~ '^d[0-9]{1,4}$' THEN
      RAISE EXCEPTION 'retention class must be d and a number of days, got %', class;
    END IF;
    FOREACH parent IN ARRAY ARRAY['run', 'attempt', 'task_run', 'log', 'artifact'] LOOP
      list_name := parent || '_' || class;
      IF to_regclass('public.' || list_name) IS NULL THEN
        EXECUTE format('CREATE TABLE public.%I PARTITION OF public.%I FOR VALUES IN (%L) PARTITION BY RANGE (%I)',
          list_name, parent, class, CASE parent WHEN 'run' THEN 'id' ELSE 'run_id' END);
        EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', list_name);
        EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', list_name);
      END IF;
      FOR i IN 0 .. days - 1 LOOP
        day := first_day + i;
        leaf := list_name || '_' || to_char(day, 'YYYYMMDD');
        IF to_regclass('public.' || leaf) IS NULL THEN
          -- Made apart and then attached, which lets reads and writes of the parent go on; PARTITION OF would wait for
          -- every reader of it, and have everyone else wait behind.
          EXECUTE format('CREATE TABLE public.%I (LIKE public.%I INCLUDING ALL)', leaf, list_name);
          EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', leaf);
          EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', leaf);
          EXECUTE format('ALTER TABLE public.%I ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
            list_name, leaf, public.signalbox_day_floor(day), public.signalbox_day_floor(day + 1));
          made := made + 1;
        END IF;
      END LOOP;
    END LOOP;
  END LOOP;
  RETURN made;
END $$;
REVOKE ALL ON FUNCTION signalbox_ensure_days(text[], date, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION signalbox_ensure_days(text[], date, integer) TO signalbox_system;

-- ---------------------------------------------------------------- row-level security

-- Roles: owner (migrations), app (one workspace a transaction), report (the workspaces of a batch), system (loops).
DO $$
DECLARE
  t text;
  workspace_tables text[] := ARRAY['workspace_member', 'api_key', 'audit_entry', 'work_pool', 'work_queue', 'agent',
    'join_code', 'flow', 'deployment', 'deployment_version', 'schedule', 'run', 'attempt', 'task_run', 'log', 'artifact',
    'run_dispatch', 'holder', 'claim', 'report_channel', 'refused_report', 'idempotency_key'];
  report_tables text[] := ARRAY['work_pool', 'work_queue', 'agent', 'flow', 'deployment', 'deployment_version', 'run',
    'attempt', 'task_run', 'log', 'artifact', 'run_dispatch', 'holder', 'claim', 'report_channel', 'refused_report'];
  organization_tables text[] := ARRAY['organization', 'organization_member'];
  closed_tables text[] := ARRAY['identity_user', 'identity_session', 'identity_account', 'identity_verification',
    'identity_rate_limit', 'identity_device_login', 'nats_account', 'shard_lease'];
BEGIN
  FOREACH t IN ARRAY workspace_tables || organization_tables || closed_tables || ARRAY['workspace', 'served_clock'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY owner_all ON %I TO signalbox_owner USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY system_all ON %I TO signalbox_system USING (true) WITH CHECK (true)', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO signalbox_system', t);
  END LOOP;

  FOREACH t IN ARRAY workspace_tables LOOP
    EXECUTE format('CREATE POLICY app_workspace ON %I TO signalbox_app
      USING (workspace_id = (SELECT nullif(current_setting(''signalbox.workspace'', true), '''')::uuid))', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO signalbox_app', t);
  END LOOP;
  FOREACH t IN ARRAY report_tables LOOP
    EXECUTE format('CREATE POLICY report_workspaces ON %I TO signalbox_report
      USING (workspace_id = ANY ((SELECT string_to_array(nullif(current_setting(''signalbox.workspaces'', true), ''''), '','')::uuid[])::uuid[]))', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO signalbox_report', t);
  END LOOP;

  EXECUTE 'CREATE POLICY app_workspace ON workspace TO signalbox_app
    USING (id = (SELECT nullif(current_setting(''signalbox.workspace'', true), '''')::uuid))';
  GRANT SELECT ON workspace TO signalbox_app;
  EXECUTE 'CREATE POLICY report_workspaces ON workspace TO signalbox_report
    USING (id = ANY ((SELECT string_to_array(nullif(current_setting(''signalbox.workspaces'', true), ''''), '','')::uuid[])::uuid[]))';
  GRANT SELECT ON workspace TO signalbox_report;

  EXECUTE 'CREATE POLICY app_organization ON organization TO signalbox_app
    USING (id = (SELECT nullif(current_setting(''signalbox.organization'', true), '''')::uuid))';
  EXECUTE 'CREATE POLICY app_organization ON organization_member TO signalbox_app
    USING (organization_id = (SELECT nullif(current_setting(''signalbox.organization'', true), '''')::uuid))';
  GRANT SELECT ON organization, organization_member TO signalbox_app;

  -- Served time is nobody's secret; only loops move it.
  EXECUTE 'CREATE POLICY read_all ON served_clock FOR SELECT TO signalbox_app, signalbox_report USING (true)';
  GRANT SELECT ON served_clock TO signalbox_app, signalbox_report;
END $$;

-- Less than their policy: the audit only grows; nobody's role, key or credential changes in place; what agents alone say
-- is read, and deleted with its run.
REVOKE UPDATE, DELETE ON audit_entry, join_code FROM signalbox_app;
REVOKE INSERT, UPDATE, DELETE ON workspace_member, agent, claim, report_channel, refused_report FROM signalbox_app;
REVOKE INSERT, UPDATE ON task_run, log, artifact FROM signalbox_app;
REVOKE UPDATE, DELETE ON api_key FROM signalbox_app;
GRANT UPDATE (revoked_at) ON api_key TO signalbox_app;
-- What people ask of an agent, and what any transition of a run counts.
GRANT UPDATE (drain, revoked_at, start_failures, backoff_until) ON agent TO signalbox_app;

SELECT signalbox_ensure_days(ARRAY['d30'], (now() AT TIME ZONE 'UTC')::date - 1, 9);

-- Layers (DESIGN, invariant 14): pool template < code < operator overlay < schedule < run.
--
-- `deployment_version.code` is what code says, never changed. What dispatch reads (`deployment_version.config` and the
-- columns of `deployment`) is code with the overlay merged over it: written when either changes and when an overlay
-- ends, so that a claim reads no more than before.

SET lock_timeout = '5s';

-- ---------------------------------------------------------------- versions

ALTER TABLE deployment_version
  -- The fields that code names; one that it leaves out is missing.
  ADD COLUMN code jsonb NOT NULL DEFAULT '{}',
  -- Counts up within the deployment.
  ADD COLUMN number integer NOT NULL DEFAULT 0,
  ADD COLUMN deployed_by text;

UPDATE deployment_version v SET
  number = (SELECT count(*) FROM deployment_version o WHERE o.deployment_id = v.deployment_id AND o.id <= v.id),
  -- What was deployed before had every field; the grace and start timeout were never code's.
  code = (v.config - 'graceMs' - 'startTimeoutMs') || jsonb_build_object('description', d.description, 'tags', to_jsonb(d.tags),
    'parameterSchema', d.parameter_schema, 'parameters', d.parameters, 'concurrencyLimit', d.concurrency_limit)
    || CASE WHEN p.name IS NULL THEN '{}' ELSE jsonb_build_object('pool', p.name) END
    || CASE WHEN q.name IS NULL THEN '{}' ELSE jsonb_build_object('queue', q.name) END
FROM deployment d LEFT JOIN work_pool p ON p.id = d.pool_id LEFT JOIN work_queue q ON q.id = d.queue_id
WHERE d.id = v.deployment_id;

-- The list of a deployment's versions, newest first, and its next number.
CREATE UNIQUE INDEX deployment_version_number ON deployment_version (deployment_id, number DESC) WHERE number > 0;

-- ---------------------------------------------------------------- overlay

-- What people set over code, one row a path. A deploy never touches it.
CREATE TABLE deployment_overlay (
  deployment_id uuid NOT NULL REFERENCES deployment ON DELETE CASCADE,
  -- timeoutMs, parameters.city, variables.env.HOME
  path text NOT NULL CHECK (octet_length(path) <= 2000),
  workspace_id uuid NOT NULL REFERENCES workspace ON DELETE CASCADE,
  -- JSON null is a value.
  value jsonb NOT NULL,
  -- Hides what code says: the field has its default, a key is gone.
  removed boolean NOT NULL DEFAULT false,
  reason text NOT NULL,
  author_kind text NOT NULL,
  author_id uuid,
  author_name text NOT NULL,
  set_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz,
  PRIMARY KEY (deployment_id, path)
);
-- The expiry loop's only question: what ends next.
CREATE INDEX deployment_overlay_expiry ON deployment_overlay (expires_at) WHERE expires_at IS NOT NULL;

-- A pause of before is one that people set.
INSERT INTO deployment_overlay (deployment_id, path, workspace_id, value, reason, author_kind, author_name)
SELECT id, 'paused', workspace_id, 'true', '', 'user', 'before overlays' FROM deployment WHERE paused;

-- ---------------------------------------------------------------- pools and runs

ALTER TABLE work_pool
  -- { variables: JSON Schema, job }; null: the launcher's own.
  ADD COLUMN template jsonb,
  -- What of it a claim carries: { variables: the defaults, job }; null: variables are passed on as they are.
  ADD COLUMN job_defaults jsonb;

-- The run's own layer; null: none.
ALTER TABLE run ADD COLUMN variables jsonb;

-- ---------------------------------------------------------------- who may

ALTER TABLE deployment_overlay ENABLE ROW LEVEL SECURITY;
ALTER TABLE deployment_overlay FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON deployment_overlay TO signalbox_owner USING (true) WITH CHECK (true);
CREATE POLICY system_all ON deployment_overlay TO signalbox_system USING (true) WITH CHECK (true);
CREATE POLICY app_workspace ON deployment_overlay TO signalbox_app
  USING (workspace_id = (SELECT nullif(current_setting('signalbox.workspace', true), '')::uuid));
GRANT SELECT, INSERT, UPDATE, DELETE ON deployment_overlay TO signalbox_system, signalbox_app;

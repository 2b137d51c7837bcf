-- Service levels: what is promised of a deployment or an asset, and when it was not kept.
SET lock_timeout = '5s';

CREATE TABLE sla (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspace ON DELETE CASCADE,
  name text NOT NULL,
  kind text NOT NULL,
  deployment_id uuid REFERENCES deployment ON DELETE CASCADE,
  asset text,
  seconds integer NOT NULL CHECK (seconds > 0),
  severity text NOT NULL,
  is_enabled boolean NOT NULL DEFAULT true,
  -- From when on it is promised: what was before is no violation.
  since timestamptz NOT NULL DEFAULT now(),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CHECK ((deployment_id IS NULL) <> (asset IS NULL)),
  UNIQUE (workspace_id, name)
);
CREATE INDEX sla_deployment ON sla (deployment_id) WHERE deployment_id IS NOT NULL;

CREATE TABLE sla_violation (
  id uuid PRIMARY KEY,
  sla_id uuid NOT NULL REFERENCES sla ON DELETE CASCADE,
  workspace_id uuid NOT NULL REFERENCES workspace ON DELETE CASCADE,
  -- The run that broke it; null: there was none, and that is it.
  run_id uuid,
  run_name text,
  -- When it was broken, and when that was over.
  at timestamptz NOT NULL,
  met_at timestamptz
);
-- Once a run, and once at a time: whoever looks first tells it.
CREATE UNIQUE INDEX sla_violation_run ON sla_violation (sla_id, run_id) WHERE run_id IS NOT NULL;
CREATE UNIQUE INDEX sla_violation_open ON sla_violation (sla_id) WHERE run_id IS NULL AND met_at IS NULL;
CREATE INDEX sla_violation_feed ON sla_violation (sla_id, id DESC);
CREATE INDEX sla_violation_unmet ON sla_violation (sla_id) WHERE met_at IS NULL;
-- What the sweep asks for.
CREATE INDEX sla_violation_at ON sla_violation (at);

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['sla', 'sla_violation'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY owner_all ON %I TO signalbox_owner USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY system_all ON %I TO signalbox_system USING (true) WITH CHECK (true)', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO signalbox_system', t);
    EXECUTE format('CREATE POLICY app_workspace ON %I TO signalbox_app
      USING (workspace_id = (SELECT nullif(current_setting(''signalbox.workspace'', true), '''')::uuid))', t);
  END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE, DELETE ON sla TO signalbox_app;
GRANT SELECT ON sla_violation TO signalbox_app;

-- Assets: what tasks make, when it was made last, and from what. Written with the report that tells of it.
SET lock_timeout = '5s';

CREATE TABLE asset (
  workspace_id uuid NOT NULL REFERENCES workspace ON DELETE CASCADE,
  uri text NOT NULL CHECK (length(uri) BETWEEN 1 AND 512),
  name text,
  description text,
  url text,
  owners text[] NOT NULL DEFAULT '{}',
  last_materialized_at timestamptz,
  last_failed_at timestamptz,
  last_run_id uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (workspace_id, uri)
);

-- `downstream` was made from `upstream`, as the last time it was told.
CREATE TABLE asset_edge (
  workspace_id uuid NOT NULL,
  downstream text NOT NULL,
  upstream text NOT NULL,
  seen_at timestamptz NOT NULL,
  PRIMARY KEY (workspace_id, downstream, upstream),
  FOREIGN KEY (workspace_id, downstream) REFERENCES asset ON DELETE CASCADE,
  FOREIGN KEY (workspace_id, upstream) REFERENCES asset ON DELETE CASCADE
);
CREATE INDEX asset_edge_upstream ON asset_edge (workspace_id, upstream, downstream);

-- The last ones of each asset; what is told of one lives on when its run is gone.
CREATE TABLE asset_materialization (
  workspace_id uuid NOT NULL,
  uri text NOT NULL,
  run_id uuid NOT NULL,
  epoch bigint NOT NULL,
  ordinal integer NOT NULL,
  at timestamptz NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('materialized', 'failed')),
  run_name text NOT NULL,
  flow text NOT NULL,
  task_run text NOT NULL,
  -- An envelope: { encoding, body }.
  metadata jsonb NOT NULL,
  upstream text[] NOT NULL,
  -- Told again after a restore, it is the same row.
  PRIMARY KEY (workspace_id, uri, run_id, epoch, ordinal),
  FOREIGN KEY (workspace_id, uri) REFERENCES asset ON DELETE CASCADE
);
CREATE INDEX asset_materialization_last ON asset_materialization (workspace_id, uri, at DESC);

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['asset', 'asset_edge', 'asset_materialization'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY owner_all ON %I TO signalbox_owner USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY system_all ON %I TO signalbox_system USING (true) WITH CHECK (true)', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO signalbox_system', t);
    EXECUTE format('CREATE POLICY app_workspace ON %I TO signalbox_app
      USING (workspace_id = (SELECT nullif(current_setting(''signalbox.workspace'', true), '''')::uuid))', t);
    EXECUTE format('CREATE POLICY report_workspaces ON %I TO signalbox_report
      USING (workspace_id = ANY ((SELECT string_to_array(nullif(current_setting(''signalbox.workspaces'', true), ''''), '','')::uuid[])::uuid[]))', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO signalbox_report', t);
    EXECUTE format('GRANT SELECT, DELETE ON %I TO signalbox_app', t);
  END LOOP;
END $$;

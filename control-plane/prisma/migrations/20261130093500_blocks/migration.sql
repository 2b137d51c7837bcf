-- Blocks: settings typed by the schema of their type. Secret fields hold references; no secret is ever in here.
SET lock_timeout = '5s';

CREATE TABLE block_type (
  workspace_id uuid NOT NULL REFERENCES workspace ON DELETE CASCADE,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
  description text NOT NULL DEFAULT '',
  -- JSON Schema of an object.
  schema jsonb NOT NULL,
  secret_fields text[] NOT NULL DEFAULT '{}',
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (workspace_id, name)
);

CREATE TABLE block (
  workspace_id uuid NOT NULL,
  type text NOT NULL,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
  -- An envelope: { encoding, body }.
  value jsonb NOT NULL,
  description text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (workspace_id, type, name),
  FOREIGN KEY (workspace_id, type) REFERENCES block_type ON DELETE RESTRICT,
  FOREIGN KEY (workspace_id) REFERENCES workspace ON DELETE CASCADE
);

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['block_type', 'block'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY owner_all ON %I TO signalbox_owner USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY system_all ON %I TO signalbox_system USING (true) WITH CHECK (true)', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO signalbox_system', t);
    EXECUTE format('CREATE POLICY app_workspace ON %I TO signalbox_app
      USING (workspace_id = (SELECT nullif(current_setting(''signalbox.workspace'', true), '''')::uuid))', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO signalbox_app', t);
  END LOOP;
END $$;
CREATE POLICY report_workspaces ON block TO signalbox_report
  USING (workspace_id = ANY ((SELECT string_to_array(nullif(current_setting('signalbox.workspaces', true), ''), ',')::uuid[])::uuid[]));
GRANT SELECT ON block TO signalbox_report;
